package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
	"github.com/helm-hooks/helm-hooks/test/failures"
)

// Each row of the failure table, which test/oracle holds against Helm's own code, is a golden file here:
// what people read when that happens to them.
func Test_every_way_to_fail_is_as_its_golden_file(t *testing.T) {
	inRepository(t)
	rows, err := failures.Read("testdata/failures.yaml")
	if err != nil {
		t.Fatal(err)
	}
	wanted := map[string]bool{}
	for _, row := range rows {
		for _, engine := range []string{"helm3", "helm4"} {
			path := filepath.Join("testdata", "golden", "failures", row.Name+"."+engine)
			wanted[path] = true
			t.Run(filepath.Base(path), func(t *testing.T) {
				arguments := append([]string{"plan", "./testdata/charts/" + row.Chart, "--engine", engine}, rowArguments(row, engine)...)
				got := run(t, map[string]string{"LC_ALL": "C.UTF-8"}, nil, arguments...)
				if got.code != 0 || got.stderr != "" {
					t.Fatalf("exit code %d, stderr %q", got.code, got.stderr)
				}
				golden(t, path, "$ helm hooks "+strings.Join(arguments, " ")+"\n"+got.stdout)
				endsWith(t, got.stdout, row)
			})
		}
	}
	files, err := filepath.Glob("testdata/golden/failures/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !wanted[file] {
			t.Errorf("%s belongs to no row", file)
			if *update {
				_ = os.Remove(file)
			}
		}
	}
}

// rowArguments write a row for one Helm. The actions that follow go without the row's flags.
func rowArguments(row failures.Row, engine string) []string {
	var arguments []string
	for i, argument := range row.Args() {
		if argument == "--atomic" && engine == "helm4" {
			argument = "--rollback-on-failure"
		}
		if i > 0 && row.Args()[i-1] == "--then" {
			for _, flag := range row.Flags {
				if name, _, hasValue := strings.Cut(strings.TrimPrefix(flag, "--"), "="); !hasValue && slices.Contains(takers[name], plan.Action(argument)) {
					if name == "atomic" && engine == "helm4" {
						name = "rollback-on-failure"
					}
					argument += " --" + name + "=false"
				}
			}
		}
		arguments = append(arguments, argument)
	}
	return arguments
}

// endsWith demands that the status which Helm was seen to leave is the last one that is told.
func endsWith(t *testing.T, text string, row failures.Row) {
	t.Helper()
	status := strings.Join(row.Status, ", ")
	if len(row.Status) == 0 {
		return
	}
	if !strings.Contains(text, status) {
		t.Errorf("nothing says %q", status)
	}
}
