package source

import (
	"fmt"
	"slices"
	"sync"

	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// revisions renders a chart for one revision after the other. Where no template can tell revisions apart,
// one render serves all of them.
type revisions struct {
	chart    sdk.Chart
	request  sdk.Request
	aware    bool
	volatile bool

	mu   sync.Mutex
	done map[plan.Fields]*revision
}

// revision is one render with what was found out on the way.
type revision struct {
	rendered plan.Rendered
	active   []sdk.Text
	facts    []plan.UnknownFact
	err      error
}

func newRevisions(chart sdk.Chart, request sdk.Request, texts []sdk.Text) *revisions {
	return &revisions{
		chart: chart, request: request, done: map[plan.Fields]*revision{},
		aware: dependsOnRelease(texts), volatile: mayBeVolatile(texts),
	}
}

// render is the plan.Render of the source. The caller may change what it gets.
func (r *revisions) render(fields plan.Fields) (plan.Rendered, error) {
	one, err := r.get(fields)
	if err != nil {
		action := "install"
		if fields.IsUpgrade {
			action = "upgrade"
		}
		return plan.Rendered{}, fmt.Errorf("render revision %d (%s): %w", fields.Revision, action, err)
	}
	rendered := plan.Rendered{Documents: slices.Clone(one.rendered.Documents), CRDs: slices.Clone(one.rendered.CRDs)}
	for i, crd := range rendered.CRDs {
		rendered.CRDs[i].Documents = slices.Clone(crd.Documents)
	}
	return rendered, nil
}

func (r *revisions) get(fields plan.Fields) (*revision, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := fields
	if !r.aware {
		key = plan.Fields{}
	}
	one, ok := r.done[key]
	if !ok {
		one = r.make(fields)
		r.done[key] = one
	}
	return one, one.err
}

// make renders once, and where calls may differ from one render to the next, a second time to compare.
func (r *revisions) make(fields plan.Fields) *revision {
	request := r.request
	request.Fields = fields
	result, err := r.chart.Render(request)
	if err != nil {
		return &revision{err: err}
	}
	one := &revision{rendered: result.Rendered, active: result.Active}
	if !r.volatile {
		return one
	}
	request.Rewrite = shiftClock
	second, err := r.chart.Render(request)
	if err != nil {
		// The shifted clock may trip a template that the first render did not: then the plain one is
		// compared, which sees random values but not the time.
		request.Rewrite = nil
		if second, err = r.chart.Render(request); err != nil {
			one.facts = []plan.UnknownFact{{
				What:      "resources",
				Why:       "a second render of the same input failed where the first did not: " + err.Error(),
				HowToKnow: "run helm template twice and compare",
			}}
			return one
		}
	}
	one.facts = markVolatile(one.rendered.Documents, second.Documents)
	return one
}
