package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// hookKeys are the annotations that make or shape a hook.
var hookKeys = [...]string{annotationHook, annotationWeight, annotationDelete, annotationOutputLog}

// keyMistakes are the usual wrong names of hook annotations, as plain words without the prefix.
var keyMistakes = map[string]string{
	"hook": annotationHook, "hooktype": annotationHook, "hookevent": annotationHook, "hookevents": annotationHook,
	"hookweight": annotationWeight, "weight": annotationWeight, "hookorder": annotationWeight, "hookpriority": annotationWeight,
	"hookdeletepolicy": annotationDelete, "hookdeletionpolicy": annotationDelete, "hookdelete": annotationDelete,
	"hookdeletion": annotationDelete, "deletepolicy": annotationDelete, "deletionpolicy": annotationDelete,
	"hookoutputlogpolicy": annotationOutputLog, "hooklogpolicy": annotationOutputLog, "hookoutputpolicy": annotationOutputLog,
	"outputlogpolicy": annotationOutputLog, "hooklogoutputpolicy": annotationOutputLog,
}

// misspelt: HH009. It says whether the document would be a hook if its keys were spelt right.
func (d *diagnosis) misspelt(s *suspect) (wouldBeHook bool) {
	for _, a := range s.parsed.Annotations {
		guess, _ := guessHookKey(a.Key, a.Value)
		wouldBeHook = wouldBeHook || guess == annotationHook && !s.isHook
	}
	for _, a := range s.parsed.Annotations {
		guess, ours := guessHookKey(a.Key, a.Value)
		if !ours {
			continue
		}
		_, beside := s.parsed.annotation(guess)
		f := Finding{Rule: "HH009", Message: fmt.Sprintf("%s is no annotation of Helm's, so it has no effect", quoteRaw(a.Key))}
		switch {
		case guess == "":
			f.Severity, f.Fix = SeverityInfo, "Helm knows "+enumerate(hookKeys[:], "and")
		case beside:
			f.Fix = fmt.Sprintf("remove it, since %s stands beside it", guess)
		case guess == annotationHook && !s.isHook:
			f.Message = fmt.Sprintf("%s is no annotation of Helm's, so this object is no hook: Helm installs it as an ordinary resource", quoteRaw(a.Key))
			f.Fix = "write " + guess
		case !s.isHook && !wouldBeHook:
			f.Fix = fmt.Sprintf("write %s and add helm.sh/hook, or remove it", guess)
		default:
			f.Fix = "write " + guess
		}
		d.report(s.parsed, f)
	}
	return wouldBeHook
}

// guessHookKey finds annotations that were meant for Helm. An empty guess with ours set is a key in
// Helm's own name space that Helm does not know.
func guessHookKey(key, value string) (guess string, ours bool) {
	if slices.Contains(hookKeys[:], key) {
		return "", false
	}
	lower := strings.ToLower(key)
	prefix, name, slashed := strings.Cut(lower, "/")
	if !slashed {
		// helm.sh.hook, hook.helm.sh, helm-hook, hook-weight: only with a value that fits, since other
		// tools have such keys as well.
		plain := plainWord(lower)
		plain = strings.TrimPrefix(strings.TrimPrefix(plain, "helm"), "sh")
		plain = strings.TrimSuffix(plain, "helmsh")
		guess, found := nearestKey(plain)
		return guess, found && hookKeyFits(guess, value)
	}
	if !helmPrefix(prefix) {
		return "", false
	}
	if guess, found := nearestKey(plainWord(name)); found {
		return guess, true
	}
	return "", prefix == "helm.sh" && (strings.HasPrefix(name, "hook-") || strings.HasPrefix(name, "hook_") || strings.HasPrefix(name, "hook."))
}

// helmPrefix accepts helm.sh, its sub-domains, helm alone, and what is two typing errors away.
func helmPrefix(prefix string) bool {
	const meant = "helmsh"
	plain := plainWord(prefix)
	near := len(plain) >= len(meant)-2 && len(plain) <= len(meant)+2
	return plain == "helm" || strings.HasSuffix(prefix, ".helm.sh") || near && typingErrors(plain, meant) <= 2
}

func nearestKey(plain string) (string, bool) {
	if key, known := keyMistakes[plain]; known {
		return key, true
	}
	names := make([]string, 0, len(hookKeys))
	for _, key := range hookKeys {
		names = append(names, strings.TrimPrefix(key, "helm.sh/"))
	}
	name, near := nearest(plain, names)
	return "helm.sh/" + name, near
}

// hookKeyFits says whether a value makes sense for an annotation.
func hookKeyFits(key, value string) bool {
	switch key {
	case annotationHook:
		_, _, ok := splitEvents(value)
		return ok
	case annotationWeight:
		_, err := strconv.Atoi(value)
		return err == nil
	case annotationDelete:
		return suggestPolicies(value, knownPolicies[:]) != ""
	default:
		return suggestPolicies(value, knownPolicies[1:]) != ""
	}
}

// idle: HH010.
func (d *diagnosis) idle(p *Parsed) {
	var keys []string
	for _, a := range p.Annotations {
		if slices.Contains(hookKeys[1:], a.Key) {
			keys = append(keys, a.Key)
		}
	}
	if len(keys) == 0 {
		return
	}
	have := "has"
	if len(keys) > 1 {
		have = "have"
	}
	d.report(p, Finding{
		Rule: "HH010",
		Message: fmt.Sprintf("%s %s no effect: the object has no helm.sh/hook, so Helm installs it as an ordinary resource",
			enumerate(keys, "and"), have),
		Fix: "add helm.sh/hook with an event if it should be a hook, else remove " + enumerate(keys, "and"),
	})
}
