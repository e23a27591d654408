package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// modulePath is the module that is released.
const modulePath = "github.com/helm-hooks/helm-hooks"

// billOfMaterials is a CycloneDX document about all binaries of a release. It has no time, and its number comes from
// its contents, so that the same release has the same document.
func billOfMaterials(version string, binaries []inventory) ([]byte, error) {
	self := purl(modulePath, "v"+version)
	bom := cdx.NewBOM()
	bom.Metadata = &cdx.Metadata{Component: &cdx.Component{
		BOMRef: self, Type: cdx.ComponentTypeApplication, Name: name, Version: version, PackageURL: self,
		Licenses: licences([]string{"Apache-2.0"}),
	}}

	found := map[string]module{}
	platforms := map[string][]string{}
	needs := map[string][]string{}
	for _, binary := range binaries {
		refs := map[string]string{}
		for _, m := range binary.modules {
			ref := purl(m.path, m.version)
			refs[m.path], found[ref] = ref, m
			platforms[ref] = append(platforms[ref], binary.platform.String())
		}
		link := func(from string, paths []string) {
			for _, path := range paths {
				if !slices.Contains(needs[from], refs[path]) {
					needs[from] = append(needs[from], refs[path])
				}
			}
		}
		link(self, binary.direct)
		for _, m := range binary.modules {
			link(refs[m.path], m.needs)
		}
	}

	var components []cdx.Component
	dependencies := []cdx.Dependency{dependency(self, needs)}
	for _, ref := range slices.Sorted(maps.Keys(found)) {
		one, err := component(ref, found[ref])
		if err != nil {
			return nil, err
		}
		if len(platforms[ref]) < len(binaries) {
			one.Properties = &[]cdx.Property{{Name: "helm-hooks:platforms", Value: strings.Join(platforms[ref], " ")}}
		}
		components = append(components, one)
		dependencies = append(dependencies, dependency(ref, needs))
	}
	bom.Components, bom.Dependencies = &components, &dependencies

	unnumbered, err := encode(bom)
	if err != nil {
		return nil, err
	}
	bom.SerialNumber = number(unnumbered)
	return encode(bom)
}

func component(ref string, m module) (cdx.Component, error) {
	one := cdx.Component{
		BOMRef: ref, Type: cdx.ComponentTypeLibrary, Name: m.path, Version: m.version, PackageURL: ref,
		Scope: cdx.ScopeRequired, Licenses: licences(m.licences),
	}
	if m.sum == "" {
		return one, nil
	}
	// go.sum's hash is a SHA-256 of the module's list of files.
	sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(m.sum, "h1:"))
	if err != nil {
		return one, fmt.Errorf("the sum of %s: %w", m.path, err)
	}
	one.Hashes = &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: hex.EncodeToString(sum)}}
	return one, nil
}

func licences(ids []string) *cdx.Licenses {
	var all cdx.Licenses
	for _, id := range ids {
		all = append(all, cdx.LicenseChoice{License: &cdx.License{ID: id}})
	}
	return &all
}

func dependency(ref string, needs map[string][]string) cdx.Dependency {
	slices.Sort(needs[ref])
	on := append([]string{}, needs[ref]...)
	return cdx.Dependency{Ref: ref, Dependencies: &on}
}

// purl is a package URL, in which a plus sign has to be escaped.
func purl(path, version string) string {
	return "pkg:golang/" + path + "@" + strings.ReplaceAll(version, "+", "%2B")
}

// number is a UUID made of a hash: version 8, which leaves its bits to the maker.
func number(data []byte) string {
	sum := sha256.Sum256(data)
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

func encode(bom *cdx.BOM) ([]byte, error) {
	var b bytes.Buffer
	// Version 1.6 is what today's readers know.
	err := cdx.NewBOMEncoder(&b, cdx.BOMFileFormatJSON).SetPretty(true).SetEscapeHTML(false).EncodeVersion(bom, cdx.SpecVersion1_6)
	return b.Bytes(), err
}
