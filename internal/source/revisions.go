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
	volatile bool
	// depends says what templates can tell apart. It waits until that is found out, which takes place while the first
	// revision is rendered.
	depends func() dependence

	mu   sync.Mutex
	done map[plan.Fields]*revision
	// first is the one that was asked for first, for firstFields.
	first       *revision
	firstFields plan.Fields
}

// revision is one render with what was found out on the way.
type revision struct {
	once     sync.Once
	rendered plan.Rendered
	active   []sdk.Text
	facts    []plan.UnknownFact
	err      error
}

func newRevisions(chart sdk.Chart, request sdk.Request, texts []sdk.Text) *revisions {
	depends := meanwhile(func() dependence { return dependenceOf(texts) })
	return &revisions{
		chart: chart, request: request, done: map[plan.Fields]*revision{},
		depends: sync.OnceValue(depends), volatile: mayBeVolatile(texts),
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

// begin renders the first revision, and at the same time the upgrades that a plan asks for next: they have nothing to
// do with each other. With a cluster to ask, each render waits for its turn, so that the requests come in the same
// order each time.
func (r *revisions) begin(fields plan.Fields) (*revision, error) {
	r.first, r.firstFields = &revision{}, fields
	if r.request.Cluster == nil {
		go func() {
			for ahead := range int(r.depends()) {
				go func() { _, _ = r.get(plan.Fields{Revision: fields.Revision + ahead + 1, IsUpgrade: true}) }()
			}
		}()
	}
	return r.get(fields)
}

func (r *revisions) get(fields plan.Fields) (*revision, error) {
	one := r.at(fields)
	one.once.Do(func() { r.make(one, fields) })
	return one, one.err
}

func (r *revisions) at(fields plan.Fields) *revision {
	if fields == r.firstFields {
		return r.first
	}
	switch r.depends() {
	case onNothing:
		return r.first
	case onUpgrade:
		if fields.IsUpgrade == r.firstFields.IsUpgrade {
			return r.first
		}
		fields.Revision = 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	one, known := r.done[fields]
	if !known {
		one = &revision{}
		r.done[fields] = one
	}
	return one
}

// make renders once, and where calls may differ from one render to the next, a second time to compare.
func (r *revisions) make(one *revision, fields plan.Fields) {
	request := r.request
	request.Fields = fields
	again := func() rendering { return r.renderAgain(request) }
	if r.volatile && request.Cluster == nil {
		again = meanwhile(again)
	}
	result, err := r.chart.Render(request)
	if err != nil {
		one.err = err
		return
	}
	one.rendered, one.active = result.Rendered, result.Active
	if !r.volatile {
		return
	}
	second := again()
	if second.err != nil {
		one.facts = []plan.UnknownFact{{
			What:      "resources",
			Why:       "a second render of the same input failed where the first did not: " + second.err.Error(),
			HowToKnow: "run helm template twice and compare",
		}}
		return
	}
	one.facts = markVolatile(one.rendered.Documents, second.Documents)
}

// rendering is how a render ended.
type rendering struct {
	sdk.Result
	err error
}

// renderAgain renders what is to be compared, at another time. Where the shifted clock trips a template, the plain
// one is compared, which sees random values but not the time.
func (r *revisions) renderAgain(request sdk.Request) (second rendering) {
	request.Rewrite = shiftClock
	if second.Result, second.err = r.chart.Render(request); second.err != nil {
		request.Rewrite = nil
		second.Result, second.err = r.chart.Render(request)
	}
	return second
}

// meanwhile begins a piece of work and gives a function that waits for what comes of it, once.
func meanwhile[T any](work func() T) func() T {
	done := make(chan T, 1)
	go func() { done <- work() }()
	return func() T { return <-done }
}
