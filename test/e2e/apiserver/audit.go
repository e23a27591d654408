package apiserver

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
)

// The server's talk with itself and what the keeper does are of no interest.
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- level: None
  users: ["system:apiserver", "` + keeperName + `"]
- level: Metadata
`

// Call is a request that the server got.
type Call struct {
	At    time.Time
	User  string
	Agent string
	// Verb is Kubernetes' word: get, list, watch, create, update, patch, delete, deletecollection; for a path
	// that is no resource, the HTTP method in lower case.
	Verb string
	// Resource is empty for a path that is none, such as /version. Name is also filled in for a create.
	Group, Resource, Subresource, Namespace, Name string
	// URI is the path and the query.
	URI string
	// Code is the HTTP status, 0 where there is none yet.
	Code int
}

// String is the call as a line of an expectation: verb, resource and name, and the code of a failure.
func (c Call) String() string {
	what := c.Verb + " " + c.Resource
	if c.Subresource != "" {
		what += "/" + c.Subresource
	}
	if c.Resource == "" {
		what += c.URI
	}
	if c.Name != "" {
		what += " " + c.Name
	}
	if c.Code >= 400 {
		what += fmt.Sprintf(" → %d", c.Code)
	}
	return what
}

// Mark is a place in the audit log.
type Mark int64

// Mark is the end of the audit log as it is now.
func (s *Server) Mark() (Mark, error) {
	info, err := os.Stat(s.auditLog())
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return Mark(info.Size()), nil
}

func (s *Server) auditLog() string { return s.file("audit.log") }

// Calls are the requests of one user since a mark, in the order in which they arrived.
func (s *Server) Calls(since Mark, user string) ([]Call, error) {
	// A request is written down when it arrives and when it has been answered. The second may come after
	// whoever sent the request has gone on.
	deadline := time.Now().Add(3 * time.Second)
	for {
		calls, open, err := s.readCalls(since, user)
		if err != nil || !open || time.Now().After(deadline) {
			return calls, err
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// event is a line of the audit log: k8s.io/apiserver/pkg/apis/audit/v1 Event, as far as it is needed.
type event struct {
	AuditID string `json:"auditID"`
	Stage   string `json:"stage"`
	URI     string `json:"requestURI"`
	Verb    string `json:"verb"`
	Agent   string `json:"userAgent"`
	User    struct {
		Username string `json:"username"`
	} `json:"user"`
	Object struct {
		Group       string `json:"apiGroup"`
		Resource    string `json:"resource"`
		Subresource string `json:"subresource"`
		Namespace   string `json:"namespace"`
		Name        string `json:"name"`
	} `json:"objectRef"`
	Response struct {
		Code int `json:"code"`
	} `json:"responseStatus"`
	At time.Time `json:"requestReceivedTimestamp"`
}

func (e event) call() Call {
	return Call{
		At: e.At, User: e.User.Username, Agent: e.Agent, Verb: e.Verb, Group: e.Object.Group, Resource: e.Object.Resource,
		Subresource: e.Object.Subresource, Namespace: e.Object.Namespace, Name: e.Object.Name, URI: e.URI, Code: e.Response.Code,
	}
}

// readCalls also says whether a request that comes to an end by itself has no answer yet.
func (s *Server) readCalls(since Mark, user string) (calls []Call, open bool, err error) {
	file, err := os.Open(s.auditLog())
	if err != nil {
		return nil, false, err
	}
	defer file.Close()
	if _, err := file.Seek(int64(since), io.SeekStart); err != nil {
		return nil, false, err
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return nil, false, err
	}
	// The last line may be half written.
	text = text[:bytes.LastIndexByte(text, '\n')+1]
	byID := map[string]event{}
	for line := range bytes.Lines(text) {
		var e event
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, false, fmt.Errorf("audit log: %w: %s", err, line)
		}
		if e.User.Username != user {
			continue
		}
		if old, ok := byID[e.AuditID]; !ok || old.Stage != "ResponseComplete" {
			byID[e.AuditID] = e
		}
	}
	for _, e := range byID {
		calls = append(calls, e.call())
		if e.Verb != "watch" && !strings.Contains(e.URI, "follow=true") && (e.Stage == "RequestReceived" || e.Stage == "ResponseStarted") {
			open = true
		}
	}
	slices.SortFunc(calls, func(a, b Call) int {
		if order := a.At.Compare(b.At); order != 0 {
			return order
		}
		return strings.Compare(a.URI, b.URI)
	})
	return calls, open, nil
}
