package source

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// summary is what a source holds, one line a document.
func summary(t *testing.T, source *Source) []string {
	t.Helper()
	rendered, err := source.Render(plan.Fields{Revision: 1})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, document := range rendered.Documents {
		p := piece{text: document.Text}
		if err := p.check(); err != nil {
			t.Fatal(err)
		}
		line := fmt.Sprintf("%s %d %s/%s", document.Template, document.Index, p.head.Kind, p.head.Metadata.Name)
		if p.isHook() {
			line += " hook"
		}
		lines = append(lines, line)
	}
	return lines
}

// The files in testdata/streams were printed by the helm of both versions for testdata/tiny.
func TestStreamsOfHelm(t *testing.T) {
	const (
		settings = "tiny/templates/job.yaml 0 ConfigMap/settings"
		check    = "tiny/templates/test.yaml 0 Pod/check hook"
	)
	migrate := func(index int) string { return fmt.Sprintf("tiny/templates/job.yaml %d Job/demo-migrate hook", index) }
	crds := []string{
		"tiny/crds/two.yaml 0 CustomResourceDefinition/as.example.com",
		"tiny/crds/two.yaml 1 CustomResourceDefinition/bs.example.com",
	}
	whole := []string{settings, check, migrate(1)}
	for _, test := range []struct {
		file    string
		want    []string
		partial []string
		release plan.Release
		version string
	}{
		{"template-helm3.yaml", whole, nil, plan.Release{Name: "tiny", Namespace: "default"}, ""},
		{"template-helm4.yaml", whole, nil, plan.Release{Name: "tiny", Namespace: "default"}, ""},
		{"template-crds-helm3.yaml", append(crds, whole...), nil, plan.Release{Name: "tiny", Namespace: "default"}, ""},
		{"template-crds-helm4.yaml", append(crds, whole...), nil, plan.Release{Name: "tiny", Namespace: "default"}, ""},
		{"get-hooks-helm3.yaml", []string{check, migrate(0)}, []string{"resources"}, plan.Release{Name: "tiny", Namespace: "default"}, ""},
		{"get-hooks-helm4.yaml", []string{check, migrate(0)}, []string{"resources"}, plan.Release{Name: "tiny", Namespace: "default"}, ""},
		{"get-manifest-helm3.yaml", []string{settings}, []string{"hooks"}, plan.Release{Name: "tiny", Namespace: "default"}, ""},
		{"get-manifest-helm4.yaml", []string{settings}, []string{"hooks"}, plan.Release{Name: "tiny", Namespace: "default"}, ""},
		{"get-all-helm3.txt", whole, nil, plan.Release{Name: "demo", Namespace: "prod"}, "0.3.0"},
		{"get-all-helm4.txt", whole, nil, plan.Release{Name: "demo", Namespace: "prod"}, "0.3.0"},
		{"install-dry-run-helm4.txt", whole, nil, plan.Release{Name: "demo", Namespace: "prod"}, ""},
		{"install-dry-run-helm4.json", whole, nil, plan.Release{Name: "demo", Namespace: "prod"}, "0.3.0"},
	} {
		t.Run(test.file, func(t *testing.T) {
			file := filepath.Join("testdata", "streams", test.file)
			source, err := FromFile(file, StreamOptions{Given: file})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, summary(t, source)); diff != "" {
				t.Error(diff)
			}
			var unknown []string
			for _, fact := range source.Unknown {
				unknown = append(unknown, fact.What)
			}
			if diff := cmp.Diff(test.partial, unknown); diff != "" {
				t.Errorf("unknown %+v", source.Unknown)
			}
			if source.Release() != test.release || source.Chart != "tiny" || source.ChartVersion != test.version {
				t.Errorf("release %+v of chart %s %q", source.Release(), source.Chart, source.ChartVersion)
			}
			if !source.AlreadyRendered || !source.HasSourceComments || source.Type != TypeStream {
				t.Errorf("got %+v", source)
			}
			if got := source.File("tiny/templates/job.yaml"); got != file {
				t.Errorf("the file behind the template is %q", got)
			}
		})
	}
}

func TestStreamOfAnUpgrade(t *testing.T) {
	data, err := os.ReadFile("testdata/streams/install-dry-run-helm4.txt")
	if err != nil {
		t.Fatal(err)
	}
	text := "Release \"demo\" has been upgraded. Happy Helming!\n" +
		strings.NewReplacer("REVISION: 1", "REVISION: 7", "NAMESPACE: prod", "NAMESPACE: \x1b[36mprod\x1b[0m").Replace(string(data))
	source, err := FromStdin(strings.NewReader(strings.ReplaceAll(text, "\n", "\r\n")), StreamOptions{Given: "-"})
	if err != nil {
		t.Fatal(err)
	}
	if source.Revision != 7 || source.Namespace != "prod" || source.Name != "demo" || len(summary(t, source)) != 3 {
		t.Errorf("got %+v", source)
	}
}

func TestPlainStreams(t *testing.T) {
	const two = "# licence\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n---\n\n---\nkind: Job\nmetadata: {name: b, annotations: {helm.sh/hook: x, n: 1}}\n"
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"kustomize", two, []string{"stdin 0 /", "stdin 1 Namespace/a", "stdin 2 Job/b hook"}},
		{"a byte order mark", "\xEF\xBB\xBFkind: A", []string{"stdin 0 A/"}},
		{"JSON", `{"kind": "List", "items": [{"kind": "A"}]}`, []string{"stdin 0 List/"}},
		{"text behind the dashes", "---kind: A\n--- # c\nkind: B\n", []string{"stdin 0 A/", "stdin 1 B/"}},
		{"an indented document", "---\n  kind: A\n  metadata: {name: x}\n", []string{"stdin 0 A/x"}},
		{"a top-level NAME is no report without its neighbours", "NAME: x\nkind: A\n", []string{"stdin 0 A/"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			source, err := FromStdin(strings.NewReader(test.text), StreamOptions{Given: "-"})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, summary(t, source)); diff != "" {
				t.Error(diff)
			}
			if source.AlreadyRendered || source.HasSourceComments || source.Unknown != nil || source.Name != "release-name" {
				t.Errorf("got %+v", source)
			}
			if source.File("stdin") != "" {
				t.Error("standard input has no file to open")
			}
		})
	}
}

func TestOnlyTheFirstSourceCommentCounts(t *testing.T) {
	text := "---\n# Source: a/templates/x.yaml\n# Source: vendored/templates/y.yaml\nkind: A\n---\nkind: Loose\n"
	source, err := FromStdin(strings.NewReader(text), StreamOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a/templates/x.yaml 0 A/", "stdin 0 Loose/"}, summary(t, source)); diff != "" {
		t.Error(diff)
	}
}

func TestStreamInUTF16(t *testing.T) {
	for name, order := range map[string][2]int{"little": {0, 8}, "big": {8, 0}} {
		t.Run(name, func(t *testing.T) {
			var data []byte
			for _, unit := range utf16.Encode([]rune("\uFEFFkind: Ä\n")) {
				data = append(data, byte(unit>>order[0]), byte(unit>>order[1]))
			}
			source, err := FromStdin(strings.NewReader(string(data)), StreamOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if got := summary(t, source); len(got) != 1 || got[0] != "stdin 0 Ä/" {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestStreamErrors(t *testing.T) {
	report := "NAME: demo\nLAST DEPLOYED: x\nNAMESPACE: prod\nSTATUS: deployed\nREVISION: 1\n"
	record := "apiVersion: v1\nkind: Secret\nmetadata: {name: sh.helm.release.v1.web.v12}\ntype: helm.sh/release.v1\ndata: {release: SDRz}\n"
	for _, test := range []struct {
		name, text, err, hint string
	}{
		{"nothing", " \n---\n", "nothing to read: the input holds no document", "standard error"},
		{"prose", "hello\nworld", "stdin:1: neither a Kubernetes object nor output of Helm: hello", ""},
		{"a list", "kind: A\n---\n- 1\n", "stdin:3: neither a Kubernetes object nor output of Helm: - 1", ""},
		{"broken YAML", "kind: A\n---\n\n# c\nkind: [\n", "YAML parse error in the document that begins at stdin:4: ", ""},
		{"broken YAML in a template's document", "---\n# Source: c/templates/x.yaml\nkind: [\n", "begins at stdin:3: ", ""},
		{"a template", "kind: {{ .Values.kind }}\n", "YAML parse error", "name the chart's folder"},
		{"messages of Helm 3", "coalesce.go:286: warning: cannot overwrite table: x\n---\nkind: A\n", "stdin:1", "without 2>&1"},
		{"messages of Helm 4", "level=INFO msg=x\n---\nkind: A\n", "stdin:1", "without 2>&1"},
		{"a table of helm list", "NAME\tNAMESPACE\tREVISION\nweb\tprod\t1\n", "stdin:1: neither", ""},
		{"helm status", report + "TEST SUITE: None\nNOTES:\nkind: x\n", "stdin is the summary that helm status and helm install print", "helm get all"},
		{"a report cut off", report + "HOOKS:\n---\nkind: A\n", "HOOKS: at line 6, but no MANIFEST: after it", ""},
		{
			"two reports", report + "HOOKS:\nMANIFEST:\n---\nkind: A\n\n" + strings.ReplaceAll(report, "demo", "other") + "HOOKS:\nMANIFEST:\n",
			"stdin holds two releases, demo and other (line 11)", "one at a time",
		},
		{"two root charts", "# Source: a/templates/x.yaml\nkind: A\n---\n# Source: b/templates/y.yaml\nkind: B\n", "2 root charts in one stream: a, b", "one chart"},
		{"a release record", record, "stdin:1: Secret/sh.helm.release.v1.web.v12 is Helm's record of a release", "helm get all web |"},
		{"a record in a ConfigMap", "kind: A\n---\nkind: ConfigMap\nmetadata: {name: sh.helm.release.v1.a.b.v1}\n", "stdin:3: ConfigMap/", "helm get all a.b |"},
		{"records in a list", "kind: List\nitems:\n- kind: A\n- kind: Secret\n  type: helm.sh/release.v1\n  metadata: {name: x}\n", "Secret/x is Helm's record", ""},
		{"an archive", "\x1f\x8b\x08\x00", "stdin is a gzipped archive, not YAML", "chart.tgz"},
		{"bytes", "kind: \xff\n", "stdin is not UTF-8 text", ""},
		{"a control character", "kind: \x00\n", "YAML parse error", ""},
		{"a release without manifest", `{"name":"demo","info":{"status":"deployed","last_deployed":"x"},"version":1}`, "the release demo has no manifest", "helm get all demo"},
	} {
		t.Run(test.name, func(t *testing.T) {
			source, err := FromStdin(strings.NewReader(test.text), StreamOptions{})
			if err == nil {
				t.Fatalf("got %v", summary(t, source))
			}
			if !strings.Contains(err.Error(), test.err) {
				t.Errorf("got %v, want %s", err, test.err)
			}
			var hinted *Error
			if test.hint != "" && (!errors.As(err, &hinted) || !strings.Contains(hinted.Hint, test.hint)) {
				t.Errorf("no hint %q in %#v", test.hint, err)
			}
		})
	}
}

func TestStreamIsBounded(t *testing.T) {
	text := strings.Repeat("#\n", 1<<20) + "kind: A\n"
	if _, err := FromStdin(strings.NewReader(text), StreamOptions{Limit: 1 << 20}); err == nil || !strings.Contains(err.Error(), "read stdin: more than 1 MiB of rendered YAML") {
		t.Errorf("got %v", err)
	}
	both := []Input{{Name: "a", Reader: strings.NewReader("kind: A\n")}, {Name: "b", Reader: strings.NewReader("kind: B\n")}}
	if _, err := FromStream(both, StreamOptions{Limit: 12}); err == nil {
		t.Error("the bound does not hold for all inputs together")
	}
}

func TestSeveralFiles(t *testing.T) {
	source, err := FromStream([]Input{
		{Name: "a.yaml", Reader: strings.NewReader("kind: A\n---\nkind: B\n")},
		{Name: "b.yaml", Reader: strings.NewReader("kind: C\n")},
	}, StreamOptions{Given: "a.yaml", Release: plan.Release{Name: "web", Namespace: "prod"}})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"a.yaml 0 A/", "a.yaml 1 B/", "b.yaml 0 C/"}
	if diff := cmp.Diff(want, summary(t, source)); diff != "" {
		t.Error(diff)
	}
	if source.File("b.yaml") != "b.yaml" || source.Name != "web" || source.Namespace != "prod" {
		t.Errorf("got %+v", source)
	}
}

func TestMissingFile(t *testing.T) {
	if _, err := FromFile("none.yaml", StreamOptions{}); err == nil || err.Error() != "no such file or folder: none.yaml" {
		t.Errorf("got %v", err)
	}
}
