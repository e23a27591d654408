// Package failures reads testdata/failures.yaml: what each way to fail leaves of a release. The table is
// held against Helm's own code by test/oracle, and each row is also a golden file of the command line.
package failures

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// DefaultChart is the folder of testdata/charts that a row plays if it names none.
const DefaultChart = "every-event"

// Row is one way to fail. The action starts from an empty cluster if it is an install, from a release of
// one revision if it is an upgrade, uninstall or test, and goes back from revision 2 to 1 if it is a
// rollback.
type Row struct {
	// Name is unique, of lower-case letters, digits and dashes: it names a golden file.
	Name   string `json:"name"`
	Action string `json:"action"`
	Chart  string `json:"chart,omitempty"`
	// Fail, Interrupt and Kill say where it goes wrong. Each strikes once, at its first chance in the action.
	Fail      []string `json:"fail,omitempty"`
	Interrupt []string `json:"interrupt,omitempty"`
	Kill      []string `json:"kill,omitempty"`
	// Flags are those of the action alone.
	Flags []string `json:"flags,omitempty"`
	// Then are the actions after it, as they are without any flag.
	Then []string `json:"then,omitempty"`
	// Status is what `helm history` shows at the end: revision and status, oldest first.
	Status []string `json:"status"`
}

// Args is the row as flags of `helm hooks plan CHART`.
func (r Row) Args() []string {
	args := []string{"--action", r.Action}
	for _, flag := range []struct {
		name   string
		values []string
	}{{"--fail", r.Fail}, {"--interrupt", r.Interrupt}, {"--kill", r.Kill}} {
		for _, value := range flag.values {
			args = append(args, flag.name, value)
		}
	}
	args = append(args, r.Flags...)
	for _, action := range r.Then {
		args = append(args, "--then", action)
	}
	return args
}

// Read reads a table. Keys that it does not know are errors.
func Read(path string) ([]Row, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the failure table: %w", err)
	}
	var rows []Row
	if err := yaml.UnmarshalStrict(text, &rows); err != nil {
		return nil, fmt.Errorf("read the failure table %s: %w", path, err)
	}
	seen := map[string]bool{}
	for i := range rows {
		if rows[i].Chart == "" {
			rows[i].Chart = DefaultChart
		}
		if err := rows[i].check(); err != nil {
			return nil, fmt.Errorf("%s: row %d (%s): %w", path, i+1, rows[i].Name, err)
		}
		if seen[rows[i].Name] {
			return nil, fmt.Errorf("%s: row %d: the name %s is taken", path, i+1, rows[i].Name)
		}
		seen[rows[i].Name] = true
	}
	return rows, nil
}

var (
	nameForm   = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	statusForm = regexp.MustCompile(`^[1-9][0-9]* [a-z]+(-[a-z]+)*$`)
	actions    = []string{"install", "upgrade", "rollback", "uninstall", "test"}
	flags      = []string{"--atomic", "--wait", "--cleanup-on-fail", "--keep-history", "--no-hooks"}
)

func (r Row) check() error {
	switch {
	case !nameForm.MatchString(r.Name):
		return fmt.Errorf("the name %q is not of lower-case letters, digits and dashes", r.Name)
	case r.Status == nil:
		return fmt.Errorf("no status is given (use [] for no record)")
	}
	for _, action := range append([]string{r.Action}, r.Then...) {
		if !slices.Contains(actions, action) {
			return fmt.Errorf("%q is no action (valid are %s)", action, strings.Join(actions, ", "))
		}
	}
	for _, flag := range r.Flags {
		if !slices.Contains(flags, flag) && !strings.HasPrefix(flag, "--filter=name=") {
			return fmt.Errorf("%q is no flag of the table (valid are %s, --filter=name=NAME)", flag, strings.Join(flags, ", "))
		}
	}
	for _, status := range r.Status {
		if !statusForm.MatchString(status) {
			return fmt.Errorf("the status %q is not of the form REVISION STATUS", status)
		}
	}
	return nil
}
