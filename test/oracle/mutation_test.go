//go:build mutation

package oracle

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// mutations break one rule of the machine each. An oracle that does not notice is no oracle.
var mutations = []struct{ name, file, old, broken string }{
	{"ties go by kind, not by name", "order.go", "return running[i].Name < running[j].Name", "return false"},
	{"weights are turned round", "order.go", "return running[i].Weight < running[j].Weight", "return running[i].Weight > running[j].Weight"},
	{"no default policy", "machine_hooks.go", "return []DeletePolicy{BeforeHookCreation}", "return nil"},
	{"the default policy comes back beside others", "machine_hooks.go", "if len(h.DeletePolicies) == 0 {\n\t\treturn []DeletePolicy", "if !slices.Contains(h.DeletePolicies, BeforeHookCreation) {\n\t\treturn []DeletePolicy"},
	{"an empty part of an event list is passed over", "classify.go", "if !known {\n\t\t\treturn nil, part, false", "if part == \"\" {\n\t\t\tcontinue\n\t\t}\n\t\tif !known {\n\t\t\treturn nil, part, false"},
	{"events are case-sensitive", "classify.go", "eventOf(strings.ToLower(strings.TrimSpace(part)))", "eventOf(strings.TrimSpace(part))"},
	{"hook-succeeded deletions go forward", "machine_hooks.go", "if m.rules.succeededBackward {", "if false {"},
	{"earlier hooks stay after a failure", "machine_hooks.go", "if m.rules.earlierSucceeded {", "if false {"},
	{"policies run after a failed creation", "machine_hooks.go", "if !watched {", "if false && !watched {"},
	{"Helm 4 waits for deletions", "machine_hooks.go", "(!m.rules.waiters || waits(r.options))", "true"},
	{"CustomResourceDefinitions are deleted", "machine_hooks.go", `h.Kind == "CustomResourceDefinition" || `, ""},
	{"the apply method is not inherited", "machine_upgrade.go", "return recorded\n", "return true\n"},
	{"Helm 3 keeps the apply method", "machine_records.go", "record != nil && !m.rules.serverSideApply", "false"},
	{"foreign objects are always taken over", "machine_resources.go", "if !thing.owned && !take {", "if !thing.owned && false {"},
	{"force is not heeded", "machine_update.go", "!u.migrates && !u.forced && conflict(", "!u.migrates && conflict("},
	{"force is possible without server-side apply", "machine_update.go", "if u.forced && !u.serverSide {", "if false {"},
	{"ten revisions are kept, whatever was asked for", "machine_records.go", "if limit == 0 {", "if true {"},
	{"rollback runs the newest revision's hooks", "machine_upgrade.go", "original, inventory := last.inventory.Resources, target.inventory", "original, inventory := last.inventory.Resources, last.inventory"},
	{"a failed uninstall leaves the status alone", "machine_uninstall.go", "store := func() { m.setStatus(number, StatusUninstalling) }", "store := func() {}"},
	{"an update deletes nothing", "machine_update.go", "exists && !wanted[", "false && exists && !wanted["},
	{"uninstall deletes what it does not own", "machine_resources.go", "(!exists || !thing.owned)", "(!exists || false && !thing.owned)"},
	{"a leftover failed Job counts as a success", "machine_watch.go", "case one.existed && thing.condition == failed:", "case false:"},
	{"policies run after a signal", "machine_hooks.go", "if stopped := stopOf(err); stopped != nil {", "if stopped := stopOf(err); stopped != nil && false {"},
	{"a kill is caught", "fault.go", "if stopped.by == SignalInterrupt && ", "if "},
	{"a fault does not tire", "fault.go", "if s.fault.Times > 0 && ", "if false && "},
	{"an interrupted filter keeps all hooks", "machine_uninstall.go", "if stored {", "if stored && false {"},
}

// TestMutations runs the oracle over each broken machine and demands that it fails.
func TestMutations(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mutations {
		t.Run(m.name, func(t *testing.T) {
			path := filepath.Join(root, "pkg", "plan", m.file)
			source, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Count(string(source), m.old) != 1 {
				t.Fatalf("%s holds %q %d times, not once", m.file, m.old, strings.Count(string(source), m.old))
			}
			broken := filepath.Join(t.TempDir(), m.file)
			if err := os.WriteFile(broken, []byte(strings.Replace(string(source), m.old, m.broken, 1)), 0o644); err != nil {
				t.Fatal(err)
			}
			overlay, err := json.Marshal(map[string]map[string]string{"Replace": {path: broken}})
			if err != nil {
				t.Fatal(err)
			}
			list := filepath.Join(t.TempDir(), "overlay.json")
			if err := os.WriteFile(list, overlay, 0o644); err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command("go", "test", "-count=1", "-overlay", list, "-run", "TestTestdataCharts|TestGenerated$|TestFailureTable$|TestLeftover|TestCorners$", ".", "-rapid.nofailfile", "-rapid.shrinktime=1s").CombinedOutput()
			switch {
			case err == nil:
				t.Errorf("nobody noticed:\n%s", out)
			case !strings.Contains(string(out), "-Helm +machine") && !strings.Contains(string(out), "-Helm +classifier"):
				t.Errorf("it failed for another reason:\n%s", out)
			}
		})
	}
}
