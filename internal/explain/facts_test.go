package explain

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
	"github.com/helm-hooks/helm-hooks/test/failures"
)

// root is the top of the repository, seen from this package.
var root = filepath.Join("..", "..")

// afterwards heads the column of a table that testdata/failures.yaml answers for.
const afterwards = "history afterwards"

// The status tables are those of testdata/failures.yaml, which test/oracle holds against Helm's own code.
func TestStatusTablesAreThoseOfTheFailureTable(t *testing.T) {
	rows, err := failures.Read(filepath.Join(root, "testdata", "failures.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	status := map[string]string{}
	for _, row := range rows {
		status[row.Name] = "no record"
		if len(row.Status) > 0 {
			status[row.Name] = strings.Join(row.Status, ", ")
		}
	}
	for _, topic := range Topics() {
		cases := topic.valuesOf("case")
		var said []string
		for _, row := range tableWith(topic, afterwards) {
			said = append(said, row[len(row)-1])
		}
		if len(said) != len(cases) {
			t.Errorf("%s: %d rows and %d cases", topic.Name, len(said), len(cases))
			continue
		}
		for i, name := range cases {
			if want, known := status[name]; !known || said[i] != want {
				t.Errorf("%s: %s: %q, want %q", topic.Name, name, said[i], want)
			}
		}
	}
}

// tableWith gives the rows, without header, of the tables whose header has a cell.
func tableWith(topic Topic, cell string) [][]string {
	var rows [][]string
	for _, b := range blocks(topic.Description) {
		if b.kind == table && slices.Contains(b.rows[0], cell) {
			rows = append(rows, b.rows[1:]...)
		}
	}
	return rows
}

// whole is a chart with a Job for each event that a release can be stopped at.
const whole = `{apiVersion: batch/v1, kind: Job, metadata: {name: pre, annotations: {helm.sh/hook: "pre-install,pre-upgrade,pre-rollback,pre-delete"}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: plain}}`

// reach plays commands and gives the state they leave.
func reach(t *testing.T, name string, commands ...plan.Command) plan.State {
	t.Helper()
	var state plan.State
	for _, command := range commands {
		_, state = play(t, name, state, command)
	}
	return state
}

func play(t *testing.T, name string, state plan.State, command plan.Command) (plan.Outcome, plan.State) {
	t.Helper()
	render := func(plan.Fields) (plan.Rendered, error) { return plan.Rendered{Documents: documents(whole)}, nil }
	trace, next, err := plan.Run(engine(t, name), shop, state, command, render)
	if err != nil {
		t.Fatal(err)
	}
	return trace.Outcome, next
}

// stopped is a command during whose hook something goes wrong.
func stopped(action plan.Action, at plan.FaultPoint) plan.Command {
	return plan.Command{Action: action, Faults: []plan.Fault{{Object: "Job/pre", At: at, Times: 1}}}
}

func TestTheHistoryTableIsWhatTheMachineRefuses(t *testing.T) {
	install := plan.Command{Action: plan.Install}
	upgrade := plan.Command{Action: plan.Upgrade}
	keep := plan.Command{Action: plan.Uninstall, Options: plan.Options{KeepHistory: true}}
	ways := map[string][]plan.Command{
		"deployed":         {install, upgrade},
		"failed":           {install, stopped(plan.Upgrade, plan.FaultWait)},
		"pending-install":  {stopped(plan.Install, plan.FaultKill)},
		"pending-upgrade":  {install, stopped(plan.Upgrade, plan.FaultKill)},
		"pending-rollback": {install, upgrade, stopped(plan.Rollback, plan.FaultWait)},
		"uninstalling":     {install, upgrade, stopped(plan.Uninstall, plan.FaultWait)},
		"uninstalled":      {install, upgrade, keep},
	}
	tries := []plan.Command{upgrade, {Action: plan.Rollback}, {Action: plan.Uninstall}, {Action: plan.Install, Options: plan.Options{Replace: true}}}
	topic, _ := Lookup("history")
	rows := tableWith(topic, "last status")
	if len(rows) != len(ways) {
		t.Errorf("%d rows, %d statuses", len(rows), len(ways))
	}
	for _, row := range rows {
		for _, name := range []string{"helm3", "helm4"} {
			state := reach(t, name, ways[row[0]]...)
			if history := state.History(); len(history) == 0 || string(history[len(history)-1].Status) != row[0] {
				t.Fatalf("%s: %s is not reached but %v", name, row[0], history)
			}
			for i, command := range tries {
				outcome, _ := play(t, name, state, command)
				got := "works"
				if outcome.Refused {
					got = "refused"
				} else if outcome.Result != plan.OK {
					got = "fails"
				}
				if got != row[i+1] {
					t.Errorf("%s: %s of what is %s: %s (%s), the table says %s", name, command.Action, row[0], got, outcome.Error, row[i+1])
				}
			}
		}
	}
}

// annotated is a hook with one annotation as it is written in a table.
func annotated(key, value string) string {
	return "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n  annotations:\n    helm.sh/hook: test\n    " + key + ": " + value + "\n"
}

func TestTheWeightTableIsWhatHelmReads(t *testing.T) {
	topic, _ := Lookup("weight")
	rows := tableWith(topic, "weight")
	if len(rows) < 5 {
		t.Fatalf("%d rows", len(rows))
	}
	for _, row := range rows {
		if got := readAs(t, annotated("helm.sh/hook-weight", row[0]))[0]; got != "hook test weight "+row[1] {
			t.Errorf("%s: %s, the table says %s", row[0], got, row[1])
		}
	}
}

func TestTheTableOfValuesIsWhatHelmReads(t *testing.T) {
	topic, _ := Lookup("ignored")
	rows := tableWith(topic, "helm.sh/hook")
	if len(rows) < 5 {
		t.Fatalf("%d rows", len(rows))
	}
	for _, row := range rows {
		document := strings.Replace(annotated("x", "y"), "helm.sh/hook: test", "helm.sh/hook: "+row[0], 1)
		got := readAs(t, document)[0]
		if dropped := strings.HasPrefix(row[1], "dropped"); dropped != (got == "dropped") {
			t.Errorf("helm.sh/hook: %s: %s, the table says %s", row[0], got, row[1])
		}
	}
}

func TestTheVersionTableHasEveryBoundaryOfTheRules(t *testing.T) {
	topic, _ := Lookup("versions")
	var said []string
	for _, row := range tableWith(topic, "since") {
		said = append(said, row[0])
	}
	boundaries := sinceCalls(t)
	if len(boundaries) < 10 {
		t.Fatalf("only %q are found in pkg/plan: are the rules by version still written since(major, minor, patch)?", boundaries)
	}
	for _, boundary := range boundaries {
		if !slices.Contains(said, boundary) {
			t.Errorf("pkg/plan has a rule since %s, the topic has not", boundary)
		}
	}
}

// sinceCalls finds the versions in calls since(major, minor, patch) in pkg/plan.
func sinceCalls(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root, "pkg", "plan", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(node ast.Node) bool {
			call, ok := node.(*ast.CallExpr)
			if !ok || len(call.Args) != 3 {
				return true
			}
			var parts []string
			for _, argument := range call.Args {
				if number, ok := argument.(*ast.BasicLit); ok && number.Kind == token.INT {
					parts = append(parts, number.Value)
				}
			}
			if function, ok := call.Fun.(*ast.Ident); ok && function.Name == "since" && len(parts) == 3 {
				found = append(found, strings.Join(parts, "."))
			}
			return true
		})
	}
	return found
}

// Each change that a topic tells is in the table of versions, and in its order.
func TestTheVersionTableHasTheChangesOfAllTopics(t *testing.T) {
	topic, _ := Lookup("versions")
	since := map[string]bool{}
	for _, b := range blocks(topic.Description) {
		var before [3]int
		for _, row := range b.rows[min(1, len(b.rows)):] {
			next := firstVersion(t, row[0])
			if slices.Compare(before[:], next[:]) >= 0 {
				t.Errorf("%s is out of order", row[0])
			}
			before, since[row[0]] = next, true
		}
	}
	for _, other := range Topics() {
		for _, change := range other.Changed {
			if strings.Contains(change.Versions, " to ") {
				continue
			}
			for version := range strings.SplitSeq(change.Versions, ", ") {
				if !since[version] {
					t.Errorf("%s: the change of %s is not in the table", other.Name, version)
				}
			}
		}
	}
}

var firstNumber = regexp.MustCompile(`^(\d+)\.(\d+)\.(\d+)`)

func firstVersion(t *testing.T, text string) (version [3]int) {
	t.Helper()
	parts := firstNumber.FindStringSubmatch(text)
	if parts == nil {
		t.Fatalf("%q does not begin with a version", text)
	}
	for i := range version {
		version[i], _ = strconv.Atoi(parts[i+1])
	}
	return version
}

func TestTheEngineTableIsWhatCanBeAskedFor(t *testing.T) {
	topic, _ := Lookup("engines")
	known := regexp.MustCompile(`^(\d+)\.(\d+) to (\d+)\.(\d+)$`)
	for _, row := range tableWith(topic, "engine") {
		parts := known.FindStringSubmatch(row[2])
		if parts == nil {
			t.Fatalf("%s: %q is not of the form 3.13 to 3.22", row[0], row[2])
		}
		newest := engine(t, row[0])
		if got := fmt.Sprintf("%s.%s", parts[3], parts[4]); got != newest.MinorVersion() {
			t.Errorf("%s: the newest is %s, the table says %s", row[0], newest.MinorVersion(), got)
		}
		if _, err := plan.ParseEngine(row[0] + "@" + parts[1] + "." + parts[2]); err != nil {
			t.Errorf("%s: %v", row[0], err)
		}
		if minor, _ := strconv.Atoi(parts[2]); minor > 0 {
			if _, err := plan.ParseEngine(fmt.Sprintf("%s@%s.%d", row[0], parts[1], minor-1)); err == nil {
				t.Errorf("%s: older versions than %s.%s are known", row[0], parts[1], parts[2])
			}
		}
	}
	for _, name := range plan.EngineNames() {
		versioned := func(row []string) bool { return row[0] == name }
		if name != "template" && !slices.ContainsFunc(tableWith(topic, "engine"), versioned) {
			t.Errorf("the topic does not know the engine %s", name)
		}
	}
}

func TestOnlyAMissingPolicyBringsTheDefault(t *testing.T) {
	for annotation, want := range map[string]string{"x": "true", `helm.sh/hook-delete-policy`: "false"} {
		document := annotated(annotation, `""`)
		made := planOf(t, Topic{Name: annotation, Example: document}, "helm4")
		for _, timeline := range made.Timelines {
			if timeline.Action != plan.Test {
				continue
			}
			if got := strconv.FormatBool(timeline.Phases[0].Steps[0].PolicyFromDefault); got != want {
				t.Errorf("%s: default %s, want %s", annotation, got, want)
			}
		}
	}
}
