package gitops

import (
	"errors"
	"fmt"
	"maps"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// SetValue is Helm's parser of --set, or with asString of --set-string.
type SetValue func(values map[string]any, text string, asString bool) error

// References is where MergeValues finds what spec.valuesFrom names.
type References struct {
	Find Finder
	Set  SetValue
	// Complete says that what is not found does not exist. Otherwise it is only not at hand.
	Complete bool
}

// MergeValues lays spec.values over what spec.valuesFrom names: ChartValuesFromReferences of github.com/fluxcd/pkg
// chartutil v1.27.0, values.go. unknown are references that are not at hand.
func (h *HelmRelease) MergeValues(from References) (values map[string]any, unknown []plan.UnknownFact, err error) {
	result, own := map[string]any{}, copyTable(h.Values)
	for i, ref := range h.ValuesFrom {
		text, known, missing, err := h.valueOf(ref, from)
		switch {
		case err != nil:
			return nil, nil, fmt.Errorf("%s: %s: spec.valuesFrom[%d]: %w", h.object.Where, h.object.Ref(), i, err)
		case !known && missing == "":
			continue
		case !known:
			unknown = append(unknown, plan.UnknownFact{
				What: "values", Why: fmt.Sprintf("%s of spec.valuesFrom %s: the plan is without its values", ref.ref(), missing),
				HowToKnow: "give it along, in the same file or stream; or give its values with -f",
			})
			continue
		}
		if ref.TargetPath != "" {
			// What is set may lie in a table that is spec.values' own, and then stays when they are laid over once more:
			// merge shares tables, as chartutil's MergeMaps does.
			result = merge(result, own)
			if err := setPath(result, ref, text, from.Set); err != nil {
				return nil, nil, fmt.Errorf("%s: %s: spec.valuesFrom[%d]: set %s to what %s holds: %w", h.object.Where, h.object.Ref(), i, ref.TargetPath, ref.ref(), hidden(err, text))
			}
			continue
		}
		var table map[string]any
		if err := yaml.Unmarshal([]byte(text), &table); err != nil {
			return nil, nil, fmt.Errorf("%s: %s: spec.valuesFrom[%d]: %s of %s is no YAML of values", h.object.Where, h.object.Ref(), i, ref.key(), ref.ref())
		}
		result = merge(result, table)
	}
	return merge(result, own), unknown, nil
}

// valueOf is the text that a reference leads to. Where it is not known, missing says why; empty is an optional reference
// that leads nowhere, which Flux passes over.
func (h *HelmRelease) valueOf(ref ValuesReference, from References) (text string, known bool, missing string, err error) {
	found, err := from.Find(ref.Kind, h.Namespace, ref.Name)
	if err != nil {
		return "", false, "", err
	}
	const stops = "Flux stops here, with Ready False (ValuesError)"
	switch {
	case found != nil:
	case !from.Complete:
		return "", false, "is not at hand", nil
	case ref.Optional:
		return "", false, "", nil
	default:
		return "", false, "", &Error{fmt.Errorf("there is no %s in namespace %s: %s", ref.ref(), h.Namespace, stops), "create it, or mark the reference optional: true"}
	}
	data, err := found.Data()
	if errors.Is(err, errEncrypted) {
		return "", false, "is encrypted here", nil
	}
	if err != nil {
		return "", false, "", err
	}
	text, known = data[ref.key()]
	if !known && !ref.Optional {
		return "", false, "", fmt.Errorf("%s has no key %s: %s", ref.ref(), ref.key(), stops)
	}
	return text, known, "", nil
}

func (r ValuesReference) ref() string { return r.Kind + "/" + r.Name }

func (r ValuesReference) key() string { return firstOf(r.ValuesKey, "values.yaml") }

// setPath is ReplacePathValue and ReplacePathLiteralValue of chartutil: Helm's --set, of a quoted text --set-string,
// and of a literal one --set-string with all its marks taken for letters.
func setPath(values map[string]any, ref ValuesReference, text string, set SetValue) error {
	if ref.Literal {
		escaped := strings.NewReplacer(`\`, `\\`, `,`, `\,`, `[`, `\[`, `]`, `\]`, `{`, `\{`, `}`, `\}`).Replace(text)
		return set(values, ref.TargetPath+"="+escaped, true)
	}
	quoted := func(mark string) bool { return strings.HasPrefix(text, mark) && strings.HasSuffix(text, mark) }
	if quoted("'") || quoted(`"`) {
		return set(values, ref.TargetPath+"="+strings.Trim(text, `'"`), true)
	}
	return set(values, ref.TargetPath+"="+text, false)
}

// hidden takes a value out of an error: it may be a Secret's.
func hidden(err error, value string) error {
	if value != "" && strings.Contains(err.Error(), value) {
		return errors.New(strings.ReplaceAll(err.Error(), value, "…"))
	}
	return err
}

// merge is MergeMaps of chartutil v1.27.0 merge.go: tables are merged, everything else is replaced, and tables that
// only one of the two has are shared with the result.
func merge(a, b map[string]any) map[string]any {
	out := maps.Clone(a)
	if out == nil {
		out = map[string]any{}
	}
	for key, value := range b {
		if table, ok := value.(map[string]any); ok {
			if old, ok := out[key].(map[string]any); ok {
				out[key] = merge(old, table)
				continue
			}
		}
		out[key] = value
	}
	return out
}

// copyTable is a copy down to the leaves.
func copyTable(table map[string]any) map[string]any {
	copied, _ := copyValue(table).(map[string]any)
	return copied
}

func copyValue(value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, item := range v {
			out[key] = copyValue(item)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = copyValue(item)
		}
		return out
	}
	return value
}
