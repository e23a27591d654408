package cluster

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/strategicpatch"

	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
)

const (
	operationUpdate = string(metav1.ManagedFieldsOperationUpdate)
	operationApply  = string(metav1.ManagedFieldsOperationApply)
)

// create is a POST.
func (c *Cluster) create(req request) (int, []byte, error) {
	obj, err := c.decode(req, req.body)
	if err != nil {
		return 0, nil, err
	}
	m := metadata(obj)
	name, _ := m["name"].(string)
	prefix, _ := m["generateName"].(string)
	if name != "" {
		prefix = ""
	}
	if _, ok := c.fault(key{kind: req.key.kind, name: name}, prefix, scenario.AtCreate); ok {
		return 0, nil, errors.NewInternalError(fmt.Errorf("create of %s %q was refused", req.key.kind, name))
	}
	if name == "" && prefix == "" {
		return 0, nil, invalid(req, "metadata.name: Required value: name or generateName is required")
	}
	if name == "" {
		name = c.newName(prefix)
		m["name"] = name
	}
	req.key.name = name
	if _, ok := c.objects[req.key]; ok {
		return 0, nil, errors.NewAlreadyExists(req.resource(), name)
	}
	o := c.add(req, obj, prefix)
	o.managers = []manager{{req.manager, operationUpdate, req.version.String(), fieldsOf(obj)}}
	return answer(http.StatusCreated, o)
}

// add puts a new object into the cluster.
func (c *Cluster) add(req request, obj map[string]any, prefix string) *object {
	m := metadata(obj)
	delete(m, "namespace")
	if req.key.namespace != "" {
		m["namespace"] = req.key.namespace
	}
	m["resourceVersion"] = "1"
	delete(m, "managedFields")
	o := &object{content: obj, hook: c.scope.Hook, prefix: prefix}
	c.start(req.key, o)
	c.objects[req.key] = o
	return o
}

// start decides the state of a Job or Pod that begins to run now.
func (c *Cluster) start(k key, o *object) {
	if !runs(k) {
		return
	}
	o.state = Finished
	if neverEnds(k, o.content) {
		o.state = Running
	}
	if f, ok := c.fault(k, o.prefix, scenario.AtWait, scenario.AtTimeout); ok {
		if f.At == scenario.AtTimeout {
			o.state = Running
		} else if o.state != Running {
			o.state = Failed
		}
	}
}

// replace is a PUT.
func (c *Cluster) replace(req request) (int, []byte, error) {
	o, ok := c.objects[req.key]
	if !ok {
		return 0, nil, errors.NewNotFound(req.resource(), req.key.name)
	}
	obj, err := c.decode(req, req.body)
	if err != nil {
		return 0, nil, err
	}
	metadata(obj)["resourceVersion"] = "1"
	if req.key.namespace != "" {
		metadata(obj)["namespace"] = req.key.namespace
	}
	return c.update(req, o, obj)
}

// patch is a PATCH of any kind.
func (c *Cluster) patch(req request) (int, []byte, error) {
	if req.patch == string(types.ApplyPatchType) {
		return c.apply(req)
	}
	o, ok := c.objects[req.key]
	if !ok {
		return 0, nil, errors.NewNotFound(req.resource(), req.key.name)
	}
	if req.patch == string(types.JSONPatchType) {
		return c.patchManagedFields(req, o)
	}
	before, err := utiljson.Marshal(o.content)
	if err != nil {
		return 0, nil, err
	}
	var after []byte
	if req.patch == string(types.StrategicMergePatchType) {
		typed, err := builtInTypes().New(req.version.WithKind(req.key.kind))
		if err != nil {
			return 0, nil, unsupportedPatch(req)
		}
		after, err = strategicpatch.StrategicMergePatch(before, req.body, typed)
		if err != nil {
			return 0, nil, errors.NewBadRequest(err.Error())
		}
	} else if after, err = jsonpatch.MergePatch(before, req.body); err != nil {
		return 0, nil, errors.NewBadRequest(err.Error())
	}
	obj, err := c.decode(req, after)
	if err != nil {
		return 0, nil, err
	}
	return c.update(req, o, obj)
}

func unsupportedPatch(req request) error {
	return &errors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: http.StatusUnsupportedMediaType, Reason: metav1.StatusReasonUnsupportedMediaType,
		Message: "the body of the request was in an unknown format: " + req.patch,
	}}
}

// update gives an object new content by a PUT or PATCH: its manager now owns what it changed.
func (c *Cluster) update(req request, o *object, obj map[string]any) (int, []byte, error) {
	if err := immutable(req, o.content, obj); err != nil {
		return 0, nil, err
	}
	own := manager{req.manager, operationUpdate, req.version.String(), fieldSet{}}
	managers := []manager{}
	for _, m := range o.owners() {
		if m.name != own.name || m.operation != own.operation {
			managers = append(managers, m)
		} else if m.fields != nil {
			own.fields = m.fields
		}
	}
	fieldsOf(obj).each(func(path []string) {
		if sameAt(o.content, obj, path) {
			return
		}
		for _, m := range managers {
			m.fields.remove(path)
		}
		own.fields.add(path)
	})
	fieldsOf(o.content).each(func(path []string) {
		if _, ok := valueAt(obj, path); !ok {
			for _, m := range append(managers, own) {
				m.fields.remove(path)
			}
		}
	})
	if len(own.fields) > 0 {
		managers = append(managers, own)
	}
	return c.store(req, o, obj, managers)
}

// store keeps an object's new content. A Job or Pod keeps its state, unless it starts to run only now.
func (c *Cluster) store(req request, o *object, obj map[string]any, managers []manager) (int, []byte, error) {
	wasStuck := runs(req.key) && neverEnds(req.key, o.content)
	o.content, o.managers, o.encoded = obj, managers, nil
	if wasStuck && o.state == Running && !neverEnds(req.key, obj) {
		c.start(req.key, o)
	}
	return answer(http.StatusOK, o)
}

// apply is a server-side apply.
func (c *Cluster) apply(req request) (int, []byte, error) {
	if _, ok := c.fault(req.key, c.prefixOf(req.key), scenario.AtCreate); ok {
		return 0, nil, errors.NewInternalError(fmt.Errorf("apply of %s %q was refused", req.key.kind, req.key.name))
	}
	obj, err := c.decode(req, req.body)
	if err != nil {
		return 0, nil, err
	}
	wanted := fieldsOf(obj)
	own := manager{req.manager, operationApply, req.version.String(), wanted}
	o, ok := c.objects[req.key]
	if !ok {
		o = c.add(req, obj, "")
		o.managers = []manager{own}
		return answer(http.StatusCreated, o)
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
	if err := immutable(req, o.content, after); err != nil {
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
			found = append(found, fmt.Sprintf("conflict with %q using %s: .%s", m.name, m.apiVersion, strings.Join(path, ".")))
		}
	})
	if len(found) == 0 {
		return nil
	}
	message := fmt.Sprintf("Apply failed with %d conflict(s): %s", len(found), strings.Join(found, ", "))
	return errors.NewApplyConflict(nil, message)
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
				if err := json.Unmarshal(e.FieldsV1.Raw, &v1); err != nil {
					return 0, nil, errors.NewBadRequest(err.Error())
				}
			}
			managers[i] = manager{e.Manager, string(e.Operation), e.APIVersion, fieldSetFromV1(v1)}
		}
		o.managers, o.encoded = managers, nil
	}
	return answer(http.StatusOK, o)
}

// withManagedFields is the object as the server shows it. Its managedFields are shown only where there is
// something to hand over, because nobody reads them otherwise and they are costly.
func (o *object) withManagedFields() map[string]any {
	clientSide := false
	entries := make([]any, len(o.managers))
	for i, m := range o.managers {
		clientSide = clientSide || m.operation == operationUpdate
		entries[i] = map[string]any{"manager": m.name, "operation": m.operation, "apiVersion": m.apiVersion,
			"fieldsType": "FieldsV1", "fieldsV1": m.fields.v1()}
	}
	if !clientSide {
		return o.content
	}
	shown := make(map[string]any, len(o.content))
	for k, v := range o.content {
		shown[k] = v
	}
	meta := map[string]any{"managedFields": entries}
	for k, v := range metadata(o.content) {
		meta[k] = v
	}
	shown["metadata"] = meta
	return shown
}

func metadata(obj map[string]any) map[string]any {
	m, ok := obj["metadata"].(map[string]any)
	if !ok {
		m = map[string]any{}
		obj["metadata"] = m
	}
	return m
}

func invalid(req request, cause string) error {
	return &errors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: http.StatusUnprocessableEntity, Reason: metav1.StatusReasonInvalid,
		Message: fmt.Sprintf("%s %q is invalid: %s", req.key.kind, req.key.name, cause),
	}}
}
