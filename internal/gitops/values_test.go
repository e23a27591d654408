package gitops

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// setFlat stands for Helm's parser where a path is one key, or two.
func setFlat(values map[string]any, text string, asString bool) error {
	path, value, _ := strings.Cut(text, "=")
	if value == "broken" {
		return fmt.Errorf("cannot read %s", value)
	}
	first, second, nested := strings.Cut(path, ".")
	if asString {
		value = "string " + value
	}
	if !nested {
		values[first] = value
		return nil
	}
	table, ok := values[first].(map[string]any)
	if !ok {
		table = map[string]any{}
		values[first] = table
	}
	table[second] = value
	return nil
}

// What holds for all inputs was compared with chartutil itself; these are the turns that one would not guess.
func TestValuesComeInFluxsOrder(t *testing.T) {
	maps := []string{
		"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one, namespace: web}\ndata: {values.yaml: \"a: 1\\nt: {x: 1, u: 1}\", k: \"v\", q: \"'v'\", s: \"a,b\"}\n",
		"apiVersion: v1\nkind: Secret\nmetadata: {name: two, namespace: web}\ndata: {values.yaml: \"YTogMgo=\"}\nstringData: {own: \"a: 3\"}\n",
		"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: nowhere}\ndata: {values.yaml: \"a: 4\"}\n",
	}
	for _, c := range []struct {
		name string
		spec []string
		want string
	}{
		{"spec.values win", []string{"values: {a: 9}", "valuesFrom: [{kind: ConfigMap, name: one}]"}, `{"a":9,"t":{"u":1,"x":1}}`},
		{"tables are merged", []string{"values: {t: {u: 2}}", "valuesFrom: [{kind: ConfigMap, name: one}]"}, `{"a":1,"t":{"u":2,"x":1}}`},
		{"the later reference wins", []string{"valuesFrom: [{kind: ConfigMap, name: one}, {kind: Secret, name: two}]"}, `{"a":2,"t":{"u":1,"x":1}}`},
		{"another key, of stringData", []string{"valuesFrom: [{kind: Secret, name: two, valuesKey: own}]"}, `{"a":3}`},
		{"an object whose namespace somebody else adds", []string{"valuesFrom: [{kind: ConfigMap, name: nowhere}]"}, `{"a":4}`},
		{"a path", []string{"valuesFrom: [{kind: ConfigMap, name: one, valuesKey: k, targetPath: z}]"}, `{"z":"v"}`},
		{"a path loses to a plain value of spec.values", []string{"values: {z: own}", "valuesFrom: [{kind: ConfigMap, name: one, valuesKey: k, targetPath: z}]"}, `{"z":"own"}`},
		{"a path wins inside a table of spec.values", []string{"values: {t: {z: own}}", "valuesFrom: [{kind: ConfigMap, name: one, valuesKey: k, targetPath: t.z}]"}, `{"t":{"z":"v"}}`},
		{"but not where that table was merged", []string{"values: {t: {z: own}}", "valuesFrom: [{kind: ConfigMap, name: one}, {kind: ConfigMap, name: one, valuesKey: k, targetPath: t.z}]"}, `{"a":1,"t":{"u":1,"x":1,"z":"own"}}`},
		{"quotes make a string", []string{"valuesFrom: [{kind: ConfigMap, name: one, valuesKey: q, targetPath: z}]"}, `{"z":"string v"}`},
		{"a literal", []string{"valuesFrom: [{kind: ConfigMap, name: one, valuesKey: s, targetPath: z, literal: true}]"}, `{"z":"string a\\,b"}`},
		{"an optional key that is not there", []string{"values: {a: 1}", "valuesFrom: [{kind: ConfigMap, name: one, valuesKey: none, optional: true}]"}, `{"a":1}`},
	} {
		h := read(t, c.spec...)
		for range 2 { // the second reading finds what the first one left
			values, unknown, err := h.MergeValues(References{Find: among(t, maps...), Set: setFlat})
			got, _ := json.Marshal(values)
			if err != nil || len(unknown) > 0 || string(got) != c.want {
				t.Errorf("%s: %s, %v, %v; want %s", c.name, got, unknown, err, c.want)
			}
		}
	}
}

func TestReferencesThatLeadNowhere(t *testing.T) {
	maps := []string{
		"apiVersion: v1\nkind: Secret\nmetadata: {name: sealed, namespace: web}\ndata: {values.yaml: \"ENC[AES256]\"}\nsops: {mac: x}\n",
		"apiVersion: v1\nkind: Secret\nmetadata: {name: plain, namespace: web}\nstringData: {values.yaml: \"- hunter2\", k: broken}\n",
		"apiVersion: v1\nkind: Secret\nmetadata: {name: odd, namespace: web}\ndata: {values.yaml: \"?\"}\n",
	}
	for _, c := range []struct {
		ref      string
		complete bool
		unknown  string
		err      string
	}{
		{ref: "{kind: ConfigMap, name: gone}", unknown: "ConfigMap/gone of spec.valuesFrom is not at hand"},
		{ref: "{kind: ConfigMap, name: gone, optional: true}", unknown: "is not at hand"},
		{ref: "{kind: ConfigMap, name: gone, optional: true}", complete: true},
		{ref: "{kind: ConfigMap, name: gone}", complete: true, err: "there is no ConfigMap/gone in namespace web: Flux stops here, with Ready False (ValuesError)"},
		{ref: "{kind: Secret, name: sealed}", unknown: "is encrypted here"},
		{ref: "{kind: Secret, name: plain, valuesKey: none}", err: "Secret/plain has no key none"},
		{ref: "{kind: Secret, name: plain}", err: "values.yaml of Secret/plain is no YAML of values"},
		{ref: "{kind: Secret, name: plain, valuesKey: k, targetPath: a}", err: "set a to what Secret/plain holds: cannot read …"},
		{ref: "{kind: Secret, name: odd}", err: "data.values.yaml of Secret/odd is not base64"},
	} {
		_, unknown, err := read(t, "valuesFrom: ["+c.ref+"]").MergeValues(References{Find: among(t, maps...), Set: setFlat, Complete: c.complete})
		switch {
		case c.err != "" && (err == nil || !strings.Contains(err.Error(), "spec.valuesFrom[0]: ") || !strings.Contains(err.Error(), c.err)):
			t.Errorf("%s: %v", c.ref, err)
		case c.err == "" && err != nil:
			t.Errorf("%s: %v", c.ref, err)
		case c.unknown == "" && len(unknown) > 0, c.unknown != "" && (len(unknown) != 1 || !strings.Contains(unknown[0].Why, c.unknown)):
			t.Errorf("%s: %v", c.ref, unknown)
		case err != nil && strings.Contains(err.Error(), "hunter2"):
			t.Errorf("%s: a Secret is printed: %v", c.ref, err)
		}
	}
	failing := References{Find: func(string, string, string) (*Object, error) { return nil, errors.New("forbidden") }, Set: setFlat}
	if _, _, err := read(t, "valuesFrom: [{kind: Secret, name: a}]").MergeValues(failing); err == nil || !strings.Contains(err.Error(), "forbidden") {
		t.Error(err)
	}
}
