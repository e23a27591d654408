package cluster

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
)

// apply is a server-side apply.
func (c *Cluster) apply(req request) (int, []byte, error) {
	if c.fault(req.key, c.prefixOf(req.key), scenario.AtCreate) {
		return 0, nil, errors.NewInternalError(fmt.Errorf("apply of %s %q was refused", req.key.kind, req.key.name))
	}
	obj, err := c.decode(req, req.body)
	if err != nil {
		return 0, nil, err
	}
	o := c.objects[req.key]
	if err := req.identity(o, obj); err != nil {
		return 0, nil, err
	}
	wanted := fieldsOf(obj)
	own := manager{req.manager, operationApply, req.version.String(), wanted}
	if o == nil {
		o = c.add(req, obj, "")
		if len(wanted) > 0 {
			o.managers = []manager{own}
		}
		return c.answer(http.StatusCreated, req.key, o)
	}

	var before fieldSet
	managers := []manager{}
	for _, m := range o.owners() {
		if m.name == own.name && m.operation == own.operation {
			before = m.fields
			continue
		}
		managers = append(managers, m)
	}
	if err := conflicts(req, o.content, obj, wanted, managers); err != nil {
		return 0, nil, err
	}
	after := merge(o.content, obj, before, wanted, managers)
	if err := immutable(req, o, after); err != nil {
		return 0, nil, err
	}
	return c.store(req, o, after, append(managers, own))
}

// conflicts is the error of an apply that would change what another manager owns, unless it is forced.
// With force the others lose those fields.
func conflicts(req request, live, obj map[string]any, wanted fieldSet, managers []manager) error {
	var found []string
	wanted.each(func(path []string) {
		if sameAt(live, obj, path) {
			return
		}
		for _, m := range managers {
			if !m.fields.touches(path) {
				continue
			}
			if req.force {
				m.fields.remove(path)
				continue
			}
			who := strconv.Quote(m.name)
			if m.operation == operationUpdate {
				who += " using " + m.apiVersion
			}
			found = append(found, "conflict with "+who+": ."+strings.Join(path, "."))
		}
	})
	switch len(found) {
	case 0:
		return nil
	case 1:
		return errors.NewApplyConflict(nil, "Apply failed with 1 conflict: "+found[0])
	}
	return errors.NewApplyConflict(nil, fmt.Sprintf("Apply failed with %d conflicts: %s", len(found), strings.Join(found, ", ")))
}

// merge is live with obj applied: what the manager applied before and does not want any more is gone,
// unless another manager owns it too.
func merge(live, obj map[string]any, before, wanted fieldSet, managers []manager) map[string]any {
	after := deepCopy(live)
	before.each(func(path []string) {
		if wanted.touches(path) {
			return
		}
		for _, m := range managers {
			if m.fields.touches(path) {
				return
			}
		}
		deleteAt(after, path)
	})
	wanted.each(func(path []string) {
		if v, ok := valueAt(obj, path); ok && !(isEmptyMap(v) && hasMap(after, path)) {
			setAt(after, path, runtime.DeepCopyJSONValue(v))
		}
	})
	return after
}

func isEmptyMap(v any) bool {
	m, ok := v.(map[string]any)
	return ok && len(m) == 0
}

func hasMap(obj map[string]any, path []string) bool {
	v, _ := valueAt(obj, path)
	_, ok := v.(map[string]any)
	return ok
}

// patchManagedFields takes the one JSON patch Helm sends: the hand-over of fields from client-side to
// server-side apply (client-go util/csaupgrade).
func (c *Cluster) patchManagedFields(req request, o *object) (int, []byte, error) {
	var ops []struct {
		Op    string          `json:"op"`
		Path  string          `json:"path"`
		Value json.RawMessage `json:"value"`
	}
	if err := json.Unmarshal(req.body, &ops); err != nil {
		return 0, nil, errors.NewBadRequest(err.Error())
	}
	for _, op := range ops {
		if op.Path != "/metadata/managedFields" {
			continue
		}
		var entries []metav1.ManagedFieldsEntry
		if err := json.Unmarshal(op.Value, &entries); err != nil {
			return 0, nil, errors.NewBadRequest(err.Error())
		}
		managers := make([]manager, len(entries))
		for i, e := range entries {
			var v1 map[string]any
			if e.FieldsV1 != nil {
				// Marshalled again, since the way to the raw bytes differs between the versions of the type.
				raw, err := json.Marshal(e.FieldsV1)
				if err != nil {
					return 0, nil, errors.NewBadRequest(err.Error())
				}
				if err := json.Unmarshal(raw, &v1); err != nil {
					return 0, nil, errors.NewBadRequest(err.Error())
				}
			}
			managers[i] = manager{e.Manager, string(e.Operation), e.APIVersion, fieldSetFromV1(v1)}
		}
		o.managers, o.encoded = managers, nil
	}
	return c.answer(http.StatusOK, req.key, o)
}
