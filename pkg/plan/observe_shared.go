package plan

import (
	"fmt"
	"slices"
	"strings"
)

// sharedNames notes hooks that are the same object as an ordinary resource of the chart. Names that the renderer or
// the API server makes up are left out: what stands for them here shows nothing.
func (o *observer) sharedNames(inventory Inventory) {
	resources := map[string]string{}
	for i := range inventory.Resources {
		r := &inventory.Resources[i]
		for _, one := range r.parts {
			if !one.nameless && r.VolatileName == "" {
				resources[identityKey(r.Parsed, one.object)] = r.Template
			}
		}
	}
	for i := range inventory.Hooks {
		h := &inventory.Hooks[i]
		for _, one := range h.parts {
			template, shared := resources[identityKey(h.Parsed, one.object)]
			if !shared || one.nameless || h.VolatileName != "" {
				continue
			}
			severity, consequence := o.meeting(h)
			o.add(&h.Parsed, Finding{
				Rule: ruleShared, Severity: severity, Fix: "give the hook a name of its own",
				Message: fmt.Sprintf("%s is a hook and also an ordinary resource (%s): %s", one.object.Ref(), template, consequence),
			})
		}
	}
}

// meeting says what comes of a hook that is the same object as an ordinary resource. Before an install makes its
// resources, and after an uninstall has deleted them, there is none to meet.
func (o *observer) meeting(h *Hook) (severity Severity, consequence string) {
	var met []Event
	for _, event := range h.Events {
		if event != PreInstall && event != PostDelete {
			met = append(met, event)
		}
	}
	deletes := h.Kind != "CustomResourceDefinition"
	anew := deletes && slices.Contains(effectivePolicies(h), BeforeHookCreation)
	goes := deletes && slices.Contains(h.DeletePolicies, HookSucceeded)
	applies := o.input.Engine.rules().serverSideApply
	switch {
	case len(met) > 0 && anew && goes && slices.ContainsFunc(met, remains):
		return SeverityError, fmt.Sprintf("the hook's before-hook-creation policy deletes the live object in %s, and hook-succeeded the new one, so that none is left after %s",
			eventList(met), eventList(slices.DeleteFunc(slices.Clone(met), func(e Event) bool { return !remains(e) })))
	case len(met) > 0 && anew:
		return SeverityError, fmt.Sprintf("the hook's before-hook-creation policy deletes the live object in %s", eventList(met))
	case len(met) > 0 && applies && goes:
		return SeverityError, fmt.Sprintf("the hook is applied over the live object in %s, and hook-succeeded deletes it", eventList(met))
	case len(met) > 0 && applies:
		return SeverityError, fmt.Sprintf("the hook is applied over the live object in %s", eventList(met))
	case len(met) > 0:
		return SeverityError, fmt.Sprintf("the hook is refused in %s, since the object already exists", eventList(met))
	case goes:
		return SeverityInfo, "the two never meet, since hook-succeeded deletes the hook's in time"
	case slices.Contains(h.Events, PreInstall) && applies:
		return SeverityWarning, "the ordinary object is applied over what the hook made"
	case slices.Contains(h.Events, PreInstall):
		return SeverityError, "the ordinary object is refused, since the hook's already exists, and the install fails"
	}
	return SeverityError, "uninstall leaves the hook's, and the next install refuses an object that is not the release's"
}

// remains says that no update follows an event which would make a deleted object anew.
func remains(event Event) bool {
	return event == PostInstall || event == PostUpgrade || event == PostRollback || event == TestEvent
}

// becomesHook notes ordinary objects of the first revision that are hooks of an upgrade: made by the
// pre-upgrade hook and then deleted by the update, since the old manifest has them and the new one has not.
func (o *observer) becomesHook(first, upgraded Inventory) {
	ordinary, stays := map[string]bool{}, map[string]bool{}
	for i := range first.Resources {
		for _, one := range first.Resources[i].parts {
			ordinary[identityKey(first.Resources[i].Parsed, one.object)] = !one.kept && !one.nameless && first.Resources[i].VolatileName == ""
		}
	}
	for i := range upgraded.Resources {
		for _, one := range upgraded.Resources[i].parts {
			stays[identityKey(upgraded.Resources[i].Parsed, one.object)] = true
		}
	}
	for i := range upgraded.Hooks {
		h := &upgraded.Hooks[i]
		for _, one := range h.parts {
			key := identityKey(h.Parsed, one.object)
			if !ordinary[key] || stays[key] || h.VolatileName != "" || !slices.Contains(h.Events, PreUpgrade) {
				continue
			}
			f := Finding{Rule: ruleShared, Action: Upgrade, Phase: string(PreUpgrade), Fix: "give the hook a name of its own"}
			spent := ""
			switch {
			case watched(one.object):
				// By then Helm has waited for it.
				f.Severity, spent = SeverityInfo, ", when it has run"
			case upgraded.servesHooks(one, usersOf(&upgraded).of(one.object)) || upgraded.rightsOfHooks(one):
				f.Severity, spent = SeverityInfo, ", when the hooks that use it have run"
			}
			f.Message = fmt.Sprintf("%s was an ordinary object of revision 1: the hook makes it, and then the same upgrade deletes it%s, because the old manifest has it and the new one has not", one.object.Ref(), spent)
			o.add(&h.Parsed, f)
		}
	}
}

// rightsOfHooks says that a role or a binding gives rights to accounts that only hooks use.
func (inv *Inventory) rightsOfHooks(one part) bool {
	if one.object.group() != "rbac.authorization.k8s.io" {
		return false
	}
	if strings.HasSuffix(one.object.Kind, "RoleBinding") {
		return inv.bindsHooksOnly(one)
	}
	hooks, others := false, false
	inv.eachPart(func(_ *Parsed, _ *Hook, other part) {
		ref, _ := other.body["roleRef"].(map[string]any)
		if textAt(ref, "kind") != one.object.Kind || textAt(ref, "name") != one.object.Name {
			return
		}
		only := inv.bindsHooksOnly(other)
		hooks, others = hooks || only, others || !only
	})
	return hooks && !others
}

func (inv *Inventory) bindsHooksOnly(binding part) bool {
	subjects := mapsAt(binding.body, "subjects")
	for _, subject := range subjects {
		account := Object{APIVersion: "v1", Kind: textAt(subject, "kind"), Namespace: textAt(subject, "namespace"), Name: textAt(subject, "name")}
		if account.Namespace == "" {
			account.Namespace = binding.object.Namespace
		}
		if account.Kind != "ServiceAccount" || !inv.servesHooks(part{object: account}, usersOf(inv).of(account)) {
			return false
		}
	}
	return len(subjects) > 0
}
