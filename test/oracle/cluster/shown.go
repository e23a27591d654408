package cluster

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utiljson "k8s.io/apimachinery/pkg/util/json"

	"k8s.io/apimachinery/pkg/api/errors"
)

// answer is a response with an object.
func (c *Cluster) answer(code int, k key, o *object) (int, []byte, error) {
	if o.encoded != nil && o.state == "" { // a state changes without a write
		return code, o.encoded, nil
	}
	body, err := utiljson.Marshal(o.shown(k, c.showManagers))
	if err != nil {
		return 0, nil, errors.NewInternalError(err)
	}
	o.encoded = body
	return code, body, nil
}

// shown is the object as the server shows it. Unless all managedFields are asked for, they are shown only where there
// is something to hand over, because nobody reads them otherwise and they are costly.
func (o *object) shown(k key, all bool) map[string]any {
	shown := make(map[string]any, len(o.content)+1)
	for field, v := range o.content {
		shown[field] = v
	}
	meta := map[string]any{}
	for field, v := range metadata(o.content) {
		meta[field] = v
	}
	meta["uid"], meta["resourceVersion"] = o.uid(), o.resourceVersion()
	if entries, clientSide := o.managedFields(); all || clientSide {
		meta["managedFields"] = entries
	}
	shown["metadata"] = meta
	if status := o.status(k); status != nil {
		shown["status"] = status
	}
	return shown
}

// managedFields also says whether any were written other than by an apply.
func (o *object) managedFields() (entries []any, clientSide bool) {
	entries = make([]any, len(o.managers))
	for i, m := range o.managers {
		clientSide = clientSide || m.operation == operationUpdate
		entries[i] = map[string]any{
			"manager": m.name, "operation": m.operation, "apiVersion": m.apiVersion,
			"fieldsType": "FieldsV1", "fieldsV1": m.fields.v1(),
		}
	}
	return entries, clientSide
}

// status is what a controller has written, nil where none has.
func (o *object) status(k key) map[string]any {
	condition := func(kind string) []any {
		return []any{map[string]any{"type": kind, "status": string(metav1.ConditionTrue)}}
	}
	state := o.state
	if o.fresh {
		state = Running // how it ends is seen by whoever waits for it
	}
	switch {
	case k.is("batch", "Job") && state == Finished:
		return map[string]any{"succeeded": 1, "conditions": condition("Complete")}
	case k.is("batch", "Job") && state == Failed:
		return map[string]any{"failed": 1, "conditions": condition("Failed")}
	case k.is("", "Pod"):
		return map[string]any{"phase": map[State]string{Running: "Running", Finished: "Succeeded", Failed: "Failed"}[state]}
	case k.kind == "CustomResourceDefinition":
		return map[string]any{"acceptedNames": specOf(o.content)["names"], "conditions": condition("Established")}
	}
	return nil
}

// done is the answer to a DELETE.
func done(code int) (int, []byte, error) {
	return code, fmt.Appendf(nil, `{"kind":"Status","apiVersion":"v1","metadata":{},"status":%q}`, metav1.StatusSuccess), nil
}
