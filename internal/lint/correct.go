package lint

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template/parse"

	"go.yaml.in/yaml/v3"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// edit replaces one line of a file.
type edit struct {
	file string
	line int
	text string
	rule string
}

// mechanical are the rules whose mistakes can be corrected without knowing what the chart is for, as far as
// the fix names one value or one key.
var mechanical = []string{"HH001", "HH003", "HH004", "HH005", "HH006", "HH009", "HH011"}

var (
	// fixValue is a fix that leaves nothing to choose: write KEY: "VALUE".
	fixValue = regexp.MustCompile(`^write (\S+): ("(?:[^"\\]|\\.)*")(?: \(in a template: \| quote\))?$`)
	// fixKey is the same for a misspelt key.
	fixKey = regexp.MustCompile(`^write (helm\.sh/[a-z-]+)$`)
	// entryLine is a line of YAML with one key and one value, and perhaps a comment.
	entryLine = regexp.MustCompile(`^([ \t]*)(["']?)([A-Za-z0-9./_-]+)(["']?)([ \t]*:[ \t]+)(\S|\S.*?\S)([ \t]+#.*|[ \t]*)(\r?)$`)
	// oneAction is a value that one action gives.
	oneAction = regexp.MustCompile(`^\{\{ *[^{}"` + "`" + `]+? *\}\}$`)
	// sureScalar is an unquoted value that reads the same in quotes: 010 does not, YAML takes it for 8.
	sureScalar = regexp.MustCompile(`^(?:0|-?[1-9][0-9]{0,8}|true|false)$`)
	// plainWord needs no quotes in YAML.
	plainWord = regexp.MustCompile(`^[A-Za-z][A-Za-z-]*$`)
)

// correct prepares the correction of a finding, where it is mechanical and its line is certain.
func (j *judge) correct(p *paper, revisions []revision, o *occurrence) {
	if j.Patched == nil || p.parsed == nil || o.Line == 0 || o.Suppressed != nil || !slices.Contains(mechanical, o.Rule) {
		return
	}
	lines := strings.SplitAfter(p.text, "\n")
	if o.Line > len(lines) {
		return
	}
	old, newline := strings.CutSuffix(lines[o.Line-1], "\n")
	for _, revision := range revisions {
		_, doc := revision.find(o.Finding.Finding)
		if doc == nil {
			continue
		}
		text, ok := corrected(old, o.Finding.Finding, o.ignored, j.sheet(doc.Text))
		if !ok {
			return
		}
		if newline {
			text += "\n"
		}
		j.edits = append(j.edits, edit{file: p.file, line: o.Line, text: text, rule: o.Rule})
		return
	}
}

// entry is a line taken apart.
type entry struct {
	indent, keyQuote, key, colon, value, rest string
}

func parseEntry(line string) (entry, bool) {
	m := entryLine.FindStringSubmatch(line)
	if m == nil || m[2] != m[4] {
		return entry{}, false
	}
	e := entry{indent: m[1], keyQuote: m[2], key: m[3], colon: m[5], value: m[6], rest: m[7] + m[8]}
	if quote := e.quote(); quote != "" && (len(e.value) < 2 || !strings.HasSuffix(e.value, quote)) {
		return entry{}, false
	}
	return e, true
}

func (e entry) quote() string {
	if strings.HasPrefix(e.value, `"`) || strings.HasPrefix(e.value, "'") {
		return e.value[:1]
	}
	return ""
}

func (e entry) String() string {
	return e.indent + e.keyQuote + e.key + e.keyQuote + e.colon + e.value + e.rest
}

// read is the value as YAML reads it.
func (e entry) read() (value *yaml.Node, ok bool) {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte("k: "+e.value), &document); err != nil || len(document.Content) == 0 {
		return nil, false
	}
	pairs := pairsOf(document.Content[0], "k")
	if len(pairs) != 1 || pairs[0].value.Kind != yaml.ScalarNode {
		return nil, false
	}
	return pairs[0].value, true
}

// corrected is the line as the finding's fix has it. ok is false unless that is certain.
func corrected(line string, f plan.Finding, ignored *plan.Ignored, s *sheet) (text string, ok bool) {
	e, ok := parseEntry(line)
	if !ok {
		return "", false
	}
	if f.Rule == "HH009" {
		m := fixKey.FindStringSubmatch(f.Fix)
		if m == nil || !strings.HasPrefix(f.Message, `"`+e.key+`"`) {
			return "", false
		}
		e.key = m[1]
		return e.String(), true
	}
	rendered := s.annotation(e.key)
	m := fixValue.FindStringSubmatch(f.Fix)
	if m == nil || m[1] != e.key || rendered == nil {
		return "", false
	}
	want, err := strconv.Unquote(m[2])
	if err != nil {
		return "", false
	}
	if strings.Contains(e.value, "{{") {
		return e.piped(f.Rule, rendered)
	}
	// The line must hold all of what was rendered, and nothing but that.
	if value, ok := e.read(); !ok || value.Value != rendered.Value || value.Tag != rendered.Tag {
		return "", false
	}
	if f.Rule == "HH001" {
		if ignored == nil || ignored.DidYouMean == "" || ignored.Harmless != "" {
			return "", false
		}
		want = smallestChange(rendered.Value, ignored, want)
	}
	e.value = e.quoted(want, f.Rule == "HH004" || f.Rule == "HH003")
	value, ok := e.read()
	return e.String(), ok && value.Value == want && value.Tag == "!!str"
}

// annotation is the value of an annotation as it was rendered.
func (s *sheet) annotation(key string) *yaml.Node {
	meta := pairsOf(s.root, "metadata")
	if len(meta) == 0 {
		return nil
	}
	blocks := pairsOf(meta[len(meta)-1].value, "annotations")
	if len(blocks) == 0 {
		return nil
	}
	values := pairsOf(blocks[len(blocks)-1].value, key)
	if len(values) != 1 || values[0].value.Kind != yaml.ScalarNode {
		return nil
	}
	return values[0].value
}

// smallestChange replaces one word of a list of events and leaves the rest as the author wrote it.
func smallestChange(written string, ignored *plan.Ignored, want string) string {
	word := strings.TrimSpace(ignored.Dropped.Unknown)
	parts := strings.Split(written, ",")
	wrong := 0
	for i, part := range parts {
		if strings.TrimSpace(part) == word && word != "" {
			wrong++
			parts[i] = strings.Replace(part, word, ignored.DidYouMean, 1)
		}
	}
	if changed := strings.Join(parts, ","); wrong == 1 && sameList(changed, want) {
		return changed
	}
	return want
}

// sameList compares lists with commas but for blanks.
func sameList(a, b string) bool {
	blank := strings.NewReplacer(" ", "", "\t", "")
	return blank.Replace(a) == blank.Replace(b)
}

// quoted writes a value with the quotes that the line had, or with new ones where they are needed.
func (e entry) quoted(value string, always bool) string {
	switch quote := e.quote(); {
	case quote == "'" && !strings.Contains(value, "'"):
		return "'" + value + "'"
	case quote == "" && !always && plainWord.MatchString(value):
		return value
	}
	return strconv.Quote(value)
}

// piped puts a value that an action gives into quotes.
func (e entry) piped(rule string, rendered *yaml.Node) (string, bool) {
	if rule != "HH004" || !oneAction.MatchString(e.value) || !sureScalar.MatchString(rendered.Value) || rendered.Style != 0 {
		return "", false
	}
	tree := parse.New("line")
	tree.Mode = parse.SkipFuncCheck
	tree, err := tree.Parse(e.value, "", "", map[string]*parse.Tree{})
	if err != nil || len(tree.Root.Nodes) != 1 {
		return "", false
	}
	action, ok := tree.Root.Nodes[0].(*parse.ActionNode)
	if !ok || len(action.Pipe.Decl) > 0 {
		return "", false
	}
	e.value = strings.TrimRight(strings.TrimSuffix(e.value, "}}"), " ") + " | quote }}"
	return e.String(), true
}

// patches puts the corrected lines into their files. Two corrections of one line that differ are left out.
func (j *judge) patches() []Patch {
	byFile := map[string]map[int][]edit{}
	var files []string
	for _, e := range j.edits {
		if byFile[e.file] == nil {
			byFile[e.file] = map[int][]edit{}
			files = append(files, e.file)
		}
		byFile[e.file][e.line] = append(byFile[e.file][e.line], e)
	}
	slices.Sort(files)
	var all []Patch
	for _, file := range files {
		path := j.Patched(file)
		if path == "" {
			continue
		}
		if patch, ok := j.patch(file, byFile[file]); ok {
			patch.Path = slashed(path)
			all = append(all, patch)
		}
	}
	return all
}

func (j *judge) patch(file string, edits map[int][]edit) (Patch, bool) {
	raw := ""
	for _, p := range j.pages {
		if p.file == file && p.parsed != nil {
			raw = p.raw
		}
	}
	mark := ""
	text := raw
	if strings.HasPrefix(raw, "\ufeff") {
		mark, text = "\ufeff", strings.TrimPrefix(raw, "\ufeff")
	}
	lines := strings.SplitAfter(text, "\n")
	patch := Patch{Old: raw}
	for i := range lines {
		found := edits[i+1]
		if len(found) == 0 || slices.ContainsFunc(found, func(e edit) bool { return e.text != found[0].text }) {
			continue
		}
		lines[i] = found[0].text
		for _, e := range found {
			if !slices.Contains(patch.Rules, e.rule) {
				patch.Rules = append(patch.Rules, e.rule)
			}
		}
	}
	slices.Sort(patch.Rules)
	patch.New = mark + strings.Join(lines, "")
	return patch, patch.New != patch.Old
}
