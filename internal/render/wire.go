package render

// The wire types are the contract of -o json and -o yaml: docs/schema/plan.v1alpha1.schema.json. Names
// are never changed or taken away, only added. A section that cannot be known is null, one that is
// known to be empty is []. Keys without omitempty are always there.

const (
	wireAPIVersion = "helm-hooks/v1alpha1"
	kindPlan       = "Plan"
	kindLife       = "Life"
	kindMatrix     = "Matrix"
)

type wirePlan struct {
	APIVersion string      `json:"apiVersion"`
	Kind       string      `json:"kind"`
	Source     wireSource  `json:"source"`
	Engine     wireEngine  `json:"engine"`
	Notes      []string    `json:"notes"`
	Counts     wireCounts  `json:"counts"`
	Faults     []wireFault `json:"faults"`
	// WayOut is there for a live release that is stuck or failed.
	WayOut    *wireRecovery  `json:"wayOut,omitempty"`
	Timelines []wireTimeline `json:"timelines"`
	// Situations and LifeEnd are there under Flux alone.
	Situations []wireSituation `json:"situations,omitempty"`
	LifeEnd    *wireFluxEnd    `json:"lifeEnd,omitempty"`
	Ignored    []wireIgnored   `json:"ignored"`
	Findings   []wireFinding   `json:"findings"`
	Unknown    []wireUnknown   `json:"unknown"`
	Errors     []wireError     `json:"errors"`
}

type wireSource struct {
	Type         string `json:"type"`
	Name         string `json:"name"`
	Namespace    string `json:"namespace"`
	Chart        string `json:"chart"`
	ChartVersion string `json:"chartVersion"`
	Ref          string `json:"ref"`
	// Revision is null where there is no live release, which alone has a status and a context.
	Revision *int   `json:"revision"`
	Status   string `json:"status,omitempty"`
	Context  string `json:"context,omitempty"`
}

type wireEngine struct {
	Name           string `json:"name"`
	Version        string `json:"version"`
	NewerThanKnown bool   `json:"newerThanKnown,omitempty"`
}

// wireCounts tell of the whole plan, also where the lists are narrowed. null is unknown.
type wireCounts struct {
	Documents int  `json:"documents"`
	Resources *int `json:"resources"`
	Hooks     *int `json:"hooks"`
	Ignored   *int `json:"ignored"`
}

type wireObject struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Namespace  string `json:"namespace"`
	Name       string `json:"name"`
}

type wireTimeline struct {
	ID         string `json:"id"`
	Engine     string `json:"engine"`
	Action     string `json:"action"`
	StartsFrom string `json:"startsFrom"`
	// Because is why helm-controller runs the action.
	Because  string `json:"because,omitempty"`
	Revision int    `json:"revision"`
	SameAs   string `json:"sameAs,omitempty"`
	Waits    int    `json:"waits"`
	// WorstCaseSeconds is null where a wait has no limit.
	WorstCaseSeconds *float64        `json:"worstCaseSeconds"`
	Phases           []wirePhase     `json:"phases"`
	Operations       []wireOperation `json:"operations"`
	Outcome          wireOutcome     `json:"outcome"`
}

type wirePhase struct {
	Name     string     `json:"name"`
	Action   string     `json:"action"`
	Revision int        `json:"revision"`
	Steps    []wireStep `json:"steps"`
	// Objects is there for crds and resources, and for the phases of other engines that hold ordinary objects.
	Objects *wireObjects `json:"objects,omitempty"`
	Result  string       `json:"result,omitempty"`
	Error   string       `json:"error,omitempty"`
}

// wireObjects counts the ordinary objects of a phase. Count and Kinds are null where the input cannot
// hold them.
type wireObjects struct {
	Count  *int        `json:"count"`
	Kinds  []wireCount `json:"kinds"`
	Waited bool        `json:"waited"`
	// Waves are those of Argo CD that hold ordinary objects.
	Waves []wireWave `json:"waves,omitempty"`
}

type wireWave struct {
	Wave   int         `json:"wave"`
	Count  int         `json:"count"`
	Kinds  []wireCount `json:"kinds"`
	Waited bool        `json:"waited"`
	// Skipped waves are not reached.
	Skipped bool `json:"skipped,omitempty"`
}

type wireCount struct {
	Kind  string `json:"kind"`
	Count int    `json:"count"`
}

type wireStep struct {
	Order              int               `json:"order"`
	Object             wireObject        `json:"object"`
	Items              []wireObject      `json:"items,omitempty"`
	Template           string            `json:"template"`
	Document           int               `json:"document"`
	Chart              string            `json:"chart"`
	Events             []string          `json:"events"`
	Weight             int               `json:"weight"`
	Wave               *int              `json:"wave,omitempty"`
	DeletePolicies     []string          `json:"deletePolicies"`
	DeletePolicySource string            `json:"deletePolicySource"`
	OutputLogPolicies  []string          `json:"outputLogPolicies"`
	RawAnnotations     map[string]string `json:"rawAnnotations"`
	WaitsFor           string            `json:"waitsFor"`
	NeverCompletes     string            `json:"neverCompletes,omitempty"`
	LastRun            *wireLastRun      `json:"lastRun,omitempty"`
	VolatileName       bool              `json:"volatileName,omitempty"`
	Volatile           bool              `json:"volatile,omitempty"`
	ScopeUnknown       bool              `json:"scopeUnknown,omitempty"`
	Result             string            `json:"result,omitempty"`
	Error              string            `json:"error,omitempty"`
	Signal             string            `json:"signal,omitempty"`
	NotRun             bool              `json:"notRun,omitempty"`
	Prediction         string            `json:"prediction"`
	// Findings are rule IDs.
	Findings []string `json:"findings"`
}

// wireLastRun is the last execution of a live release's hook, as its record tells it.
type wireLastRun struct {
	// StartedAt and CompletedAt are RFC 3339 in UTC; CompletedAt is null where Helm did not live to see it.
	StartedAt   string  `json:"startedAt"`
	CompletedAt *string `json:"completedAt"`
	Phase       string  `json:"phase"`
}

type wireOperation struct {
	Op       string `json:"op"`
	Action   string `json:"action"`
	Phase    string `json:"phase"`
	Revision int    `json:"revision"`
	Hook     bool   `json:"hook"`
	Order    int    `json:"order,omitempty"`
	// Object is null where an operation stands for no object or for all ordinary ones.
	Object     *wireObject  `json:"object"`
	Objects    []wireObject `json:"objects,omitempty"`
	Because    string       `json:"because"`
	Result     string       `json:"result"`
	Prediction string       `json:"prediction"`
	NotRun     bool         `json:"notRun,omitempty"`
	Error      string       `json:"error,omitempty"`
}

type wireOutcome struct {
	Result  string `json:"result"`
	Refused bool   `json:"refused,omitempty"`
	// Signal is what ended Helm itself.
	Signal  string       `json:"signal,omitempty"`
	Error   string       `json:"error,omitempty"`
	Status  string       `json:"status"`
	History []wireStatus `json:"history"`
	Left    []wireObject `json:"left"`
	// Live says which revision's ordinary resources exist.
	Live       wireLive `json:"live"`
	Prediction string   `json:"prediction"`
	// WayOut is null where nothing failed, and where the life goes on.
	WayOut *wireRecovery `json:"wayOut"`
}

// wireLive has the revision null where no ordinary resources exist.
type wireLive struct {
	Revision *int `json:"revision"`
	Partly   bool `json:"partly,omitempty"`
	Before   *int `json:"before,omitempty"`
}

type wireRecovery struct {
	Ways    []wireWay     `json:"ways"`
	Refused []wireRefusal `json:"refused"`
	// Logs are commands that show why a Job or Pod failed.
	Logs []string `json:"logs"`
	// Running are Jobs and Pods that nobody has stopped.
	Running []wireObject `json:"running"`
	Notes   []string     `json:"notes"`
}

type wireWay struct {
	Goal     string   `json:"goal"`
	Commands []string `json:"commands"`
	// Unplayed ways are those of a chart that fails by itself: where they end is not known.
	Unplayed bool            `json:"unplayed,omitempty"`
	Phases   []wireHookPhase `json:"phases"`
	// NeverRun are hooks of the install that this way never runs.
	NeverRun []wireObject `json:"neverRun"`
	// Loses are ordinary objects that go on the way with all that they hold.
	Loses      []wireObject `json:"loses"`
	History    []wireStatus `json:"history"`
	Live       wireLive     `json:"live"`
	Left       []wireObject `json:"left"`
	Prediction string       `json:"prediction"`
}

type wireHookPhase struct {
	Name     string `json:"name"`
	Action   string `json:"action"`
	Revision int    `json:"revision"`
	Hooks    int    `json:"hooks"`
}

type wireRefusal struct {
	Commands []string `json:"commands"`
	Error    string   `json:"error"`
	// Starts says that the command starts and then fails; otherwise Helm turns it down at once.
	Starts bool `json:"starts"`
}

type wireFault struct {
	Object string `json:"object"`
	// Event is empty where the fault strikes at the first chance.
	Event string `json:"event"`
	At    string `json:"at"`
}

// wireMatrix is what each failure leads to: docs/schema/matrix.v1alpha1.schema.json.
type wireMatrix struct {
	APIVersion string     `json:"apiVersion"`
	Kind       string     `json:"kind"`
	Source     wireSource `json:"source"`
	Engine     wireEngine `json:"engine"`
	Notes      []string   `json:"notes"`
	// Failing are the actions that fail by themselves: what they do not reach has no row.
	Failing []wireFailing   `json:"failing"`
	Rows    []wireMatrixRow `json:"rows"`
	Unknown []wireUnknown   `json:"unknown"`
	Errors  []wireError     `json:"errors"`
}

type wireFailing struct {
	Action string `json:"action"`
	Error  string `json:"error"`
}

type wireMatrixRow struct {
	Action     string `json:"action"`
	Phase      string `json:"phase"`
	StartsFrom string `json:"startsFrom"`
	Order      int    `json:"order,omitempty"`
	// Object is null for the ordinary resources.
	Object     *wireObject `json:"object"`
	Fault      wireFault   `json:"fault"`
	Outcome    wireOutcome `json:"outcome"`
	Prediction string      `json:"prediction"`
}

type wireStatus struct {
	Revision int    `json:"revision"`
	Status   string `json:"status"`
}

type wireIgnored struct {
	Object     wireObject `json:"object"`
	Template   string     `json:"template"`
	Document   int        `json:"document"`
	File       string     `json:"file"`
	Annotation string     `json:"annotation"`
	Value      string     `json:"value"`
	Unknown    string     `json:"unknownEvent"`
	Rule       string     `json:"rule"`
	Message    string     `json:"message"`
	DidYouMean string     `json:"didYouMean,omitempty"`
	Fix        string     `json:"fix"`
	Harmless   string     `json:"harmless,omitempty"`
	Actions    []string   `json:"actions"`
}

type wireFinding struct {
	Rule       string     `json:"rule"`
	Severity   string     `json:"severity"`
	Prediction string     `json:"prediction"`
	Object     wireObject `json:"object"`
	Template   string     `json:"template"`
	Document   int        `json:"document"`
	File       string     `json:"file"`
	// Line is null where it is not known for certain.
	Line    *int   `json:"line"`
	Action  string `json:"action,omitempty"`
	Phase   string `json:"phase,omitempty"`
	Message string `json:"message"`
	Fix     string `json:"fix"`
}

type wireUnknown struct {
	What      string `json:"what"`
	Why       string `json:"why"`
	HowToKnow string `json:"howToKnow"`
}

type wireError struct {
	Source  string `json:"source,omitempty"`
	Message string `json:"message"`
}
