package explain

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files and docs/topics, docs/rules anew; look at the difference before it is committed")

func textOf(t *testing.T, topic Topic, width int, command string) string {
	t.Helper()
	var out bytes.Buffer
	if err := topic.Text(&out, width, command); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run with -update and look at what it writes", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs from the golden file (-want +got); look at it, then run with -update:\n%s", name, diff)
	}
}

func TestTextsLookAsTheyDid(t *testing.T) {
	for _, c := range []struct {
		name  string
		width int
	}{{"order", 0}, {"failure", 80}, {"waiting", 60}, {"history", 40}, {"pre-uninstall", 100}, {"HH001", 80}} {
		topic, ok := Lookup(c.name)
		if !ok {
			t.Fatalf("there is no topic %s", c.name)
		}
		golden(t, fmt.Sprintf("%s.%d.txt", c.name, c.width), textOf(t, topic, c.width, "helm hooks"))
	}
}

func TestTheListOfTopicsLooksAsItDid(t *testing.T) {
	topics, err := load(files)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := List(&out, 80, topics); err != nil {
		t.Fatal(err)
	}
	golden(t, "list.80.txt", out.String())
}

// Only YAML and words that are wider than the terminal may stand out.
func TestTextsFitTheTerminal(t *testing.T) {
	for _, topic := range Topics() {
		for _, width := range []int{60, 72, 80, 100} {
			text := textOf(t, topic, width, "kubectl hooks")
			for line := range strings.Lines(text) {
				line = strings.TrimSuffix(line, "\n")
				if strings.TrimRight(line, " ") != line {
					t.Errorf("%s at %d: blanks end the line %q", topic.Name, width, line)
				}
				literal := strings.Contains(topic.Example+topic.Description, strings.TrimSpace(line))
				if len(line) > width && !literal && len(strings.Fields(line)) > 2 {
					t.Errorf("%s at %d: %d columns: %s", topic.Name, width, len(line), line)
				}
			}
		}
	}
}

func TestNoWordOfATopicIsLost(t *testing.T) {
	for _, topic := range Topics() {
		for _, width := range []int{40, 80} {
			text := strings.Join(strings.Fields(strings.ToLower(textOf(t, topic, width, "helm hooks"))), " ")
			for word := range strings.FieldsSeq(topic.Description + " " + topic.Summary + " " + topic.Fix) {
				word = strings.ToLower(strings.ReplaceAll(word, "`", ""))
				if strings.Trim(word, "|-") != "" && !strings.Contains(text, word) {
					t.Errorf("%s at %d: %q is missing", topic.Name, width, word)
				}
			}
		}
	}
}

func TestTheCommandIsNamedAsItWasCalled(t *testing.T) {
	topic, _ := Lookup("weight")
	if text := textOf(t, topic, 80, "kubectl hooks"); !strings.Contains(text, "\n    kubectl hooks explain order\n") || strings.Contains(text, "helm hooks") {
		t.Error(text)
	}
}

func TestAClosedPipeIsReported(t *testing.T) {
	topic, _ := Lookup("weight")
	for _, err := range []error{topic.Text(closed{}, 80, "helm hooks"), topic.Markdown(closed{}), List(closed{}, 80, nil)} {
		if err == nil || err.Error() != "closed" {
			t.Errorf("%v", err)
		}
	}
}

type closed struct{}

func (closed) Write([]byte) (int, error) { return 0, fmt.Errorf("closed") }

func TestTablesGiveWayToNarrowTerminals(t *testing.T) {
	rows := [][]string{{"a", "b"}, {"one", "first second"}, {"two", "third"}}
	for width, want := range map[int]string{
		40: "A    B\none  first second\ntwo  third",
		12: "A    B\none  first\n     second\n\ntwo  third",
		9:  "A: one\n    B:\n    first\n    second\nA: two\n    B:\n    third",
	} {
		if got := strings.Join(tableLines(rows, width), "\n"); got != want {
			t.Errorf("at %d:\n%s\nwant\n%s", width, got, want)
		}
	}
}

func TestShortCodeStaysOnOneLine(t *testing.T) {
	got := wrap(inline("call `helm hooks explain` now"), 16)
	if want := []string{"call", "helm\u00a0hooks\u00a0explain", "now"}; !cmp.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
