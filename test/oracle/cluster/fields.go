package cluster

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// fieldSet is a set of fields as managedFields keeps them: a tree of keys, where a key without children
// is a leaf. Lists are leaves. (A real API server looks into lists with a key, such as containers. That
// differs only where two managers own different fields of one list element.)
//
// Whoever writes the first entry of a map without an apply owns the map itself too, as the key itself. So that manager
// stays when others take over all entries.
type fieldSet map[string]fieldSet

const itself = "."

// mapFields are the fields that are a map without other keys than those that somebody wrote, as far as anybody asks.
var mapFields = []string{"labels", "annotations", "data"}

// unownedMeta are fields of metadata no manager owns: identity, and what the server writes.
var unownedMeta = []string{
	"name", "namespace", "generateName", "managedFields", "resourceVersion", "uid",
	"creationTimestamp", "generation", "selfLink",
}

// fieldsOf is the set of fields a manager owns once it has applied obj.
func fieldsOf(obj map[string]any) fieldSet {
	set := fieldSet{}
	for k, v := range obj {
		switch k {
		case "apiVersion", "kind", "status":
		case "metadata":
			m, _ := v.(map[string]any)
			if sub := treeOf(m, unownedMeta); len(sub) > 0 {
				set[k] = sub
			}
		default:
			m, _ := v.(map[string]any)
			set[k] = treeOf(m, nil)
		}
	}
	return set
}

// updatedFieldsOf is the set of fields a manager owns once it has written all of obj otherwise.
func updatedFieldsOf(obj map[string]any) fieldSet {
	set := fieldsOf(obj)
	for _, at := range []fieldSet{set, set["metadata"]} {
		for _, field := range mapFields {
			if len(at[field]) > 0 {
				at[field][itself] = nil
			}
		}
	}
	return set
}

func treeOf(m map[string]any, skip []string) fieldSet {
	if len(m) == 0 {
		return nil
	}
	set := make(fieldSet, len(m))
	for k, v := range m {
		if slices.Contains(skip, k) {
			continue
		}
		sub, _ := v.(map[string]any)
		set[k] = treeOf(sub, nil)
	}
	return set
}

// touches says whether path is in s, or above or below one of its leaves.
func (s fieldSet) touches(path []string) bool {
	for _, k := range path {
		sub, ok := s[k]
		if !ok {
			return false
		}
		if len(sub) == 0 {
			return true
		}
		s = sub
	}
	return true
}

// remove takes path out of s, and the parents it leaves empty.
func (s fieldSet) remove(path []string) {
	sub, ok := s[path[0]]
	if !ok {
		return
	}
	if len(path) > 1 && len(sub) > 0 {
		sub.remove(path[1:])
		if len(sub) > 0 {
			return
		}
	}
	delete(s, path[0])
}

// add puts path into s.
func (s fieldSet) add(path []string) {
	if len(path) == 1 {
		if len(s[path[0]]) == 0 {
			s[path[0]] = nil
		}
		return
	}
	if s[path[0]] == nil {
		s[path[0]] = fieldSet{}
	}
	s[path[0]].add(path[1:])
}

// each calls fn for every leaf, in order of its path.
func (s fieldSet) each(fn func(path []string)) { s.walk(nil, fn) }

func (s fieldSet) walk(at []string, fn func([]string)) {
	for _, k := range slices.Sorted(maps.Keys(s)) {
		path := append(at[:len(at):len(at)], k)
		if sub := s[k]; len(sub) > 0 {
			sub.walk(path, fn)
			continue
		}
		fn(path)
	}
}

// v1 is s in the form of a managedFields entry's fieldsV1.
func (s fieldSet) v1() map[string]any {
	m := make(map[string]any, len(s))
	for k, sub := range s {
		if k != itself {
			k = "f:" + k
		}
		m[k] = sub.v1()
	}
	return m
}

func fieldSetFromV1(m map[string]any) fieldSet {
	if len(m) == 0 {
		return nil
	}
	s := make(fieldSet, len(m))
	for k, v := range m {
		if name, ok := strings.CutPrefix(k, "f:"); ok || k == itself {
			sub, _ := v.(map[string]any)
			s[name] = fieldSetFromV1(sub)
			if len(sub) == 0 && slices.Contains(mapFields, name) {
				s[name] = fieldSet{itself: nil} // none of its entries
			}
		}
	}
	return s
}

// valueAt is what obj holds at path. Of a map itself it only matters whether there is one.
func valueAt(obj map[string]any, path []string) (any, bool) {
	for i, k := range path {
		if k == itself {
			return nil, len(obj) > 0
		}
		v, ok := obj[k]
		if !ok {
			return nil, false
		}
		if i == len(path)-1 {
			return v, true
		}
		if obj, ok = v.(map[string]any); !ok {
			return nil, false
		}
	}
	return nil, false
}

func sameAt(a, b map[string]any, path []string) bool {
	va, oka := valueAt(a, path)
	vb, okb := valueAt(b, path)
	return oka == okb && reflect.DeepEqual(va, vb)
}

func setAt(obj map[string]any, path []string, v any) {
	for _, k := range path[:len(path)-1] {
		sub, ok := obj[k].(map[string]any)
		if !ok {
			sub = map[string]any{}
			obj[k] = sub
		}
		obj = sub
	}
	obj[path[len(path)-1]] = v
}

// deleteAt removes what is at path and the maps it leaves empty.
func deleteAt(obj map[string]any, path []string) {
	if len(path) > 1 {
		sub, ok := obj[path[0]].(map[string]any)
		if !ok {
			return
		}
		deleteAt(sub, path[1:])
		if len(sub) > 0 {
			return
		}
	}
	delete(obj, path[0])
}
