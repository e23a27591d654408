package cluster

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// addressed is the error of a body that is not for the place to which it was sent.
func addressed(req request, obj map[string]any) error {
	meta := metadata(obj)
	if kind, _ := obj["kind"].(string); kind != req.key.kind {
		return errors.NewBadRequest(fmt.Sprintf("%s in version %q cannot be handled as a %s: unknown conversion", kind, req.version.Version, req.key.kind))
	}
	if namespace, _ := meta["namespace"].(string); namespace != "" && namespace != req.key.namespace && req.key.namespace != "" {
		return errors.NewBadRequest("the namespace of the provided object does not match the namespace sent on the request")
	}
	switch name, _ := meta["name"].(string); {
	case req.method == http.MethodPost || name == req.key.name:
	case name == "":
		return errors.NewBadRequest(fmt.Sprintf("the name of the object (%s based on URL) was undeterminable: name must be provided", req.key.name))
	default:
		return errors.NewBadRequest(fmt.Sprintf("the name of the object (%s) does not match the name on the URL (%s)", name, req.key.name))
	}
	return nil
}

// identity is the error of an object that claims to be another one than the server has, or another version of it.
// What it claims is taken off it: the server writes that. o is nil where there is none.
func (r request) identity(o *object, obj map[string]any) error {
	meta := metadata(obj)
	version, _ := meta["resourceVersion"].(string)
	uid, _ := meta["uid"].(string)
	managed := meta["managedFields"] != nil
	for _, field := range []string{"resourceVersion", "uid", "managedFields", "creationTimestamp"} {
		delete(meta, field)
	}
	switch {
	case r.applies() && managed:
		return errors.NewBadRequest("metadata.managedFields must be nil")
	case o == nil && r.method == http.MethodPost && version != "":
		return &errors.StatusError{ErrStatus: metav1.Status{
			Status: metav1.StatusFailure, Code: http.StatusInternalServerError, Message: "resourceVersion should not be set on objects to be created",
		}}
	case o == nil && r.applies() && uid != "", o != nil && uid != "" && uid != o.uid():
		return invalid(r, "metadata.uid: Invalid value: field is immutable")
	case o != nil && version != "" && version != o.resourceVersion():
		return errors.NewConflict(r.resource(), r.key.name, fmt.Errorf("the object has been modified"))
	}
	return nil
}

func (o *object) uid() string             { return fmt.Sprintf("00000000-0000-0000-0000-%012d", o.born) }
func (o *object) resourceVersion() string { return strconv.Itoa(o.writes) }

// malformed is the error of a body that does not fit the kind's type.
func malformed(req request, err error) error {
	if req.applies() {
		return untyped(req, err.Error())
	}
	return errors.NewBadRequest(fmt.Sprintf("%s in version %q cannot be handled as a %s: %v", req.key.kind, req.version.Version, req.key.kind, err))
}

// untyped is the error of an apply whose body does not fit the kind's schema.
func untyped(req request, what string) error {
	return &errors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: http.StatusInternalServerError,
		Message: fmt.Sprintf("failed to create typed patch object (%s/%s; %s): %s", req.key.namespace, req.key.name, req.version.WithKind(req.key.kind), what),
	}}
}

// unknownField is how sigs.k8s.io/json names one, such as unknown field "spec.containers[0].imagee".
var unknownField = regexp.MustCompile(`^unknown field "(.*)"$`)

// unknown deals with fields that the type does not have: an apply is refused, and so is what is to be validated
// strictly; from anything else they are dropped, with a warning.
func unknown(req request, obj map[string]any, found []error) error {
	if len(found) == 0 {
		return nil
	}
	if req.strict && !req.applies() {
		return errors.NewBadRequest(fmt.Sprintf("%s in version %q cannot be handled as a %s: strict decoding error: %v",
			req.key.kind, req.version.Version, req.key.kind, found[0]))
	}
	for _, err := range found {
		match := unknownField.FindStringSubmatch(err.Error())
		if match == nil {
			continue // a key that occurs twice
		}
		if req.applies() {
			return untyped(req, "."+match[1]+": field not declared in schema")
		}
		drop(obj, strings.FieldsFunc(match[1], func(r rune) bool { return strings.ContainsRune(".[]", r) }))
	}
	return nil
}

// drop removes what is at a path of keys and numbers.
func drop(from any, path []string) {
	switch at := from.(type) {
	case map[string]any:
		if len(path) == 1 {
			delete(at, path[0])
			return
		}
		drop(at[path[0]], path[1:])
	case []any:
		if i, err := strconv.Atoi(path[0]); err == nil && i < len(at) && len(path) > 1 {
			drop(at[i], path[1:])
		}
	}
}
