package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// Error is an error whose way out is known.
type Error struct {
	Err error
	// Hint says what to do about it.
	Hint string
}

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap gives the error itself.
func (e *Error) Unwrap() error { return e.Err }

// request is what was asked of the API server, for the words of an error. The resource may have a group and a
// subresource (pods/log), or be a path (/apis/batch/v1). A name without a namespace is that of an object without one.
type request struct {
	verb, resource, namespace, name string
}

func (r request) String() string {
	text := r.verb + " " + r.resource
	if r.name != "" {
		text += " " + r.name
	}
	switch {
	case r.namespace == "" && !r.manyNamespaces():
		return text
	case r.namespace == "":
		return text + " in all namespaces"
	}
	return fmt.Sprintf("%s in namespace %q", text, r.namespace)
}

func (r request) manyNamespaces() bool {
	return r.namespace == "" && r.name == "" && !strings.HasPrefix(r.resource, "/")
}

// at is the cluster, for the words of an error.
func (c *Client) at() string {
	if c.Context == "" {
		return "the cluster at " + c.Server
	}
	return fmt.Sprintf("context %q", c.Context)
}

// explain says what went wrong and what to do about it. It keeps a cancelled context as it is.
func (c *Client) explain(asked request, err error) error {
	var wrong *url.Error
	isURL := errors.As(err, &wrong)
	var timeout net.Error
	said := fmt.Errorf("%s (%s): %w", asked, c.at(), err)
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case apierrors.IsForbidden(err):
		return &Error{said, fmt.Sprintf("needs the right to %s %s; to see whether it is there: %s", asked.verb, asked.resource, c.canI(asked))}
	case apierrors.IsUnauthorized(err):
		return &Error{said, "the cluster does not know who you are: log in again; to see who you are there: " + c.kubectl("auth whoami")}
	case apierrors.IsTooManyRequests(err), apierrors.IsServiceUnavailable(err), apierrors.IsInternalError(err), apierrors.IsServerTimeout(err):
		return &Error{said, "the API server is in trouble or busy: try again later"}
	case errors.As(err, &timeout) && timeout.Timeout(), apierrors.IsTimeout(err), errors.Is(err, context.DeadlineExceeded):
		return &Error{said, "the API server did not answer in time; --request-timeout says how long to wait for it"}
	case isURL:
		return &Error{
			fmt.Errorf("cannot reach the API server %s of %s: %w", c.Server, c.at(), wrong.Err),
			"is the cluster running, and is this the right one? " + c.kubectl("version") + " asks the same server",
		}
	}
	return said
}

// canI is the command that tells whether a right is there.
func (c *Client) canI(asked request) string {
	command := fmt.Sprintf("auth can-i %s %s", asked.verb, asked.resource)
	// kubectl takes what follows a slash for a name.
	if resource, sub, ok := strings.Cut(asked.resource, "/"); ok && resource != "" {
		command = fmt.Sprintf("auth can-i %s %s --subresource=%s", asked.verb, resource, sub)
	}
	switch {
	case asked.manyNamespaces():
		command += " --all-namespaces"
	case asked.namespace != "":
		command += " -n " + asked.namespace
	}
	return c.kubectl(command)
}

func (c *Client) kubectl(arguments string) string {
	if c.Context == "" {
		return "kubectl " + arguments
	}
	return "kubectl --context " + c.Context + " " + arguments
}
