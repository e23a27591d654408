package plan

// Release names the simulated or live release.
type Release struct {
	Name      string
	Namespace string
}

// Fields are the parts of .Release that change from one revision to the next.
type Fields struct {
	Revision  int
	IsUpgrade bool
}

// Render gives the documents of one revision as Helm would render them. It must give the same
// documents for the same fields.
type Render func(Fields) (Rendered, error)

// Rendered is one render: the documents in Helm's order (path, then place in the file) and the crds/ files.
type Rendered struct {
	Documents []Document
	CRDs      []CRDFile
}

// Input is all that Make needs to know.
type Input struct {
	Engine  Engine
	Release Release
	Render  Render
	Options Options
	// Flux is the HelmRelease that decides under the engine flux; nil is one that sets nothing. Options then hold
	// only what the renderer needs.
	Flux *Flux
	// Actions are the timelines wanted, in this order; nil means all five, with From upgrade and rollback,
	// with Faults those that a fault strikes.
	Actions []Action
	// Faults go wrong, each timeline for itself; over a life, each where it first can.
	Faults []Fault
	// From renders the chart that the release was made of before; nil means the same chart.
	From Render
	// Live is the release as it is in a cluster: each timeline starts from there, and Render gives what the next
	// upgrade brings, or the install where there is no release. nil plans from an empty cluster.
	Live *Observed
	// Then are commands that follow the first of Actions, each on what the one before it left: the plan
	// is then one life. A Then without commands is a life of one action.
	Then []Command
	// Lint asks for the findings that go beyond a plan: references between objects, and practice.
	Lint bool
	// AlreadyRendered says that the documents are Helm's own output, so that what Helm dropped left
	// no trace in them.
	AlreadyRendered bool
	// Raw says that the documents were given as they are, so that an engine other than Helm reads them
	// without Helm in front of it, which would drop those with an unknown event.
	Raw bool
	// Unknown is what the source already knows to be unknown.
	Unknown []UnknownFact
	// File turns a template path into the path people can open; nil leaves the file empty.
	File func(template string) string
}

// Plan is the answer: one timeline an action, what Helm drops, and what the machine observed.
type Plan struct {
	Engine    Engine
	Release   Release
	Timelines []Timeline
	// Ignored is nil where it cannot be known; see Unknown.
	Ignored  []Ignored
	Findings []Finding
	Unknown  []UnknownFact
	// Documents is how many documents went in: resources + hooks + ignored.
	Documents int
	Resources int
	Hooks     int
	// WayOut is what to do about the state in which a live release is stuck; nil where it is not.
	WayOut *Recovery
	// Life says that the timelines follow one another.
	Life bool
	// Situations are what helm-controller does when something happens to a HelmRelease; nil under other engines.
	Situations []Situation
	// FluxEnd is where a life under Flux ends; nil where none was played.
	FluxEnd *FluxEnd
	// Remarks are what else is worth knowing about an engine that is not Helm.
	Remarks []string
	// Faults are those of the input, with the hooks' exact names and the points where they strike.
	Faults []Fault

	// inventories are what an install, an upgrade and a later upgrade hold.
	inventories []Inventory
	// placed is where an engine without inventories has put each object; crds counts the objects of crds/, and
	// crdsApplied says that they are among them.
	placed      []placedObject
	crds        int
	crdsApplied bool
	// hangs are the workloads that Helm waits for in vain, for the comparison of engines.
	hangs []Finding
}

// Timeline is a trace folded into phases and steps.
type Timeline struct {
	// ID tells two timelines of the same action apart.
	ID         string
	Action     Action
	StartsFrom string
	// Because says why helm-controller runs the action; empty under other engines.
	Because    string
	Revision   int
	Phases     []Phase
	Operations []Operation
	Outcome    Outcome
	// Recovery is what to do after a failure; nil where there is none, or where the life goes on.
	Recovery *Recovery
	// SameAs names the action whose phases hold the same steps apart from the events' names; empty
	// where this timeline stands for itself.
	SameAs Action
	// WorstCase is how long all waits may take together if each uses up its timeout, in nanoseconds
	// as time.Duration; 0 where there is no bound or nothing to wait for.
	WorstCase int64
	// Waits is the number of waits that WorstCase adds up.
	Waits int
	// Unbounded says that at least one wait has no limit (Helm 3 with --timeout 0).
	Unbounded bool
}

// Phase is one stretch of an action: crds, a hook event, or resources.
type Phase struct {
	Name     string
	Action   Action
	Revision int
	Steps    []Step
	// Objects counts the ordinary objects of crds and resources.
	Objects int
	// Kinds counts them by kind, most first, then by name.
	Kinds []KindCount
	// Waited says whether Helm waits for these ordinary objects.
	Waited bool
	// Waves are those of the phase that hold ordinary objects, in the order in which Argo CD comes to them;
	// nil for every other engine.
	Waves  []Wave
	Result Result
	Error  string
}

// Wave is what Argo CD does together: the ordinary objects of one sync wave within a phase.
type Wave struct {
	Number  int
	Objects int
	Kinds   []KindCount
	// Waited says that they must be healthy before Argo CD goes on; Skipped that it does not come to them.
	Waited  bool
	Skipped bool
}

// KindCount is how many objects of a kind a phase has.
type KindCount struct {
	Kind  string
	Count int
}

// WaitsFor is what Helm waits for after it made a hook's object.
type WaitsFor string

// What a step waits for. Created means that Helm goes on as soon as the object is there.
const (
	WaitsCompletion WaitsFor = "completion"
	WaitsCreated    WaitsFor = "created"
	WaitsNone       WaitsFor = "none"
	// WaitsHealthy is Argo CD's wait for the health of any kind that has a health check.
	WaitsHealthy WaitsFor = "healthy"
)

// Step is one run of one hook.
type Step struct {
	Order int
	Hook  Hook
	// Wave is Argo CD's; steps of one wave run together. nil where there are no waves.
	Wave     *int
	WaitsFor WaitsFor
	// DeletePolicies are the policies in force: the default where the chart gives none.
	DeletePolicies []DeletePolicy
	// PolicyFromDefault says that the chart gives no policy, so that Helm used before-hook-creation.
	PolicyFromDefault bool
	Result            Result
	Error             string
	// Signal is what ended the wait for the hook, or Helm itself.
	Signal Signal
	NotRun bool
	// NameChanges says that the object has another name in each revision, so that before-hook-creation
	// never finds the one of the last run.
	NameChanges bool
	Prediction  Prediction
	// Findings are indexes into Plan.Findings.
	Findings []int
}

// Ignored is a document that Helm drops, with the reason and the way to mend it.
type Ignored struct {
	Dropped
	// Annotation is the one that Value was read from, where that is not helm.sh/hook.
	Annotation string
	Rule       string
	Message    string
	// DidYouMean is the event that the author probably meant, else empty.
	DidYouMean string
	Fix        string
	File       string
	// Harmless says why nothing is lost, else empty: the same CRD stands in crds/.
	Harmless string
}

// Severity is how much a finding matters.
type Severity string

// The severities.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
	SeverityInfo    Severity = "info"
)

// Finding is one thing that deserves a look.
type Finding struct {
	Rule       string
	Severity   Severity
	Prediction Prediction
	Object     Object
	Template   string
	Document   int
	// File is a path to open, Line is 1-based and 0 where it is not known for certain.
	File string
	Line int
	// Action and Phase say where the finding shows; empty where it concerns the document as such.
	Action  Action
	Phase   string
	Message string
	Fix     string
}

// UnknownFact is something that the plan cannot tell, with the way to find out.
type UnknownFact struct {
	// What is ignored, hooks, resources, world, subcharts, lookup, capabilities, upgrades (later ones
	// than those shown) or post-renderer.
	What string
	Why  string
	// HowToKnow is the flag or command that settles it.
	HowToKnow string
}
