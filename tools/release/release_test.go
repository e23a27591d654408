package main

import (
	"bytes"
	"crypto"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/clearsign"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// checkout is the repository, seen from this package.
var checkout = filepath.Join("..", "..")

var linux, windows = platform{"linux", "amd64"}, platform{"windows", "arm64"}

func TestParse(t *testing.T) {
	o, err := parse([]string{"-platforms", "linux/amd64  windows/arm64", "-version", "1.2.3"})
	if err != nil || !slices.Equal(o.platforms, []platform{linux, windows}) || o.version != "1.2.3" {
		t.Errorf("%+v, %v", o, err)
	}
	for _, args := range [][]string{{}, {"-platforms", "linux"}, {"-platforms", "linux/amd64", "more"}} {
		if o, err := parse(args); err == nil {
			t.Errorf("%v is taken as %+v", args, o)
		}
	}
}

func TestVersionIsPluginYAMLs(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ yaml, version, want string }{
		{"name: hooks\nversion: 1.2.3\n", "1.2.3", ""},
		{"name: hooks\nversion: 1.2.3-rc.1\n", "1.2.3-rc.1", ""},
		{"name: hooks\nversion: 1.2.3\n", "1.2.4", `plugin.yaml says "1.2.3"`},
		{"name: hooks\nversion: v1.2.3\n", "v1.2.3", "not of the form"},
		{"name: hooks\n", "1.2.3", "no line with a version"},
	} {
		if err := os.WriteFile(filepath.Join(dir, "plugin.yaml"), []byte(c.yaml), 0o644); err != nil {
			t.Fatal(err)
		}
		err := checkVersion(dir, c.version)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q and %s: %v", c.yaml, c.version, err)
		}
	}
}

// The archive's root has the folder's files, pointing into it.
func TestTheRootPointsIntoTheFolder(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "binary")
	if err := os.WriteFile(binary, []byte("program"), 0o755); err != nil {
		t.Fatal(err)
	}
	entries, err := contents(checkout, binary, linux, "notices")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, one := range entries {
		files[one.name] = string(one.data)
	}
	for name, pointers := range map[string][]string{
		"plugin.yaml":     {"$HELM_PLUGIN_DIR/helm-hooks/bin/helm-hooks", `$HELM_PLUGIN_DIR\helm-hooks\bin\helm-hooks.exe`, "$HELM_PLUGIN_DIR/helm-hooks/scripts/plugin-install.sh"},
		"plugin.complete": {`$(dirname "$0")/helm-hooks/bin/helm-hooks`},
	} {
		for _, pointer := range pointers {
			here := strings.Replace(strings.Replace(pointer, "helm-hooks/", "", 1), `helm-hooks\`, "", 1)
			if !strings.Contains(files[name], pointer) || strings.Contains(files[name], here) {
				t.Errorf("%s at the root does not point to %s:\n%s", name, pointer, files[name])
			}
			if !strings.Contains(files["helm-hooks/"+name], here) {
				t.Errorf("%s in the folder does not point to %s:\n%s", name, here, files["helm-hooks/"+name])
			}
		}
	}
	if files["helm-hooks/bin/helm-hooks"] != "program" || files["helm-hooks/THIRD_PARTY_NOTICES.txt"] != "notices" {
		t.Error("the binary or the notices are missing")
	}
}

func TestPackGivesTheSameBytes(t *testing.T) {
	entries := func() []entry {
		return []entry{{name: "b/c/d", data: []byte("1"), executable: true}, {name: "a", data: []byte("2")}, {name: "b/c/e"}}
	}
	backwards := entries()
	slices.Reverse(backwards)
	dir := t.TempDir()
	one, two := filepath.Join(dir, "one"), filepath.Join(dir, "two")
	first, err := pack(one, entries())
	if err != nil {
		t.Fatal(err)
	}
	second, err := pack(two, backwards)
	if err != nil || first != second {
		t.Errorf("%s and %s: %v", first, second, err)
	}
	if sum, err := sha256Of(one); err != nil || sum != first {
		t.Errorf("pack says %s, the file has %s: %v", first, sum, err)
	}
}

func TestLegalTexts(t *testing.T) {
	const mit = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`
	root := t.TempDir()
	for file, data := range map[string]string{
		"LICENSE": mit, "NOTICE": "a notice", "licence.go": "package p", "forked/x/COPYING.md": "of the fork",
		"unused/LICENSE": "of what is not linked", "LICENSE.docs": "of the documentation",
	} {
		if err := os.MkdirAll(filepath.Join(root, filepath.Dir(file)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, file), []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	m := module{path: "example.com/m", version: "v1.0.0"}
	if err := m.read(root, []listed{{Dir: filepath.Join(root, "forked", "x")}, {Dir: root}}); err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, one := range m.texts {
		files = append(files, one.file)
	}
	if want := []string{"LICENSE", "NOTICE", "forked/x/COPYING.md"}; !slices.Equal(files, want) || !slices.Equal(m.licences, []string{"MIT"}) {
		t.Errorf("the texts are %v, the licences %v", files, m.licences)
	}
	got := notices("1.2.3", inventory{platform: linux, modules: []module{m}})
	for _, want := range []string{"helm-hooks 1.2.3 for linux/amd64", "example.com/m v1.0.0", "a notice", "of the fork"} {
		if !strings.Contains(got, want) {
			t.Errorf("the notices do not contain %q", want)
		}
	}

	if err := os.WriteFile(filepath.Join(root, "LICENSE"), []byte("Do as you like."), 0o644); err != nil {
		t.Fatal(err)
	}
	unknown := module{}
	if err := unknown.read(root, []listed{{Dir: root}}); err == nil || !strings.Contains(err.Error(), "no licence is known") {
		t.Errorf("an unknown licence: %v", err)
	}
}

func TestBillOfMaterials(t *testing.T) {
	shared := module{path: "example.com/a", version: "v1.0.0+incompatible", sum: "h1:AAAA", licences: []string{"MIT"}, needs: []string{"stdlib"}}
	std := module{path: standardLibrary, version: "1.2.3", licences: []string{"BSD-3-Clause"}}
	only := module{path: "example.com/w", version: "v1.0.0", sum: "h1:AAAA", licences: []string{"ISC"}}
	binaries := []inventory{
		{platform: linux, modules: []module{std, shared}, direct: []string{"example.com/a"}},
		{platform: windows, modules: []module{std, shared, only}, direct: []string{"example.com/a", "example.com/w"}},
	}
	first, err := billOfMaterials("1.2.3", binaries)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"pkg:golang/example.com/a@v1.0.0%2Bincompatible"`, `"value": "windows/arm64"`, `"serialNumber": "urn:uuid:`,
		`"pkg:golang/stdlib@1.2.3"`, `"id": "ISC"`,
	} {
		if !strings.Contains(string(first), want) {
			t.Errorf("no %s in\n%s", want, first)
		}
	}
	if strings.Contains(string(first), "linux/amd64") {
		t.Error("what both platforms have is said to be one's")
	}
	if second, _ := billOfMaterials("1.2.3", binaries); !bytes.Equal(first, second) {
		t.Error("the same release has two bills")
	}
	number := regexp.MustCompile(`urn:uuid:[0-9a-f-]{36}"`)
	other, err := billOfMaterials("1.2.4", binaries)
	if err != nil || number.FindString(string(first)) == "" || number.FindString(string(first)) == number.FindString(string(other)) {
		t.Errorf("two releases have the same number, or none: %v", err)
	}
}

// What a signature says is checked as Helm does it (helm v4 pkg/provenance/sign.go). A key whose primary half only
// certifies signs with its subkey.
func TestSign(t *testing.T) {
	entity, err := openpgp.NewEntity("Release", "", "release@example.com", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := entity.AddSigningSubkey(nil); err != nil {
		t.Fatal(err)
	}
	var private bytes.Buffer
	if err := entity.SerializePrivate(&private, nil); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, private.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	key, err := readKey(path, "")
	if err != nil {
		t.Fatal(err)
	}
	if !key.IsSubkey {
		t.Error("the primary key signs, not its subkey")
	}
	signed, err := sign(key, "1.2.3", archive{File: "a.tar.gz", SHA256: strings.Repeat("0", 64)})
	if err != nil {
		t.Fatal(err)
	}
	block, _ := clearsign.Decode(signed)
	if block == nil {
		t.Fatalf("no signature in\n%s", signed)
	}
	config := &packet.Config{DefaultHash: crypto.SHA512}
	if _, err := openpgp.CheckDetachedSignature(openpgp.EntityList{entity}, bytes.NewReader(block.Bytes), block.ArmoredSignature.Body, config); err != nil {
		t.Error(err)
	}
	metadata, sums, found := strings.Cut(string(block.Plaintext), "\n...\n")
	if !found || !strings.Contains(metadata, "version: 1.2.3") || !strings.Contains(sums, "a.tar.gz: sha256:0000") {
		t.Errorf("it says\n%s", block.Plaintext)
	}
}

// An older release goes, what is not of a release stays.
func TestPublish(t *testing.T) {
	d, to := &draft{dir: t.TempDir()}, t.TempDir()
	if err := d.write("helm-hooks-2.0.0-linux-amd64.tar.gz", []byte("new")); err != nil {
		t.Fatal(err)
	}
	for _, old := range []string{"helm-hooks-1.0.0-linux-amd64.tar.gz", "checksums.txt", "mine"} {
		if err := os.WriteFile(filepath.Join(to, old), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := publish(d, to); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(to)
	if err != nil || len(entries) != 2 || entries[0].Name() != d.files[0] || entries[1].Name() != "mine" {
		t.Errorf("%v, %v", entries, err)
	}
}

func TestTooLargeABinaryFails(t *testing.T) {
	large := filepath.Join(t.TempDir(), "large")
	if err := os.WriteFile(large, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(large, maxBinary+1); err != nil {
		t.Fatal(err)
	}
	if err := report(io.Discard, large, large); err == nil {
		t.Error("a binary of more than 60 MiB passes")
	}
}
