package main

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// standardLibrary stands for Go's own packages, which the binary's module list leaves out. Vulnerability databases
// know them by this name.
const standardLibrary = "stdlib"

// module is a Go module in the binary.
type module struct {
	path, version string
	// sum is go.sum's hash of the module, "" for the standard library.
	sum string
	// licences are the SPDX identifiers of the module's own licence.
	licences []string
	// texts are what has to be passed on: the licences and notices above each linked package.
	texts []text
	// needs are the paths of the modules whose packages this one's import.
	needs []string
}

// text is one licence or notice.
type text struct {
	// file is its place in the module.
	file, body string
}

// inventory is what one binary contains.
type inventory struct {
	platform platform
	modules  []module
	// direct are the paths of the modules that our own packages import.
	direct []string
}

// listed is the part of `go list -json` that is needed.
type listed struct {
	ImportPath, Dir string
	Standard        bool
	Imports         []string
	Module          *struct{ Path, Dir string }
}

// takeInventory names what a binary contains: the modules by what the linker wrote into it, their folders by the go
// command.
func takeInventory(ctx context.Context, root, binary string, p platform) (inventory, error) {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return inventory{}, err
	}
	packages, err := listPackages(ctx, root, p)
	if err != nil {
		return inventory{}, err
	}
	goroot, err := output(goCommand(ctx, root, p, "env", "GOROOT"))
	if err != nil {
		return inventory{}, err
	}

	byModule, owner := map[string][]listed{}, map[string]string{}
	for _, one := range packages {
		path := standardLibrary
		if !one.Standard {
			path = one.Module.Path
		}
		byModule[path] = append(byModule[path], one)
		owner[one.ImportPath] = path
	}
	all := []module{{path: standardLibrary, version: strings.TrimPrefix(strings.Fields(info.GoVersion)[0], "go")}}
	for _, dep := range info.Deps {
		m := module{path: dep.Path, version: dep.Version, sum: dep.Sum}
		if dep.Replace != nil {
			m.version, m.sum = dep.Replace.Version, dep.Replace.Sum
		}
		all = append(all, m)
	}
	for i := range all {
		m := &all[i]
		linked := byModule[m.path]
		if len(linked) == 0 {
			return inventory{}, fmt.Errorf("module %s is in the binary, but go list names no package of it", m.path)
		}
		dir := strings.TrimSpace(string(goroot))
		if m.path != standardLibrary {
			dir = linked[0].Module.Dir
		}
		if err := m.read(dir, linked); err != nil {
			return inventory{}, fmt.Errorf("module %s %s: %w", m.path, m.version, err)
		}
		m.needs = needed(m.path, byModule, owner)
	}
	return inventory{platform: p, modules: all, direct: needed(info.Main.Path, byModule, owner)}, nil
}

// needed are the modules whose packages the linked packages of one module import.
func needed(path string, byModule map[string][]listed, owner map[string]string) []string {
	var needs []string
	for _, one := range byModule[path] {
		for _, imported := range one.Imports {
			if other := owner[imported]; other != "" && other != path {
				needs = append(needs, other)
			}
		}
	}
	slices.Sort(needs)
	return slices.Compact(needs)
}

func listPackages(ctx context.Context, root string, p platform) ([]listed, error) {
	out, err := output(goCommand(ctx, root, p, "list", "-deps", "-json=ImportPath,Dir,Standard,Imports,Module", mainPackage))
	if err != nil {
		return nil, err
	}
	var all []listed
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var one listed
		err := decoder.Decode(&one)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
}

var (
	legal   = regexp.MustCompile(`(?i)^(licen[cs]es?|copying|copyright|unlicense|notice|patents)([.-].*)?$`)
	licence = regexp.MustCompile(`(?i)^(licen|copy|unlicen)`)
)

// read collects the legal texts that lie in the folders of the linked packages and above them, up to the module's.
func (m *module) read(root string, linked []listed) error {
	seen := map[string]bool{}
	for _, one := range linked {
		for dir := one.Dir; ; dir = filepath.Dir(dir) {
			if !seen[dir] {
				seen[dir] = true
				if err := m.readFolder(root, dir); err != nil {
					return err
				}
			}
			if dir == root || len(dir) < len(root) {
				break
			}
		}
	}
	slices.SortFunc(m.texts, func(a, b text) int { return strings.Compare(a.file, b.file) })
	for _, t := range m.texts {
		if strings.Contains(t.file, "/") || !licence.MatchString(t.file) {
			continue
		}
		for _, match := range licensecheck.Scan([]byte(t.body)).Match {
			m.licences = append(m.licences, match.ID)
		}
	}
	slices.Sort(m.licences)
	m.licences = slices.Compact(m.licences)
	if len(m.licences) == 0 {
		return fmt.Errorf("no licence is known by its text in %s", root)
	}
	for _, id := range m.licences {
		if !slices.Contains(allowed, id) {
			return fmt.Errorf("licence %s is not one of %s", id, strings.Join(allowed, ", "))
		}
	}
	return nil
}

// allowed are the licences that a binary under Apache-2.0 may contain; a new one wants a look first.
var allowed = []string{"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MPL-2.0"}

func (m *module) readFolder(root, dir string) error {
	files, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, file := range files {
		// LICENSE.docs is about documentation, of which the binary has none.
		if file.IsDir() || slices.Contains([]string{".go", ".docs"}, filepath.Ext(file.Name())) || !legal.MatchString(file.Name()) {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, file.Name()))
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, filepath.Join(dir, file.Name()))
		if err != nil {
			return err
		}
		body := strings.Trim(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n")
		m.texts = append(m.texts, text{file: filepath.ToSlash(rel), body: body})
	}
	return nil
}
