package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// diagnose says what Helm drops or overrides in the documents as such, without running anything: the
// rules HH001 to HH014. Both lists are in total order: by template, document, rule and key.
func diagnose(inv Inventory, engine Engine, file func(string) string) ([]Ignored, []Finding) {
	d := diagnosis{engine: engine, file: file}
	ignored := make([]Ignored, 0, len(inv.Dropped))
	for i := range inv.Dropped {
		ignored = append(ignored, d.dropped(&inv.Dropped[i], inv.CRDs))
	}
	for i := range inv.Hooks {
		h := &inv.Hooks[i]
		s := newSuspect(&h.Parsed, true)
		d.weight(h)
		d.notStrings(h, s)
		d.deletePolicies(h)
		d.repeatedEvents(h)
		d.hookCRD(h)
		d.logPolicies(h)
		d.resourcePolicy(h)
		d.otherCase(h, s)
		d.documentRules(s)
	}
	for i := range inv.Resources {
		if r := &inv.Resources[i]; !r.Empty && mentionsHooks(r.Text) {
			d.documentRules(newSuspect(&r.Parsed, false))
		}
	}
	slices.SortStableFunc(ignored, func(a, b Ignored) int {
		return cmp.Or(cmp.Compare(a.Template, b.Template), cmp.Compare(a.Index, b.Index))
	})
	// Within a rule a document's findings are made in the order of its keys, which a stable sort keeps.
	slices.SortStableFunc(d.findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Template, b.Template), cmp.Compare(a.Document, b.Document), cmp.Compare(a.Rule, b.Rule))
	})
	return ignored, d.findings
}

// documentRules look at the whole document, hook or not: what is lost, misspelt, misplaced. Only a
// resource in which none of these explains them has idle annotations (HH010).
func (d *diagnosis) documentRules(s *suspect) {
	repeated := d.repeatedKeys(s)
	misplaced := d.misplaced(s)
	misspelt := d.misspelt(s)
	if !s.isHook && !repeated && !misplaced && !misspelt {
		d.idle(s.parsed)
	}
}

// diagnosis collects the findings.
type diagnosis struct {
	engine   Engine
	file     func(string) string
	findings []Finding
}

// report completes a finding about a document: its place, and the rule's severity and Proven where the
// finding says nothing else. What follows from Helm's code alone is Proven.
func (d *diagnosis) report(p *Parsed, f Finding) {
	f.Template, f.Document, f.File = p.Template, p.Index, d.path(p.Template)
	if f.Object == (Object{}) {
		f.Object = p.Object
	}
	f.Severity = cmp.Or(f.Severity, severityOf(f.Rule))
	f.Prediction = cmp.Or(f.Prediction, Proven)
	d.findings = append(d.findings, f)
}

func (d *diagnosis) path(template string) string {
	if d.file == nil || template == "" {
		return ""
	}
	return d.file(template)
}

// suspect is a document that is looked at in full.
type suspect struct {
	parsed *Parsed
	isHook bool
	// body is the document as the API server reads it; nil where it is no mapping.
	body map[string]any
}

func newSuspect(p *Parsed, isHook bool) *suspect {
	return &suspect{parsed: p, isHook: isHook, body: p.body}
}

// root is the document as it is written, with repeated keys; nil where it cannot be read so.
func (s *suspect) root() *yaml.Node {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(s.parsed.Text), &document); err != nil || len(document.Content) == 0 {
		return nil
	}
	return document.Content[0]
}

// mayRepeat keeps most documents from being parsed a second time: where the text names annotations of hooks no
// more often than the object carries them, none is lost. An escape could hide a name, an alias could repeat one.
func (s *suspect) mayRepeat() bool {
	text, carried := s.parsed.Text, 0
	if strings.Contains(text, "\\") || strings.Contains(text, "&") && strings.Contains(text, "*") {
		return true
	}
	for _, key := range hookKeys {
		if _, has := s.parsed.annotation(key); has {
			carried++
		}
	}
	// All names of hookKeys begin with that of the first.
	return strings.Count(text, annotationHook) > carried
}

// mentionsHooks keeps most documents from being read a second time.
func mentionsHooks(text string) bool {
	lower := strings.ToLower(text)
	return strings.Contains(lower, "helm.sh") || strings.Contains(lower, "hook")
}

// annotation finds one of the annotations that Helm reads.
func (p *Parsed) annotation(key string) (Annotation, bool) {
	for _, a := range p.Annotations {
		if a.Key == key {
			return a, true
		}
	}
	return Annotation{}, false
}

// dropped explains why Helm throws a document away and what to write instead.
func (d *diagnosis) dropped(dropped *Dropped, crds []CRDFile) Ignored {
	i := Ignored{Dropped: *dropped, Rule: "HH001", File: d.path(dropped.Template)}
	guess := suggestEvents(dropped.Value)
	isCRD := dropped.Object.Kind == "CustomResourceDefinition"
	if guess.CRDInstall {
		i.Rule = "HH002"
	}
	i.Message = droppedMessage(dropped, guess)
	i.DidYouMean = guess.DidYouMean
	i.Fix = droppedFix(guess)
	if isCRD {
		i.Harmless = harmlessCRD(dropped.Object.Name, crds)
	}
	switch {
	case i.Harmless != "":
		i.DidYouMean, i.Fix = "", "remove this document"
	case guess.CRDInstall && isCRD:
		i.Fix = "move the CustomResourceDefinition to the chart's crds/ folder, without helm.sh/hook"
	}
	return i
}

func droppedMessage(dropped *Dropped, guess eventSuggestion) string {
	var unknown, lost []string
	empty := false
	for _, part := range strings.Split(dropped.Value, ",") {
		event, known := eventOf(strings.ToLower(strings.TrimSpace(part)))
		switch {
		case known && !slices.Contains(lost, string(event)):
			lost = append(lost, string(event))
		case known:
		case strings.TrimSpace(part) == "":
			empty = true
		default:
			unknown = append(unknown, quoteRaw(strings.TrimSpace(part)))
		}
	}
	consequence := "so Helm drops the whole object: it is neither installed nor run."
	if len(lost) > 0 {
		does := "does"
		if len(lost) > 1 {
			does = "do"
		}
		consequence = fmt.Sprintf("so Helm drops the whole object; %s %s not run it either.", enumerate(lost, "and"), does)
	}
	return droppedReason(dropped, guess, unknown, empty) + ", " + consequence
}

// droppedReason is the first half of the message: what about the value is no event.
func droppedReason(dropped *Dropped, guess eventSuggestion, unknown []string, empty bool) string {
	why := ""
	if guess.Why != "" {
		why = " (" + guess.Why + ")"
	}
	a, _ := dropped.annotation(annotationHook)
	switch {
	case a.Null:
		return "helm.sh/hook has no value"
	case a.NotString:
		return fmt.Sprintf("helm.sh/hook is %s, which is no Helm event", unquotedValue(dropped.Value))
	case len(unknown) == 0 && strings.TrimSpace(dropped.Value) == "":
		return "helm.sh/hook is empty"
	case len(unknown) == 0 && strings.HasSuffix(strings.TrimSpace(dropped.Value), ","):
		return "The comma at the end leaves an empty part, which is no Helm event"
	case len(unknown) == 0:
		return "Between its commas the list has an empty part, which is no Helm event"
	case guess.CRDInstall && len(unknown) == 1 && !empty:
		return unknown[0] + " was an event of Helm 2 and is none now"
	case guess.Why == whyList:
		return quoteRaw(dropped.Value) + " is no Helm event" + why
	case len(unknown) == 1 && !empty:
		return unknown[0] + " is no Helm event" + why
	case empty:
		unknown = append(unknown, "an empty part")
	}
	return enumerate(unknown, "and") + " are no Helm events" + why
}

// unquotedValue names a YAML value that is no string, as Helm renders it.
func unquotedValue(value string) string {
	if value == "true" || value == "false" {
		return "the boolean " + value
	}
	return "the number " + visible(value)
}

func droppedFix(guess eventSuggestion) string {
	events := make([]string, 0, len(everyEvent))
	for _, event := range everyEvent {
		events = append(events, string(event))
	}
	fix := "write one or more of Helm's events, separated by commas (" + strings.Join(events, ", ") + "), or remove helm.sh/hook to install an ordinary resource"
	switch {
	case guess.Value != "":
		fix = fmt.Sprintf("write %s: %q", annotationHook, guess.Value)
	case len(guess.Alternatives) > 0:
		fix = fmt.Sprintf("write %s: %q or %q", annotationHook, guess.Alternatives[0], guess.Alternatives[1])
	}
	if guess.Note != "" {
		fix += "; " + guess.Note
	}
	return fix
}

// harmlessCRD says where a dropped CustomResourceDefinition is installed from all the same.
func harmlessCRD(name string, crds []CRDFile) string {
	if name == "" {
		return ""
	}
	for _, file := range crds {
		for _, object := range file.Objects {
			if object.Kind == "CustomResourceDefinition" && object.Name == name {
				return "the same CustomResourceDefinition stands in " + file.Path
			}
		}
	}
	return ""
}

// longestQuote is how much of an author's text a message repeats.
const longestQuote = 80

// quoteRaw is the author's text in quotes, with what cannot be seen made visible; in single quotes
// where it holds double ones.
func quoteRaw(text string) string {
	if runes := []rune(text); len(runes) > longestQuote {
		text = string(runes[:longestQuote]) + "…"
	}
	text = strconv.Quote(text)
	if plain := strings.ReplaceAll(text[1:len(text)-1], `\"`, `"`); plain != text[1:len(text)-1] && !strings.ContainsAny(plain, `'\`) {
		return "'" + plain + "'"
	}
	return text
}

// visible leaves a key or a bare value as it is unless a reader could not see what it is.
func visible(text string) string {
	if text == "" || strings.ContainsFunc(text, func(r rune) bool { return !strconv.IsPrint(r) }) || len([]rune(text)) > longestQuote {
		return quoteRaw(text)
	}
	return text
}

// enumerate joins words as a sentence does: a, b and c.
func enumerate(words []string, conjunction string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " " + conjunction + " " + words[len(words)-1]
}
