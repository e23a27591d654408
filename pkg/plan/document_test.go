package plan

import (
	"reflect"
	"strings"
	"testing"
)

// oddDocuments are read in another way by Helm's sorter than by the rest of the world, or by neither.
var oddDocuments = []string{
	"", "null", "# nothing\n", "[]", "text", "{}", "a: [b", "kind: 5", "kind: null", "kind: true\napiVersion: 1",
	"apiVersion: v1\nKind: Job\nkind: Pod\n", "KIND: Job\n", "metadata:\n", "metadata: []\n", "metadata: text\n",
	"metadata: {name: 7, annotations: {a: 1, b: true, c: 1.5, d: 0x10, e: 1e3, f: ~}}\n", "Metadata: {name: x}\n",
	"metadata: {Name: x, Annotations: {helm.sh/hook: test}}\n", "metadata: {annotations: {}}\n", "metadata: {annotations: }\n",
	"metadata: {annotations: [a]}\n", "metadata: {annotations: {a: [b]}}\n", "metadata: {annotations: {1: x, true: y}}\n",
	"1: x\n", "true: x\n", "~: x\n", "1.5: x\n", "? [a]\n: b\n", "kind: !!binary aGVsbG8=\n", "kind: !!binary //79\n", "a: .inf\n", "a: .nan\n",
	"a: 12345678901234567890\n", "a: 1e400\n", "a: 9007199254740993\n", "a: -0\n", "a: -0.0\n", "a: 010\n", "a: 1_000\n", "a: 1.0\n", "a: 1e21\n",
	"a: 2001-01-01\n", "a: !!timestamp 2001-01-01\n", "kind: 2001-01-01\n", "a: yes\nkind: on\n", "a: \"\\u00e4\\x00\\ud800\"\n",
	"kind: &k Job\nmetadata: {name: *k}\n", "a: &a {kind: Job}\n<<: *a\n", "kind: Job\nkind: Pod\n", "a: {b: 1, b: 2}\n",
	"metadata: {name: a}\nmetadata: {name: b}\n", "---\nkind: Job\n---\nkind: Pod\n", "\ufeffkind: Job\n", "kind: \"K\u212aind\"\n", "\u212aind: Job\n",
	"\tkind: Job\n", "kind: Job\n\x00", "kind: \xff\n", strings.Repeat("[", 1200) + strings.Repeat("]", 1200), strings.Repeat("[", 11000),
}

// One parse must give what sigs.k8s.io/yaml gives in two.
func FuzzReadDocument(f *testing.F) {
	for _, text := range oddDocuments {
		f.Add(text)
	}
	f.Add(benchmarkChart(1, 1).Documents[0].Text)
	f.Fuzz(func(t *testing.T, text string) {
		h, body, err := readDocument(text)
		wantHead, wantBody, wantErr := readTwice(text)
		if (err == nil) != (wantErr == nil) || err != nil && err.Error() != wantErr.Error() {
			t.Fatalf("%q: error %v, want %v", text, err, wantErr)
		}
		if !reflect.DeepEqual(h, wantHead) {
			t.Errorf("%q: head %+v, want %+v", text, h, wantHead)
		}
		if !reflect.DeepEqual(body, wantBody) {
			t.Errorf("%q: body %#v, want %#v", text, body, wantBody)
		}
	})
}

// mayRepeat must not keep a lost annotation from being found.
func TestLostAnnotationsAreFound(t *testing.T) {
	const meta = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  annotations:\n    helm.sh/hook: test\n"
	for name, text := range map[string]string{
		"twice in one block":         meta + "    helm.sh/hook: pre-install\n",
		"two blocks":                 meta + "  annotations:\n    x: y\n",
		"two blocks of metadata":     meta + "metadata:\n  name: b\n",
		"behind an escape":           meta + "    \"helm.sh\\u002fhook\": pre-install\n",
		"through an alias":           "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  labels: &l\n    helm.sh/hook-weight: 010\n  annotations: *l\n  annotations:\n    helm.sh/hook: test\n",
		"a weight, twice":            meta + "    helm.sh/hook-weight: \"1\"\n    helm.sh/hook-weight: \"2\"\n",
		"the hook of an object left": "apiVersion: v1\nkind: Pod\nmetadata:\n  annotations:\n    helm.sh/hook: test\n  annotations: {}\n",
	} {
		inventory, err := Classify(Rendered{Documents: []Document{{Template: "t", Text: text}}}, Release{Name: "r", Namespace: "ns"}, engineOf(t, "helm4"))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		_, findings := diagnose(inventory, engineOf(t, "helm4"), nil)
		found := false
		for _, f := range findings {
			found = found || f.Rule == "HH014"
		}
		if !found {
			t.Errorf("%s: no HH014 among %v", name, findings)
		}
	}
}
