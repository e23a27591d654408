package explain

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

func TestEveryFileIsATopicInTheIndex(t *testing.T) {
	topics, err := load(files)
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, topic := range topics {
		if topic.Group == "" {
			t.Errorf("%s stands under no heading", topic.Name)
		}
		listed = append(listed, topic.Name+".md")
	}
	slices.Sort(listed)
	entries, err := fs.ReadDir(files, "topics")
	if err != nil {
		t.Fatal(err)
	}
	var present []string
	for _, entry := range entries {
		if entry.Name() != "index.txt" {
			present = append(present, entry.Name())
		}
	}
	if diff := cmp.Diff(present, listed); diff != "" {
		t.Errorf("topics/index.txt does not list the files (-files +index):\n%s", diff)
	}
}

func TestEveryEventPolicyStatusAndRuleHasATopic(t *testing.T) {
	var names []string
	for _, event := range []plan.Event{
		plan.PreInstall, plan.PostInstall, plan.PreUpgrade, plan.PostUpgrade, plan.PreRollback,
		plan.PostRollback, plan.PreDelete, plan.PostDelete, plan.TestEvent,
	} {
		names = append(names, string(event))
	}
	for _, policy := range []plan.DeletePolicy{plan.BeforeHookCreation, plan.HookSucceeded, plan.HookFailed} {
		names = append(names, string(policy))
	}
	for _, status := range []plan.Status{
		plan.StatusPendingInstall, plan.StatusPendingUpgrade, plan.StatusPendingRollback, plan.StatusDeployed,
		plan.StatusFailed, plan.StatusSuperseded, plan.StatusUninstalling, plan.StatusUninstalled,
	} {
		names = append(names, string(status))
	}
	for _, rule := range plan.Rules() {
		names = append(names, rule.ID)
	}
	for _, name := range names {
		for _, spelling := range []string{name, strings.ToUpper(name), strings.ToLower(name)} {
			if _, ok := Lookup(spelling); !ok {
				t.Errorf("nothing explains %s", spelling)
			}
		}
	}
}

func TestANameMeansOneTopic(t *testing.T) {
	owner := map[string]string{}
	claim := func(name, topic string) {
		if before, taken := owner[name]; taken {
			t.Errorf("%s is the name of %s and of %s", name, before, topic)
		}
		if name != normal(name) {
			t.Errorf("%s: the name %q is never looked up in this form", topic, name)
		}
		owner[name] = topic
	}
	for _, topic := range Topics() {
		claim(normal(topic.Name), topic.Name)
		for _, alias := range topic.Aliases {
			claim(alias, topic.Name)
		}
		for _, m := range topic.mistakes {
			claim(m.name, topic.Name)
		}
	}
}

func TestSeeAlsoLeadsSomewhere(t *testing.T) {
	topics := Topics()
	names := map[string]bool{}
	for _, topic := range topics {
		names[topic.Name] = true
	}
	for _, topic := range topics {
		if len(topic.SeeAlso) == 0 {
			t.Errorf("%s leads nowhere", topic.Name)
		}
		for i, name := range topic.SeeAlso {
			if !names[name] || name == topic.Name || slices.Contains(topic.SeeAlso[:i], name) {
				t.Errorf("%s: see also %q: no other topic, or one that is named already", topic.Name, name)
			}
		}
	}
}

func TestARuleLeadsToItsTopics(t *testing.T) {
	topics, err := load(files)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		rule plan.Rule
		want []string
	}{
		{plan.Rule{ID: "HH104", Title: "of no help here"}, []string{"before-hook-creation", "apply-method"}},
		{plan.Rule{ID: "HH999", Summary: "With hook-succeeded alone a hook is left (pre-delete, say)."}, []string{"pre-delete", "hook-succeeded"}},
		{plan.Rule{ID: "HH999", Summary: "A hook of an event fails."}, nil},
	} {
		if got := related(c.rule, topics); !slices.Equal(got, c.want) {
			t.Errorf("%s %s: %q, want %q", c.rule.ID, c.rule.Summary, got, c.want)
		}
	}
}

func TestTextsKeepTheHouseForm(t *testing.T) {
	topics, err := load(files)
	if err != nil {
		t.Fatal(err)
	}
	for _, topic := range topics {
		// On 80 columns the list of topics has one line for each.
		if strings.HasSuffix(topic.Summary, ".") || len(topic.Summary) > 54 {
			t.Errorf("%s: the summary is one short line without a full stop: %q", topic.Name, topic.Summary)
		}
		if lines := strings.Count(topic.Example, "\n"); lines >= 20 {
			t.Errorf("%s: the example has %d lines", topic.Name, lines)
		}
		for line := range strings.Lines(topic.Example) {
			if len(line) > defaultWidth-indent {
				t.Errorf("%s: a line of the example is too wide for a terminal: %s", topic.Name, line)
			}
		}
		if len(topic.Example) == 0 && topic.Name != "versions" {
			t.Errorf("%s has no example", topic.Name)
		}
		whole, err := fs.ReadFile(files, "topics/"+topic.Name+".md")
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(whole), "\n") {
			// Terminals without UTF-8 show these texts as they are.
			if strings.ContainsFunc(line, func(r rune) bool { return r > '~' || r < ' ' }) {
				t.Errorf("%s.md:%d: not ASCII: %s", topic.Name, i+1, line)
			}
			if strings.Count(line, "`")%2 != 0 && !strings.HasPrefix(line, fence) {
				t.Errorf("%s.md:%d: a piece of code does not end: %s", topic.Name, i+1, line)
			}
		}
		for _, b := range blocks(topic.Description) {
			for _, row := range b.rows {
				if len(row) != len(b.rows[0]) {
					t.Errorf("%s: a row of %d cells in a table of %d: %q", topic.Name, len(row), len(b.rows[0]), row)
				}
			}
		}
	}
}

func TestMistakesAreNamedAndPointToTheRightTopic(t *testing.T) {
	for name, want := range map[string]string{
		"pre-uninstall": "pre-delete", "Post-Uninstall": "post-delete", "crd-install": "crds",
		"test-failure": "test", "hook-success": "delete-policy", "pre_update": "pre-upgrade",
	} {
		topic, ok := Lookup(name)
		if !ok || topic.Name != want || topic.Note == "" {
			t.Errorf("%s: %q, %t, note %q, want %s with a note", name, topic.Name, ok, topic.Note, want)
		}
	}
}

func TestOtherNamesFindTheTopic(t *testing.T) {
	for name, want := range map[string]string{
		"weights": "weight", "--rollback-on-failure": "atomic", "--atomic": "atomic", "Rollback-On-Failure": "atomic",
		"helm.sh/hook-delete-policy": "delete-policy", "helm.sh/hook": "hooks", "hh001": "HH001", "HH101": "HH101",
		"Ctrl-C": "interrupt", "kill -9": "", "pending-upgrade": "history", "test-success": "test", "CRD": "crds",
		"post rollback": "post-rollback", "": "", "nonsense": "",
		// A topic wins over a release: what releases are called is no name of a topic.
		"argocd": "", "argo-cd": "", "flux": "", "logs": "", "template": "",
	} {
		topic, ok := Lookup(name)
		if topic.Name != want || ok != (want != "") || topic.Note != "" {
			t.Errorf("%q: %q, %t, note %q, want %q", name, topic.Name, ok, topic.Note, want)
		}
	}
}

func TestMistypedNamesAreGuessed(t *testing.T) {
	for name, want := range map[string]string{
		"weigth": "weight", "weght": "weight", "pre-instal": "pre-install", "hok-failed": "hook-failed",
		"hook-suceeded": "hook-succeeded", "rolback": "rollback", "uninstal": "uninstall", "HH00": "HH001",
		"histroy": "history", "post-delte": "post-delete", "timeouts!": "timeout", "outputlog": "output-log-policy",
	} {
		if got := Suggest(name); len(got) == 0 || got[0] != want || len(got) > suggestions {
			t.Errorf("%s: %q, want %s first", name, got, want)
		}
	}
	for _, name := range []string{"", "x", "ab", "zzzzzz", "my-release", strings.Repeat("q", 10000)} {
		if got := Suggest(name); len(got) > 0 {
			t.Errorf("%.20q is guessed to be %q", name, got)
		}
	}
}

func TestChangesAreInOrder(t *testing.T) {
	for _, topic := range Topics() {
		for i := 1; i < len(topic.Changed); i++ {
			if before, next := firstVersion(t, topic.Changed[i-1].Versions), firstVersion(t, topic.Changed[i].Versions); slices.Compare(before[:], next[:]) > 0 {
				t.Errorf("%s: the change of %s stands before that of %s", topic.Name, topic.Changed[i-1].Versions, topic.Changed[i].Versions)
			}
		}
	}
}

func TestMalformedTopicsAreRefused(t *testing.T) {
	const good = "title: T\nsummary: S\nsource: v3.22.0 a.go F\n---\ntext\n"
	if _, err := parse("x", good); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"title: T\n":                                         "topic x: no line of three dashes ends the front part",
		"titel: T\nsummary: S\n---\ntext":                    `topic x, line 1: unknown key "titel"`,
		"title: T\ntitle: U\n---\ntext":                      "topic x, line 2: title is given twice",
		"title: T\nsummary:\n---\ntext":                      `topic x, line 2: "summary:" has no value`,
		"title: T\nsummary: S\n---\ntext":                    "topic x: title, summary and source are needed",
		strings.Replace(good, "v3.22.0 a.go F", "a.go F", 1): `topic x, line 3: source "a.go F" is not a version, a file and a name`,
		strings.Replace(good, "a.go F", "a.go", 1):           `topic x, line 3: source "v3.22.0 a.go" is not a version, a file and a name`,
		"changed: soon more\n" + good:                        `topic x, line 1: change "soon more" does not begin with a version`,
		"mistake: foo\n" + good:                              `topic x, line 1: mistake "foo" is not of the form NAME = NOTE`,
		strings.Replace(good, "text\n", " \n", 1):            "topic x: there is no description",
		good + "```yaml\na: 1\n":                             "topic x: the example does not end the text",
		good + "```yaml\na: 1\n```\nmore":                    "topic x: the example does not end the text",
	} {
		if _, err := parse("x", text); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}
