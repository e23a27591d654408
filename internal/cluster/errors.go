package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"

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

// request is what was asked of the API server, for the words of an error.
type request struct {
	verb, resource, namespace, name string
}

func (r request) String() string {
	text := r.verb + " " + r.resource
	if r.name != "" {
		text += " " + r.name
	}
	if r.namespace == "" {
		return text + " in all namespaces"
	}
	return fmt.Sprintf("%s in namespace %q", text, r.namespace)
}

// explain says what went wrong and what to do about it. It keeps a cancelled context as it is.
func (c *Client) explain(asked request, err error) error {
	var wrong *url.Error
	isURL := errors.As(err, &wrong)
	var timeout net.Error
	at := fmt.Sprintf("context %q", c.Context)
	if c.Context == "" {
		at = "the cluster at " + c.Server
	}
	said := fmt.Errorf("%s (%s): %w", asked, at, err)
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
			fmt.Errorf("cannot reach the API server %s of %s: %w", c.Server, at, wrong.Err),
			"is the cluster running, and is this the right one? " + c.kubectl("version") + " asks the same server",
		}
	}
	return said
}

// canI is the command that tells whether a right is there.
func (c *Client) canI(asked request) string {
	command := fmt.Sprintf("auth can-i %s %s", asked.verb, asked.resource)
	if asked.namespace == "" {
		return c.kubectl(command + " --all-namespaces")
	}
	return c.kubectl(command + " -n " + asked.namespace)
}

func (c *Client) kubectl(arguments string) string {
	if c.Context == "" {
		return "kubectl " + arguments
	}
	return "kubectl --context " + c.Context + " " + arguments
}
