package failures

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func read(t *testing.T, text string) ([]Row, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "failures.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Read(path)
}

func TestRead(t *testing.T) {
	rows, err := read(t, `# a comment
- name: test-filter
  action: test
  fail: [Job/check, "resources:wait"]
  interrupt: [Job/other]
  kill: [resources]
  flags: [--filter=name=check, --wait]
  then: [upgrade, uninstall]
  status: [1 deployed, 2 pending-upgrade]
- {name: b, action: install, chart: other, status: []}
`)
	if err != nil {
		t.Fatal(err)
	}
	if rows[0].Chart != DefaultChart || rows[1].Chart != "other" || !slices.Equal(rows[0].Status, []string{"1 deployed", "2 pending-upgrade"}) || len(rows[1].Status) != 0 {
		t.Errorf("read %+v", rows)
	}
	want := "--action test --fail Job/check --fail resources:wait --interrupt Job/other --kill resources --filter=name=check --wait --then upgrade --then uninstall"
	if got := strings.Join(rows[0].Args(), " "); got != want {
		t.Errorf("arguments %s, want %s", got, want)
	}
	if got := strings.Join(rows[1].Args(), " "); got != "--action install" {
		t.Errorf("arguments %s", got)
	}
}

func TestReadRefuses(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"- {name: a, action: install, status: [], stattus: []}", "stattus"},
		{"- {name: A, action: install, status: []}", "lower-case"},
		{"- {name: a, action: delete, status: []}", `"delete" is no action`},
		{"- {name: a, action: install, then: [delete], status: []}", `"delete" is no action`},
		{"- {name: a, action: install, flags: [--force], status: []}", `"--force" is no flag`},
		{"- {name: a, action: install}", "no status"},
		{"- {name: a, action: install, status: [failed]}", "REVISION STATUS"},
		{"- {name: a, action: install, status: []}\n- {name: a, action: test, status: []}", "taken"},
		{"name: a", "failure table"},
	} {
		if _, err := read(t, c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.text, err, c.want)
		}
	}
	if _, err := Read(filepath.Join(t.TempDir(), "none.yaml")); err == nil {
		t.Error("a table that is not there was read")
	}
}

func TestTheTableReads(t *testing.T) {
	rows, err := Read("../../testdata/failures.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if _, err := os.Stat(filepath.Join("../../testdata/charts", row.Chart, "Chart.yaml")); err != nil {
			t.Errorf("%s: %v", row.Name, err)
		}
	}
}
