package render

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
	"sigs.k8s.io/yaml"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

func Test_clean(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain text stays", "job/migrate (x)", "job/migrate (x)"},
		{"letters of any script stay", "設定 é ж", "設定 é ж"},
		{"a colour goes whole", "a\x1b[1;31mred\x1b[0mb", "aredb"},
		{"a title goes whole", "a\x1b]0;owned\x07b", "ab"},
		{"a link goes whole", "a\x1b]8;;http://x\x1b\\b", "ab"},
		{"an unfinished title takes nothing with it", "a\x1b]0;rest", "a0;rest"},
		{"a title does not reach over a line", "a\x1b]0;b\nc\x07d", "a0;b cd"},
		{"an unfinished colour takes nothing with it", "a\x1b[1;3", "a1;3"},
		{"an escape at the end", "a\x1b", "a"},
		{"a charset switch", "a\x1b(0b", "ab"},
		{"a reset", "a\x1bcb", "ab"},
		{"an escape before another", "a\x1b\x1b[31mb", "ab"},
		{"an escape before a letter of another script", "a\x1bé", "aé"},
		{"C1 forms of the same", "a\u009b31mb\u009d0;x\u009cc", "abc"},
		{"a raw C1 byte is no UTF-8", "a\x9b31m", "a\ufffd31m"},
		{"line breaks and tabs become one blank", "a\n\t* b\r\nc", "a * b c"},
		{"next line and separators too", "a\u0085b\u2028c\u2029d", "a b c d"},
		{"bidi overrides and isolates", "a\u202eb\u2066c\u2069", "abc"},
		{"zero width characters, joiner included", "a\u200bb\u200dc\ufeffd", "abcd"},
		{"tags", "a\U000e0041b", "ab"},
		{"DEL and NUL", "a\x7fb\x00c", "abc"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := clean(c.in); got != c.want {
				t.Errorf("clean(%q) = %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func Test_ascii(t *testing.T) {
	for in, want := range map[string]string{
		"a · b → c × d … e":    "a - b -> c x d ... e",
		"✗ ▲ • “q” ≥":          `x ! * "q" >=`,
		"設定":                   "??",
		"├─ └─ │":              "|- `- |",
		"two" + "\u00a0" + "w": "two\u00a0w",
	} {
		if got := ascii(in); got != want {
			t.Errorf("ascii(%q) = %q, want %q", in, got, want)
		}
	}
}

// unsafe finds a character that must not reach a terminal in text that may have lines and no colour.
func unsafe(text []byte) (rune, bool) {
	for _, r := range string(text) {
		if r != '\n' && hidden(r) {
			return r, true
		}
	}
	return 0, !utf8.Valid(text)
}

func checkSafe(t interface{ Errorf(string, ...any) }, format string, text []byte, o Options) {
	if r, found := unsafe(text); found {
		t.Errorf("%s has %U:\n%q", format, r, text)
	}
	if !isData(format) && !isDocument(format) && !o.Style.Unicode {
		if i := bytes.IndexFunc(text, func(r rune) bool { return r > '~' }); i >= 0 {
			t.Errorf("%s has more than ASCII: %q", format, text[i:])
		}
	}
}

// nasty puts one string into every place that a chart or a cluster can fill.
func nasty(s string) (Header, plan.Plan) {
	p := broken()
	p.Faults = []plan.Fault{{At: plan.FaultWait}}
	for i := range p.Timelines {
		p.Timelines[i].Recovery = aRecovery()
	}
	h := Header{
		Source: Source{Type: s, Name: s, Namespace: s, Chart: s, ChartVersion: s, Ref: s}, Notes: []string{s},
		Helm: Helm{Release: plan.Release{Name: s, Namespace: s}, Chart: s, Flags: []string{s}},
	}
	fill(reflect.ValueOf(&p).Elem(), s)
	return h, p
}

func aRecovery() *plan.Recovery {
	job := plan.Object{APIVersion: "batch/v1", Kind: "Job", Namespace: "prod", Name: "migrate"}
	upgrade := plan.Move{Action: plan.Upgrade, Options: plan.Options{TestFilter: []string{"name=a"}}}
	return &plan.Recovery{
		Ways: []plan.Way{{
			Goal: "go on", Moves: []plan.Move{{Delete: []plan.Object{job}}, upgrade}, Unrun: []plan.Object{job}, Left: []plan.Object{job},
			Phases: []plan.Phase{{Name: "pre-upgrade", Action: plan.Upgrade, Steps: []plan.Step{{}}}}, Prediction: plan.Likely,
		}},
		Refused: []plan.Refusal{{Moves: []plan.Move{upgrade}, Error: "no"}},
		Logs:    []plan.Object{job},
		Running: []plan.Object{job},
		Notes:   []string{"a note"},
	}
}

// fill sets all strings of the plan but those that are closed lists of words.
func fill(v reflect.Value, s string) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), s)
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			fill(v.Elem(), s)
		}
	case reflect.Slice:
		for i := range v.Len() {
			fill(v.Index(i), s)
		}
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() || v.Type() == reflect.TypeFor[plan.Event]() ||
			v.Type() == reflect.TypeFor[plan.DeletePolicy]() {
			v.SetString(s)
		}
	}
}

// nastyMatrix makes a matrix of a plan's failures.
func nastyMatrix(p plan.Plan) plan.Matrix {
	m := plan.Matrix{Engine: p.Engine, Release: p.Release, Unknown: p.Unknown}
	for _, line := range p.Timelines {
		m.Rows = append(m.Rows, plan.MatrixRow{
			Action: line.Action, Phase: line.StartsFrom, StartsFrom: line.StartsFrom, Outcome: line.Outcome, Recovery: line.Recovery,
			Order: 1, Object: plan.Object{Kind: line.StartsFrom, Name: line.StartsFrom}, Fault: plan.Fault{Object: line.StartsFrom},
		})
	}
	return m
}

func checkNasty(t interface{ Errorf(string, ...any) }, s string, o Options) {
	h, p := nasty(s)
	for _, format := range Formats() {
		format = withExpression(format)
		renderer, err := New(format)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		var out bytes.Buffer
		if err := renderer.Plan(&out, h, p, o); err != nil {
			t.Errorf("%s: %v", format, err)
		}
		checkSafe(t, format, out.Bytes(), o)
		out.Reset()
		if err := renderer.Matrix(&out, h, nastyMatrix(p), o); err != nil {
			t.Errorf("%s: %v", format, err)
		}
		checkSafe(t, format, out.Bytes(), o)
	}
}

func FuzzNoControlCharacterReachesTheOutput(f *testing.F) {
	for _, s := range []string{"", "a", "\x1b[31mred", "\u202e", "\u009b31m", "a\nb", "\xff\x9b", "\\x01{0000202e}\u202e", "設定\U000e0041"} {
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, s string, unicode bool) {
		checkNasty(t, s, Options{Style: Style{Unicode: unicode, Width: 80, Fold: true}})
	})
}

// controls are strings with many characters that a terminal obeys.
func controls() *rapid.Generator[string] {
	pieces := rapid.SampledFrom([]string{
		"a", " ", "-", "/", "é", "設", "\x1b", "[", "]", "31m", "\a", "\\", "x01", "{", "}",
		"\u009b", "\u009d", "\u009c", "\u0090", "\n", "\t", "\r", "\x00", "\x7f", "\u202e", "\u2067", "\u200d", "\ufeff",
		"\U000e0041", "\xff", "\x9b", "\u2028", "\u00a0", "e\u0301", "👩\u200d🚀",
	})
	return rapid.Map(rapid.SliceOfN(pieces, 0, 12), func(all []string) string { return strings.Join(all, "") })
}

func Test_no_control_character_reaches_the_output(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		checkNasty(t, controls().Draw(t, "string"), Options{Style: Style{
			Unicode: rapid.Bool().Draw(t, "unicode"), Width: rapid.IntRange(0, 120).Draw(t, "width"),
		}})
	})
}

func Test_json_and_yaml_keep_every_string(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := strings.ToValidUTF8(rapid.OneOf(controls(), rapid.String()).Draw(t, "string"), "\ufffd")
		h, p := nasty(s)
		var asJSON, asYAML bytes.Buffer
		if err := JSON(&asJSON, h, p, Options{}); err != nil {
			t.Fatal(err)
		}
		if err := YAML(&asYAML, h, p, Options{}); err != nil {
			t.Fatal(err)
		}
		var fromJSON, fromYAML any
		if err := json.Unmarshal(asJSON.Bytes(), &fromJSON); err != nil {
			t.Fatal(err)
		}
		if err := yaml.Unmarshal(asYAML.Bytes(), &fromYAML); err != nil {
			t.Fatalf("%v\n%s", err, asYAML.String())
		}
		if !reflect.DeepEqual(fromJSON, fromYAML) {
			t.Fatalf("yaml differs from json for %q", s)
		}
		if got := at(fromJSON, "ignored", 0, "value"); got != s {
			t.Fatalf("got %q, want %q", got, s)
		}
	})
}
