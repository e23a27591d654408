package plan

import (
	"fmt"
	"slices"
)

// definition is a CustomResourceDefinition among a chart's templates.
type definition struct {
	object Object
	hook   *Hook
	// defines is the kind, as group/Kind.
	defines string
}

// definitions are the kinds that templates of a revision define and that no file of crds/ does.
func (inv *Inventory) definitions() []definition {
	var found []definition
	inv.eachPart(func(_ *Parsed, h *Hook, one part) {
		if one.object.Kind != "CustomResourceDefinition" || inv.shipsCRD(one.object.Name) {
			return
		}
		spec, _ := one.body["spec"].(map[string]any)
		names, _ := spec["names"].(map[string]any)
		if kind := textAt(names, "kind"); kind != "" {
			found = append(found, definition{object: one.object, hook: h, defines: textAt(spec, "group") + "/" + kind})
		}
	})
	return found
}

func (inv *Inventory) shipsCRD(name string) bool {
	return slices.ContainsFunc(inv.CRDs, func(file CRDFile) bool {
		return slices.ContainsFunc(file.Objects, func(o Object) bool { return o.Name == name })
	})
}

// missingKinds: HH203. Helm builds all ordinary resources before it runs the first hook or makes the first
// resource (pkg/action/install.go and upgrade.go), and a hook when its turn comes; an object of a kind that
// the server does not serve yet cannot be built.
func (l *linter) missingKinds(run *lintRun) {
	definitions := run.inventory.definitions()
	if len(definitions) == 0 || run.action == Test || run.action == Uninstall {
		return
	}
	run.scenes(func(s *scene) {
		for _, d := range definitions {
			switch {
			case s.has(d.object):
			case s.phase == "":
				l.resourcesOf(s, d)
			case s.step != nil && !s.step.NotRun:
				l.hookOf(s, d)
			}
		}
	})
}

// resourcesOf notes the ordinary objects of a kind that is defined too late, all in one finding at the first.
func (l *linter) resourcesOf(s *scene, d definition) {
	var first *Parsed
	var object Object
	count := 0
	s.run.inventory.eachPart(func(p *Parsed, h *Hook, one part) {
		if h != nil || one.object.group()+"/"+one.object.Kind != d.defines {
			return
		}
		if count++; count == 1 {
			first, object = p, one.object
		}
	})
	if count == 0 {
		return
	}
	what := object.Ref()
	if count > 1 {
		what = fmt.Sprintf("%s and %d more of its kind", what, count-1)
	}
	how := "an ordinary resource of the same chart"
	if d.hook != nil {
		how = "a hook of the same chart"
	}
	l.report(first, d.defines, Finding{
		Rule: ruleNoKind, Object: object, Action: s.run.action, Phase: phaseResources,
		Message: fmt.Sprintf("%s: the kind comes from %s, %s, but Helm looks all kinds up before it runs a hook or makes a resource: %s fails (no matches for kind %q)",
			what, d.object.Ref(), how, s.run.action, object.Kind),
		Fix: fmt.Sprintf("move %s to the chart's crds/ folder, or to a chart that is installed before", d.object.Ref()),
	})
}

func (l *linter) hookOf(s *scene, d definition) {
	h := &s.step.Hook
	for _, one := range h.parts {
		if one.object.group()+"/"+one.object.Kind != d.defines {
			continue
		}
		missing, ours := s.absence(h, d.object)
		if !ours {
			continue
		}
		l.report(&h.Parsed, d.defines, Finding{
			Rule: ruleNoKind, Object: one.object, Action: s.run.action, Phase: s.phase,
			Message: fmt.Sprintf("%s runs in %s and its kind comes from %s, %s: %s fails (no matches for kind %q)",
				one.object.Ref(), s.phase, d.object.Ref(), missing.why, s.run.action, one.object.Kind),
			Fix: fmt.Sprintf("move %s to the chart's crds/ folder", d.object.Ref()),
		})
	}
}
