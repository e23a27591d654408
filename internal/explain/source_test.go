package explain

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// moduleDirs are where the two SDKs of go.mod lie, by version.
func moduleDirs(t *testing.T) map[string]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Version}} {{.Dir}}", "helm.sh/helm/v3", "helm.sh/helm/v4").Output()
	if err != nil {
		t.Fatal(err)
	}
	dirs := map[string]string{}
	for line := range strings.Lines(string(out)) {
		v, dir, _ := strings.Cut(strings.TrimSpace(line), " ")
		dirs[v] = dir
	}
	return dirs
}

// A source names what is there, in the versions that go.mod requires: whoever requires a newer Helm reads the
// places again.
func TestSourcesAreInHelmsCode(t *testing.T) {
	dirs := moduleDirs(t)
	declared := map[string][]string{}
	places := 0
	for _, topic := range Topics() {
		for _, source := range topic.Sources {
			for _, v := range source.Versions {
				dir, required := dirs[v]
				if !required {
					t.Errorf("%s: %s is not a version in go.mod", topic.Name, v)
					continue
				}
				file := filepath.Join(dir, filepath.FromSlash(source.File))
				if declared[file] == nil {
					declared[file] = declarations(t, file)
				}
				for _, name := range source.Names {
					places++
					if !slices.Contains(declared[file], name) {
						t.Errorf("%s: %s %s declares no %s", topic.Name, v, source.File, name)
					}
				}
			}
		}
	}
	if places < 100 {
		t.Errorf("only %d places were looked at", places)
	}
}

// declarations are the names at the top level of a file, methods included. A file that is not there has none.
func declarations(t *testing.T, path string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Error(err)
		return []string{}
	}
	names := []string{}
	for _, declaration := range file.Decls {
		switch declaration := declaration.(type) {
		case *ast.FuncDecl:
			names = append(names, declaration.Name.Name)
		case *ast.GenDecl:
			for _, spec := range declaration.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					names = append(names, spec.Name.Name)
				case *ast.ValueSpec:
					for _, ident := range spec.Names {
						names = append(names, ident.Name)
					}
				}
			}
		}
	}
	return names
}

func TestADeclarationThatIsNotThereIsMissed(t *testing.T) {
	names := declarations(t, "source_test.go")
	if !slices.Contains(names, "declarations") || slices.Contains(names, "execHook") {
		t.Errorf("declared: %q", names)
	}
}
