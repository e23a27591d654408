package plan

import (
	"fmt"
	"slices"
	"strings"
)

// binding is a RoleBinding or ClusterRoleBinding of the chart that names a ServiceAccount.
type binding struct {
	object Object
	// role is what it grants.
	role Object
}

// missingRights: HH202. A hook whose ServiceAccount is there while none of the chart's bindings for it is:
// its pod runs, and the API server turns its requests down.
func (l *linter) missingRights(run *lintRun) {
	run.scenes(func(s *scene) {
		if s.step == nil || s.step.NotRun {
			return
		}
		h := &s.step.Hook
		for _, one := range h.parts {
			account := accountOf(one)
			if account == "" || !watched(one.object) || one.neverCompletes != "" {
				continue
			}
			bindings := run.inventory.bindings(account, one.object.Namespace)
			if len(bindings) == 0 || slices.ContainsFunc(bindings, func(b binding) bool { return s.grants(b, h) }) {
				continue
			}
			object := Object{APIVersion: "v1", Kind: "ServiceAccount", Namespace: one.object.Namespace, Name: account}
			if _, ours := s.absence(h, object); ours && !s.has(object) {
				continue // without its account the pod does not even start: HH201
			}
			l.rights(s, h, one, object, bindings[0])
		}
	})
}

// accountOf is the ServiceAccount as which a pod speaks to the API server; empty where it gets no token, and
// for the default one, which seldom is meant to have rights.
func accountOf(one part) string {
	spec, _ := podSpec(one)
	account := textAt(spec, "serviceAccountName")
	if account == "" {
		account = textAt(spec, "serviceAccount")
	}
	if token, given := spec["automountServiceAccountToken"].(bool); given && !token || account == defaultAccount {
		return ""
	}
	return account
}

// bindings finds the bindings of a revision that name a ServiceAccount.
func (inv *Inventory) bindings(account, namespace string) []binding {
	var found []binding
	inv.eachPart(func(_ *Parsed, _ *Hook, one part) {
		if one.object.group() != "rbac.authorization.k8s.io" || !strings.HasSuffix(one.object.Kind, "RoleBinding") {
			return
		}
		named := slices.ContainsFunc(mapsAt(one.body, "subjects"), func(subject map[string]any) bool {
			where := textAt(subject, "namespace")
			if where == "" {
				where = one.object.Namespace
			}
			return textAt(subject, "kind") == "ServiceAccount" && textAt(subject, "name") == account && where == namespace
		})
		if !named {
			return
		}
		ref, _ := one.body["roleRef"].(map[string]any)
		role := Object{APIVersion: one.object.APIVersion, Kind: textAt(ref, "kind"), Name: textAt(ref, "name")}
		if role.Kind == "Role" {
			role.Namespace = one.object.Namespace
		}
		found = append(found, binding{object: one.object, role: role})
	})
	return found
}

// eachPart goes through all objects of a revision, ordinary ones first; the hook is nil for those.
func (inv *Inventory) eachPart(show func(*Parsed, *Hook, part)) {
	for i := range inv.Resources {
		for _, one := range inv.Resources[i].parts {
			show(&inv.Resources[i].Parsed, nil, one)
		}
	}
	for i := range inv.Hooks {
		for _, one := range inv.Hooks[i].parts {
			show(&inv.Hooks[i].Parsed, &inv.Hooks[i], one)
		}
	}
}

// grants says whether a binding has an effect: it exists, and so does its role, unless that is not the
// chart's. What stands in one List with the hook comes at the same time.
func (s *scene) grants(b binding, h *Hook) bool {
	there := func(object Object) bool { return s.has(object) || makes(h.parts, object) }
	return there(b.object) && (there(b.role) || len(s.run.inventory.makersOf(b.role)) == 0)
}

func (l *linter) rights(s *scene, h *Hook, one part, account Object, b binding) {
	late := b.object
	if s.has(late) {
		late = b.role
	}
	missing, ours := s.absence(h, late)
	if !ours {
		return
	}
	f := Finding{
		Rule: ruleRights, Action: s.run.action, Phase: s.phase, Fix: missing.fix,
		Message: fmt.Sprintf("%s runs in %s as %s, which has its rights from %s, %s: the API server turns its requests down",
			one.object.Ref(), s.phase, account.Ref(), late.Ref(), missing.why),
	}
	// An account that pods of ordinary workloads use may have its rights for them alone.
	if len(usersOf(s.run.inventory).of(account)) > 0 && !mentionsClient(one) {
		f.Severity = SeverityInfo
	}
	l.report(&h.Parsed, account.Name, f)
}

// mentionsClient says that a pod runs a client of the Kubernetes API, by its images and commands.
func mentionsClient(one part) bool {
	spec, _ := podSpec(one)
	for _, list := range [...]string{"initContainers", "containers"} {
		for _, container := range mapsAt(spec, list) {
			text := fmt.Sprint(container["image"], container["command"], container["args"])
			if strings.Contains(text, "kubectl") || strings.Contains(text, "hyperkube") {
				return true
			}
		}
	}
	return false
}
