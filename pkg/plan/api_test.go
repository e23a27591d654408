package plan

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var updateAPI = flag.Bool("update-api", false, "write the exported names to testdata/api.txt")

// What others import changes only on purpose.
func TestExportedNames(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".go") || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), entry.Name(), nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, exported(t, file)...)
	}
	slices.Sort(names)
	got := strings.Join(names, "\n") + "\n"
	if *updateAPI {
		if err := os.WriteFile("testdata/api.txt", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/api.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("the exported names changed (-update-api writes them):\n%s", diff)
	}
}

// exported lists the exported top-level names of a file and demands that each has a doc comment.
func exported(t *testing.T, file *ast.File) []string {
	t.Helper()
	var names []string
	for _, declaration := range file.Decls {
		switch d := declaration.(type) {
		case *ast.FuncDecl:
			name := "func " + d.Name.Name
			if d.Recv != nil {
				name = "method " + receiver(d) + "." + d.Name.Name
			}
			if d.Name.IsExported() && (d.Recv == nil || ast.IsExported(receiver(d))) {
				names = append(names, name)
				if d.Doc == nil {
					t.Errorf("%s has no doc comment", name)
				}
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					if s.Name.IsExported() {
						names = append(names, "type "+s.Name.Name)
						if d.Doc == nil && s.Doc == nil {
							t.Errorf("type %s has no doc comment", s.Name.Name)
						}
					}
				case *ast.ValueSpec:
					for _, n := range s.Names {
						if n.IsExported() {
							names = append(names, d.Tok.String()+" "+n.Name)
						}
					}
				}
			}
		}
	}
	return names
}

func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return ""
	}
	switch r := d.Recv.List[0].Type.(type) {
	case *ast.StarExpr:
		if name, ok := r.X.(*ast.Ident); ok {
			return name.Name
		}
	case *ast.Ident:
		return r.Name
	}
	return ""
}
