package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// failure notes an action that fails by itself, where nothing more exact was said about the step.
func (o *observer) failure(trace Trace, again bool) {
	for _, phase := range trace.phases {
		for _, step := range phase.Steps {
			if step.Result != Failed || step.Hook.NeverCompletes != "" {
				continue
			}
			if !o.standsForAnother(&step.Hook) {
				o.stepFails(trace, phase, step, again)
			}
			return
		}
		if phase.Result == Failed && len(phase.Steps) == 0 {
			o.actionFails(trace, phase, phase.Error, fmt.Sprintf("%s fails in %s", trace.Action, phase.Name))
			return
		}
	}
	words := string(trace.Action)
	if again && trace.Action == Install {
		words = "a second install"
	}
	if len(trace.phases) == 0 || trace.Outcome.Refused {
		o.actionFails(trace, Phase{}, trace.Outcome.Error, words+" fails before anything runs")
	}
}

// stepFails notes a hook that fails by itself.
func (o *observer) stepFails(trace Trace, phase Phase, step Step, again bool) {
	h := step.Hook
	f := Finding{Rule: ruleFails, Action: trace.Action, Phase: phase.Name}
	condition := ""
	switch reason := cmp.Or(h.BuildError, h.ValidationError); {
	case reason != "" && strings.Contains(step.Error, reason):
		f.Fix = buildFix(reason)
	case strings.Contains(step.Error, errNameless.Error()):
		f.Fix = namelessFix
	case strings.Contains(step.Error, errNoObjects.Error()):
		f.Fix = "let the template give nothing at all where its list is empty"
	case mayDiffer(step.Error):
		f.Prediction, f.Fix = Likely, createFix(h, trace)
		f, condition = unlessExpired(f, trace, phase, h)
	}
	f.Message = fmt.Sprintf("%s fails in %s%s: %s", h.Object.Ref(), when(trace.Action, phase, again), condition, step.Error)
	o.add(&h.Parsed, f)
}

// mayDiffer says that an error is about the content of an object that exists, which the server can see otherwise:
// it fills in defaults and merges lists by their keys.
func mayDiffer(text string) bool {
	return strings.Contains(text, errImmutable.Error()) || strings.Contains(text, errConflict.Error())
}

// actionFails notes that an action fails as such, at the document that is to blame where one is found. An upgrade,
// rollback, test or uninstall that is refused for the release's own state shows nothing about the chart.
func (o *observer) actionFails(trace Trace, phase Phase, text, words string) {
	c := o.cause(trace, text)
	if c.standIn || c.parsed == nil && trace.Outcome.Refused && trace.Action != Install {
		return
	}
	f := Finding{Rule: ruleFails, Action: trace.Action, Phase: phase.Name, Fix: c.fix}
	if mayDiffer(text) {
		f.Prediction = Likely
	}
	if seconds, known := timeToLive(c.part); known && f.Prediction == Likely {
		f.Severity = SeverityWarning
		words += fmt.Sprintf(" if that comes less than %d s after %s ended (spec.ttlSecondsAfterFinished)", seconds, c.part.object.Ref())
	}
	f.Message = fmt.Sprintf("%s: %s", words, text)
	p := c.parsed
	if p == nil {
		p = &Parsed{}
	}
	o.add(p, f)
}

// cause is the ordinary document that an action fails for.
type cause struct {
	// parsed is nil where no document is found.
	parsed *Parsed
	part   part
	fix    string
	// standIn says that two objects only seem to be one: the renderer makes up a name for each.
	standIn bool
}

// cause looks for the first ordinary object that an error names, in the revision at work before the others.
func (o *observer) cause(trace Trace, text string) cause {
	inventories := append([]Inventory{o.before}, o.inventories...)
	if trace.Action == Upgrade {
		inventories = slices.Concat(o.inventories[1:], inventories)
	}
	found := cause{}
	for n := range inventories {
		inventory := &inventories[n]
		for i := range inventory.Resources {
			r := &inventory.Resources[i]
			if reason := cmp.Or(r.BuildError, r.ValidationError); reason != "" && strings.Contains(text, fmt.Sprintf("error parsing %s: %s", r.Template, reason)) {
				return cause{parsed: &r.Parsed, fix: buildFix(reason)}
			}
			for _, one := range r.parts {
				fix := o.blame(inventory, one, text)
				switch {
				case fix == "":
				case r.VolatileName != "" && len(inventory.makersOf(one.object)) > 1:
					found.standIn = true
				default:
					return cause{parsed: &inventory.lastMaker(r, one).Parsed, part: one, fix: fix}
				}
			}
		}
	}
	if strings.HasPrefix(text, "failed to install CRD") {
		found.fix = "mend the file, or move what is no CustomResourceDefinition out of crds/"
	}
	return found
}

// lastMaker is the last ordinary document that makes an object: the one that comes too late.
func (inv *Inventory) lastMaker(r *Resource, one part) *Resource {
	for i := range inv.Resources {
		if makes(inv.Resources[i].parts, one.object) && !one.nameless {
			r = &inv.Resources[i]
		}
	}
	return r
}

// namelessFix is for objects that Helm has to ask for by name.
const namelessFix = "give it metadata.name; if a value is missing, say so with required"

// blame gives the fix where an error is about an ordinary object, else an empty text.
func (o *observer) blame(inventory *Inventory, one part, text string) string {
	name := quoted(one.object)
	switch {
	case one.nameless:
		if strings.Contains(text, errNameless.Error()) && (!strings.Contains(text, "the resource ") || strings.Contains(text, fmt.Sprintf("the resource %s \"\"", one.object.Kind))) {
			return namelessFix
		}
		return ""
	case strings.Contains(text, fmt.Sprintf("%s %q in namespace %q exists", one.object.Kind, one.object.Name, one.object.Namespace)):
		return o.foreignFix(inventory, one)
	case strings.Contains(text, name+" already exists"):
		return twiceFix(inventory, one)
	case strings.Contains(text, fmt.Sprintf("%s is invalid: %s", name, errImmutable.Error())):
		return fmt.Sprintf("make it a hook, or give it a name that changes with its content: nobody can change what a %s runs", one.object.Kind)
	case strings.Contains(text, fmt.Sprintf("no %s with the name %q found", one.object.Kind, one.object.Name)):
		return o.foreignFix(inventory, one)
	}
	return ""
}

// foreignFix is for an object that is there already and is not the release's.
func (o *observer) foreignFix(inventory *Inventory, one part) string {
	if one.object.Kind == "CustomResourceDefinition" && inventory.shipsCRD(one.object.Name) {
		return "keep it in crds/ or among the templates, not in both"
	}
	for i := range o.inventories {
		for _, m := range o.inventories[i].makersOf(one.object) {
			if m.hook != nil {
				return fmt.Sprintf("give the hook in %s a name of its own, or delete what it made", m.parsed.Template)
			}
		}
	}
	return "give it a name of its own"
}

// twiceFix is for an object that two documents make.
func twiceFix(inventory *Inventory, one part) string {
	var templates []string
	for _, m := range inventory.makersOf(one.object) {
		if m.hook != nil {
			return fmt.Sprintf("give the hook in %s a name of its own", m.parsed.Template)
		}
		templates = append(templates, m.parsed.Template)
	}
	if templates = slices.Compact(templates); len(templates) > 1 {
		return fmt.Sprintf("%s make it: give it another name in one of them", enumerate(templates, "and"))
	}
	return "make it once, or give it another name"
}

// buildFix is for a document that cannot be built.
func buildFix(reason string) string {
	switch {
	case strings.Contains(reason, "is missing"):
		return "write apiVersion and kind, or let the template give nothing at all"
	case strings.Contains(reason, "cannot unmarshal"):
		return "put the value in quotes (in a template: | quote)"
	}
	return "write the items as documents of their own, separated by ---"
}

// standsForAnother says that another document has the same stand-in for a name which the renderer makes up: on a
// cluster the two have different names.
func (o *observer) standsForAnother(h *Hook) bool {
	if h.VolatileName == "" {
		return false
	}
	for i := range o.inventories {
		if len(o.inventories[i].makersOf(h.Object)) > 1 {
			return true
		}
	}
	return false
}
