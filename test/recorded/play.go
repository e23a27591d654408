package recorded

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/client-go/util/csaupgrade"
	"sigs.k8s.io/yaml"
)

var errStep = errors.New("cannot be played")

// Do sends a request, such as http.Client.Do.
type Do func(*http.Request) (*http.Response, error)

// player plays one scenario.
type player struct {
	do              Do
	base, namespace string
	patience        time.Duration
	uids            []string
	scrub           scrubber
}

// Play sends a scenario's requests to the server at base, in a namespace that exists and is empty. What a server does by
// and by, such as to end a Job, has to happen within patience; without any, nothing is sent twice.
func (s Scenario) Play(ctx context.Context, do Do, base, namespace string, patience time.Duration) ([]Answer, error) {
	p := &player{do: do, base: base, namespace: namespace, patience: patience, scrub: scrubber{"{namespace}": namespace}}
	var answers []Answer
	for _, step := range s.Steps {
		answer, err := p.step(ctx, step)
		if err != nil {
			return answers, fmt.Errorf("%s: %s %s: %w", s.Name, step.Method, step.Path, err)
		}
		answers = append(answers, answer)
	}
	return answers, nil
}

func (p *player) step(ctx context.Context, step Step) (Answer, error) {
	for deadline := time.Now().Add(p.patience); ; {
		answer, object, err := p.once(ctx, step)
		if err != nil {
			return answer, err
		}
		done := step.untilCode == 0 || answer.Code == step.untilCode
		if step.untilFact != "" {
			done = reflect.DeepEqual(p.fact(object, step.untilFact), step.untilValue)
		}
		switch {
		case done || p.patience == 0:
			return answer, nil
		case time.Now().After(deadline):
			return answer, fmt.Errorf("%w: still %+v", errStep, answer)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// once sends the request one time. The object is that of the answer.
func (p *player) once(ctx context.Context, step Step) (Answer, map[string]any, error) {
	body, err := p.body(ctx, step)
	if err != nil {
		return Answer{}, nil, err
	}
	code, text, err := p.send(ctx, step, body)
	if err != nil {
		return Answer{}, nil, err
	}
	answer := Answer{Request: p.scrub.text(step.request()), Code: code}
	var object map[string]any
	if err := json.Unmarshal(text, &object); err != nil {
		answer.Message = p.scrub.message(strings.TrimSpace(string(text)))
		return answer, nil, nil
	}
	if code >= http.StatusBadRequest {
		answer.Reason, _ = object["reason"].(string)
		message, _ := object["message"].(string)
		answer.Message = p.scrub.message(message)
		return answer, object, nil
	}
	p.scrub.learn(object)
	for _, name := range step.Facts {
		if answer.Facts == nil {
			answer.Facts = map[string]any{}
		}
		answer.Facts[name] = p.scrub.value(p.fact(object, name))
	}
	return answer, object, nil
}

// request is a step in short.
func (s Step) request() string {
	line := s.Method + " " + s.Path
	if s.Query != "" {
		line += "?" + s.Query
	}
	if s.Method == http.MethodPatch {
		line += " " + s.ContentType
	}
	return line
}

func (p *player) send(ctx context.Context, step Step, body []byte) (int, []byte, error) {
	url := p.base + p.fill(step.Path)
	if step.Query != "" {
		url += "?" + step.Query
	}
	r, err := http.NewRequestWithContext(ctx, step.Method, url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	if len(body) > 0 {
		r.Header.Set("Content-Type", step.ContentType)
	}
	r.Header.Set("Accept", plain)
	response, err := p.do(r)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, text, err
}

func (p *player) body(ctx context.Context, step Step) ([]byte, error) {
	if step.handover {
		return p.handover(ctx, step)
	}
	if step.Body == "" {
		return nil, nil
	}
	body, err := yaml.YAMLToJSON([]byte(p.fill(step.Body)))
	if err != nil || step.Method != http.MethodPut {
		return body, err
	}
	return p.versioned(ctx, step, body)
}

// versioned is the body of a PUT with the version of what there is, as cli-runtime's Helper.Replace sends it.
func (p *player) versioned(ctx context.Context, step Step, body []byte) ([]byte, error) {
	object := &unstructured.Unstructured{}
	if err := json.Unmarshal(body, &object.Object); err != nil {
		return nil, err
	}
	live, err := p.live(ctx, step.Path)
	if err != nil || object.GetResourceVersion() != "" {
		return body, err
	}
	object.SetResourceVersion(live.GetResourceVersion())
	return object.MarshalJSON()
}

// handover is the patch of Helm 4's upgradeClientSideFieldManager (pkg/kube/client.go) for the object as it is.
func (p *player) handover(ctx context.Context, step Step) ([]byte, error) {
	live, err := p.live(ctx, step.Path)
	if err != nil {
		return nil, err
	}
	return csaupgrade.UpgradeManagedFieldsPatch(live, sets.New("helm"), "helm")
}

// live is the object at a path, empty if there is none.
func (p *player) live(ctx context.Context, path string) (*unstructured.Unstructured, error) {
	live := &unstructured.Unstructured{Object: map[string]any{}}
	code, text, err := p.send(ctx, Step{Method: http.MethodGet, Path: path}, nil)
	if err != nil || code == http.StatusNotFound {
		return live, err
	}
	return live, json.Unmarshal(text, &live.Object)
}

func (p *player) fill(text string) string {
	text = strings.ReplaceAll(text, "{namespace}", p.namespace)
	if len(p.uids) > 0 {
		text = strings.ReplaceAll(text, "{uid}", p.uids[len(p.uids)-1])
	}
	return text
}
