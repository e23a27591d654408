package cluster

import (
	"fmt"
	"net/http"
	"slices"

	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
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
	if c.fault(key{kind: req.key.kind, name: name}, prefix, scenario.AtCreate) {
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
	if err := req.identity(nil, obj); err != nil {
		return 0, nil, err
	}
	if _, ok := c.objects[req.key]; ok {
		return 0, nil, errors.NewAlreadyExists(req.resource(), name)
	}
	o := c.add(req, obj, prefix)
	o.managers = []manager{{req.manager, operationUpdate, req.version.String(), updatedFieldsOf(obj)}}
	return c.answer(http.StatusCreated, req.key, o)
}

// add puts a new object into the cluster.
func (c *Cluster) add(req request, obj map[string]any, prefix string) *object {
	m := metadata(obj)
	delete(m, "namespace")
	if req.key.namespace != "" {
		m["namespace"] = req.key.namespace
	}
	c.births++
	o := &object{content: obj, hook: c.scope.Hook, prefix: prefix, born: c.births, writes: 1}
	c.start(req.key, o)
	c.objects[req.key] = o
	return o
}

// start begins to run a Job or Pod. How it ends is for Watch, if anybody waits for it.
func (c *Cluster) start(k key, o *object) {
	if !runs(k) {
		return
	}
	o.state, o.fresh = Finished, c.scope.Hook
	if neverEnds(k, o.content) {
		o.state = Running
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
	if err := req.identity(o, obj); err != nil {
		return 0, nil, err
	}
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
	after, err := c.patched(req, o.content)
	if err != nil {
		return 0, nil, err
	}
	obj, err := c.decode(req, after)
	if err == nil {
		err = req.identity(o, obj)
	}
	if err != nil {
		return 0, nil, err
	}
	return c.update(req, o, obj)
}

// patched is live with a strategic merge patch or a JSON merge patch applied.
func (c *Cluster) patched(req request, live map[string]any) ([]byte, error) {
	if req.patch == string(types.StrategicMergePatchType) {
		typed, err := builtInTypes().New(req.version.WithKind(req.key.kind))
		if err != nil {
			return nil, unsupportedPatch(req)
		}
		before, err := utiljson.Marshal(live)
		if err != nil {
			return nil, err
		}
		after, err := strategicpatch.StrategicMergePatch(before, req.body, typed)
		if err != nil {
			return nil, errors.NewBadRequest(err.Error())
		}
		return after, nil
	}
	var patch map[string]any
	if err := utiljson.Unmarshal(req.body, &patch); err != nil {
		return nil, errors.NewBadRequest(err.Error())
	}
	after := deepCopy(live)
	mergePatch(after, patch)
	return utiljson.Marshal(after)
}

// mergePatch is RFC 7386.
func mergePatch(into, patch map[string]any) {
	for k, v := range patch {
		sub, isMap := v.(map[string]any)
		switch {
		case v == nil:
			delete(into, k)
		case isMap:
			target, ok := into[k].(map[string]any)
			if !ok {
				target = map[string]any{}
				into[k] = target
			}
			mergePatch(target, sub)
		default:
			into[k] = v
		}
	}
}

func unsupportedPatch(req request) error {
	return &errors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: http.StatusUnsupportedMediaType, Reason: metav1.StatusReasonUnsupportedMediaType,
		Message: "the body of the request was in an unknown format: " + req.patch,
	}}
}

// update gives an object new content by a PUT or PATCH: its manager now owns what it changed.
func (c *Cluster) update(req request, o *object, obj map[string]any) (int, []byte, error) {
	if err := immutable(req, o, obj); err != nil {
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
	updatedFieldsOf(obj).each(func(path []string) {
		if sameAt(o.content, obj, path) {
			return
		}
		for _, m := range managers {
			m.fields.remove(path)
		}
		own.fields.add(path)
	})
	updatedFieldsOf(o.content).each(func(path []string) {
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
	o.content, o.encoded, o.fresh = obj, nil, false
	o.managers = slices.DeleteFunc(managers, func(m manager) bool { return len(m.fields) == 0 })
	o.writes++
	if wasStuck && o.state == Running && !neverEnds(req.key, obj) {
		c.start(req.key, o)
	}
	return c.answer(http.StatusOK, req.key, o)
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
