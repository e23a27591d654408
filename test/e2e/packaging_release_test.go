//go:build e2e

package e2e

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func TestReleaseIsReproducible(t *testing.T) {
	one := released(t, pluginVersion(t))
	// Another folder, and a developer's own settings.
	t.Setenv("GOAMD64", "v3")
	t.Setenv("GOFLAGS", "-buildvcs=auto")
	t.Setenv("TZ", "Asia/Tokyo")
	two := makeRelease(t, filepath.Join(t.TempDir(), "some", "where else"), one.version, "PLATFORMS="+here+" "+there)
	names := namesIn(t, one.dist)
	if others := namesIn(t, two.dist); !slices.Equal(names, others) {
		t.Fatalf("one release has %v, the other %v", names, others)
	}
	want := []string{
		"checksums.txt", one.file(here), one.file(there), "helm-hooks-" + one.version + ".cdx.json", "hooks.yaml",
	}
	slices.Sort(want)
	if !slices.Equal(names, want) {
		t.Errorf("a release has %v, want %v", names, want)
	}
	for _, name := range names {
		if !bytes.Equal(read(t, filepath.Join(one.dist, name)), read(t, filepath.Join(two.dist, name))) {
			t.Errorf("%s differs between two builds of the same sources", name)
		}
	}
}

func TestReleaseChecksums(t *testing.T) {
	r := released(t, pluginVersion(t))
	lines := strings.Split(strings.TrimSpace(string(read(t, filepath.Join(r.dist, "checksums.txt")))), "\n")
	var named []string
	for _, line := range lines {
		sum, name, ok := strings.Cut(line, "  ")
		if !ok {
			t.Fatalf("checksums.txt has the line %q", line)
		}
		named = append(named, name)
		if got := sha256.Sum256(read(t, filepath.Join(r.dist, name))); hex.EncodeToString(got[:]) != sum {
			t.Errorf("the checksum of %s is wrong", name)
		}
	}
	if want := slices.DeleteFunc(namesIn(t, r.dist), func(name string) bool { return name == "checksums.txt" }); !slices.Equal(named, want) {
		t.Errorf("checksums.txt names %v, want %v", named, want)
	}
}

func TestReleaseArchives(t *testing.T) {
	r := released(t, pluginVersion(t))
	for _, platform := range []string{here, there} {
		t.Run(platform, func(t *testing.T) {
			files := map[string]packed{}
			for _, one := range unpack(t, filepath.Join(r.dist, r.file(platform))) {
				name := one.header.Name
				if _, twice := files[name]; twice || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "/") {
					t.Errorf("entry %q: Helm 3 takes neither a folder twice nor ./", name)
				}
				if parent := filepath.Dir(strings.TrimSuffix(name, "/")); parent != "." && files[parent+"/"].header.Name == "" {
					t.Errorf("entry %q has no entry for its folder before it: Helm 3 makes none", name)
				}
				if one.header.Uid != 0 || one.header.Uname != "" || one.header.ModTime.Year() != 1980 {
					t.Errorf("entry %q tells who made it, and when", name)
				}
				files[name] = one
			}
			windows := strings.HasPrefix(platform, "windows/")
			exe := "helm-hooks"
			if windows {
				exe += ".exe"
			}
			for name, mode := range map[string]int64{
				"plugin.yaml": 0o644, "completion.yaml": 0o644,
				"helm-hooks/plugin.yaml": 0o644, "helm-hooks/completion.yaml": 0o644, "helm-hooks/LICENSE": 0o644,
				"helm-hooks/README.md": 0o644, "helm-hooks/THIRD_PARTY_NOTICES.txt": 0o644, "helm-hooks/bin/" + exe: 0o755,
			} {
				if files[name].header.Mode != mode || len(files[name].data) == 0 {
					t.Errorf("%s has mode %o and %d bytes", name, files[name].header.Mode, len(files[name].data))
				}
			}
			for _, name := range []string{"plugin.complete", "helm-hooks/plugin.complete", "helm-hooks/scripts/plugin-install.sh", "helm-hooks/bin/kubectl_complete-hooks"} {
				if _, ok := files[name]; ok == windows {
					t.Errorf("%s is in the archive: %v", name, ok)
				} else if ok && files[name].header.Mode != 0o755 {
					t.Errorf("%s is not executable", name)
				}
			}
			binary := files["helm-hooks/bin/"+exe].data
			if len(binary) > 60<<20 {
				t.Errorf("the binary has %d bytes", len(binary))
			}
			checkModules(t, r, platform, binary, string(files["helm-hooks/THIRD_PARTY_NOTICES.txt"].data))
		})
	}
}

// checkModules compares what the linker says is in a binary with the notices and the bill of materials.
func checkModules(t *testing.T, r release, platform string, binary []byte, notices string) {
	t.Helper()
	info, err := buildinfo.Read(bytes.NewReader(binary))
	if err != nil {
		t.Fatal(err)
	}
	if len(info.Deps) < 20 {
		t.Errorf("the binary names %d modules", len(info.Deps))
	}
	var bom struct {
		BOMFormat, SpecVersion, SerialNumber string
		Components                           []struct {
			Name, Version, PURL string
			Licenses            []struct{ License struct{ ID string } }
			Properties          []struct{ Name, Value string }
		}
	}
	if err := json.Unmarshal(read(t, filepath.Join(r.dist, "helm-hooks-"+r.version+".cdx.json")), &bom); err != nil {
		t.Fatal(err)
	}
	if bom.BOMFormat != "CycloneDX" || bom.SpecVersion != "1.6" || len(bom.SerialNumber) != len("urn:uuid:00000000-0000-0000-0000-000000000000") {
		t.Errorf("the bill of materials begins with %s %s %s", bom.BOMFormat, bom.SpecVersion, bom.SerialNumber)
	}
	listed := map[string]bool{}
	for _, c := range bom.Components {
		elsewhere := len(c.Properties) > 0 && !slices.Contains(strings.Fields(c.Properties[0].Value), platform)
		if !elsewhere {
			listed[c.Name+" "+c.Version] = true
		}
		if len(c.Licenses) == 0 || c.Licenses[0].License.ID == "" || !strings.HasPrefix(c.PURL, "pkg:golang/"+c.Name+"@") {
			t.Errorf("the bill of materials has a component %+v", c)
		}
	}
	list, texts, _ := strings.Cut(notices, "\n====")
	want := map[string]bool{"stdlib " + strings.TrimPrefix(info.GoVersion, "go"): true}
	for _, dep := range info.Deps {
		id := dep.Path + " " + dep.Version
		want[id] = true
		if !strings.Contains(list, "\n  "+id+" ") {
			t.Errorf("the notices do not name %s", id)
		}
		if !strings.Contains(texts, "\n"+id+"  ") {
			t.Errorf("the notices have no text for %s", id)
		}
	}
	for id := range want {
		if !listed[id] {
			t.Errorf("the bill of materials does not name %s", id)
		}
	}
	if len(listed) != len(want) {
		t.Errorf("the bill of materials has %d components for %s, the binary %d", len(listed), platform, len(want))
	}
	for _, setting := range info.Settings {
		if strings.HasPrefix(setting.Key, "vcs") {
			t.Errorf("the binary tells %s=%s, which depends on the clone", setting.Key, setting.Value)
		}
	}
	if bytes.Contains(binary, []byte(at.checkout)) || bytes.Contains(binary, []byte(filepath.Dir(r.dist))) {
		t.Error("the binary tells where it was built")
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func namesIn(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// The bill of materials is what CycloneDX's own schema says, which the encoder's module carries.
func TestReleaseBillOfMaterials(t *testing.T) {
	r := released(t, pluginVersion(t))
	cmd := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/CycloneDX/cyclonedx-go")
	cmd.Dir = filepath.Join(at.root, "tools")
	dir, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	const base = "http://cyclonedx.org/schema/"
	compiler := jsonschema.NewCompiler()
	for name, file := range map[string]string{
		"bom-1.6.schema.json": "bom-1.6.schema.json", "spdx.schema.json": "spdx.schema.json", "jsf-0.82.schema.json": "jsf-0.82.schemax.json",
	} {
		schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(read(t, filepath.Join(strings.TrimSpace(string(dir)), "schema", file))))
		if err != nil {
			t.Fatal(err)
		}
		if err := compiler.AddResource(base+name, schema); err != nil {
			t.Fatal(err)
		}
	}
	schema, err := compiler.Compile(base + "bom-1.6.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	bom, err := jsonschema.UnmarshalJSON(bytes.NewReader(read(t, filepath.Join(r.dist, "helm-hooks-"+r.version+".cdx.json"))))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(bom); err != nil {
		t.Error(err)
	}
	bom.(map[string]any)["components"].([]any)[0].(map[string]any)["type"] = "no such type"
	if schema.Validate(bom) == nil {
		t.Error("the schema takes anything")
	}
}
