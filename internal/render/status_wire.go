package render

import (
	"io"
	"time"

	"github.com/helm-hooks/helm-hooks/internal/status"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// kindReleaseHooks is the kind of docs/schema/releasehooks.v1alpha1.schema.json.
const kindReleaseHooks = "ReleaseHooks"

type wireReleaseHooks struct {
	APIVersion string             `json:"apiVersion"`
	Kind       string             `json:"kind"`
	AsOf       string             `json:"asOf"`
	Source     wireSource         `json:"source"`
	Engine     wireEngine         `json:"engine"`
	Notes      []string           `json:"notes"`
	State      string             `json:"state"`
	Verdict    string             `json:"verdict"`
	Action     string             `json:"action"`
	Began      *string            `json:"began"`
	Work       wireWork           `json:"helmAtWork"`
	Hooks      []wireHookStatus   `json:"hooks"`
	History    []wirePastRevision `json:"history"`
	// Next is null where it is not known.
	Next    []wireNext    `json:"next"`
	WayOut  *wireRecovery `json:"wayOut"`
	Unknown []wireUnknown `json:"unknown"`
	Errors  []wireError   `json:"errors"`
}

type wireWork struct {
	State    string      `json:"state"`
	Why      string      `json:"why"`
	LastSign *string     `json:"lastSign"`
	Hook     *wireObject `json:"hook"`
}

type wireHookStatus struct {
	Object         wireObject       `json:"object"`
	Template       string           `json:"template"`
	Events         []string         `json:"events"`
	Weight         int              `json:"weight"`
	DeletePolicies []string         `json:"deletePolicies"`
	Trouble        bool             `json:"trouble"`
	LastRun        wireRun          `json:"lastRun"`
	Objects        []wireLiveObject `json:"objects"`
}

type wireRun struct {
	State           string   `json:"state"`
	Phase           *string  `json:"phase"`
	StartedAt       *string  `json:"startedAt"`
	CompletedAt     *string  `json:"completedAt"`
	DurationSeconds *float64 `json:"durationSeconds"`
	// Event is null where nothing tells in which it was.
	Event *string `json:"event"`
	Older bool    `json:"olderRevision"`
	Said  string  `json:"meaning"`
}

type wireLiveObject struct {
	Object   wireObject      `json:"object"`
	State    string          `json:"state"`
	Meaning  string          `json:"meaning"`
	Progress *string         `json:"progress"`
	Created  *string         `json:"createdAt"`
	Reason   *wireReason     `json:"reason"`
	Pods     []wirePodStatus `json:"pods"`
	Events   []wireEvent     `json:"events"`
	Logs     []wireLog       `json:"logs"`
	Commands []string        `json:"logCommands"`
	Gaps     []string        `json:"notRead"`
}

type wireReason struct {
	Short string `json:"short"`
	Text  string `json:"text"`
}

type wirePodStatus struct {
	Name  string `json:"name"`
	Phase string `json:"phase"`
}

type wireEvent struct {
	Of      string  `json:"of"`
	Reason  string  `json:"reason"`
	Message string  `json:"message"`
	Count   int     `json:"count"`
	Last    *string `json:"lastSeen"`
}

type wireLog struct {
	Pod       string   `json:"pod"`
	Container string   `json:"container"`
	Previous  bool     `json:"previous"`
	Lines     []string `json:"lines"`
	Redacted  int      `json:"redacted"`
	Cut       bool     `json:"cut"`
}

type wirePastRevision struct {
	Revision int    `json:"revision"`
	Status   string `json:"status"`
	// Description is null where the record was not read.
	Description  *string `json:"description"`
	LastDeployed *string `json:"lastDeployed"`
	Deleted      *string `json:"uninstallBegan"`
	Written      *string `json:"written"`
	RollbackTo   *int    `json:"rollbackTo"`
	Note         string  `json:"note"`
}

type wireNext struct {
	Action string       `json:"action"`
	Result string       `json:"result"`
	Error  string       `json:"error"`
	At     *wireObject  `json:"failsAt"`
	Phase  string       `json:"phase"`
	Hooks  int          `json:"hooks"`
	NotRun []wireObject `json:"notRun"`
	Left   []wireObject `json:"left"`
	Sure   string       `json:"prediction"`
}

// StatusJSON writes a status as one document of docs/schema/releasehooks.v1alpha1.schema.json.
func StatusJSON(w io.Writer, h Header, r status.Report, _ StatusOptions) error {
	text, err := encode(statusWire(h, r))
	if err != nil {
		return err
	}
	_, err = w.Write(escaped(text))
	return err
}

// StatusYAML writes the same tree as StatusJSON.
func StatusYAML(w io.Writer, h Header, r status.Report, _ StatusOptions) error {
	text, err := encode(statusWire(h, r))
	if err != nil {
		return err
	}
	return writeYAML(w, text)
}

func statusWire(h Header, r status.Report) wireReleaseHooks {
	p := planOf(h, r)
	out := wireReleaseHooks{
		APIVersion: wireAPIVersion, Kind: kindReleaseHooks, AsOf: r.Now.UTC().Format(time.RFC3339), Source: sourceWire(h.Source),
		Engine: engineWire(p.Engine), Notes: append([]string{}, h.Notes...), State: string(r.State), Verdict: r.Verdict,
		Action: string(r.Action), Began: instant(r.Began),
		Work:    wireWork{State: string(r.Work.State), Why: r.Work.Why, LastSign: instant(r.Work.LastSign)},
		Hooks:   full(each(r.Hooks, func(one status.Hook) wireHookStatus { return hookStatusWire(h.Helm, one) })),
		History: full(each(r.History, pastWire)),
		Next:    each(r.Next, nextWire),
		WayOut:  recoveryWire(h.Helm, p.WayOut),
		Unknown: full(each(r.Unknown, func(u plan.UnknownFact) wireUnknown { return wireUnknown(u) })),
		Errors:  []wireError{},
	}
	if r.Work.Hook != nil {
		object := objectWire(*r.Work.Hook)
		out.Work.Hook = &object
	}
	return out
}

func hookStatusWire(helm Helm, h status.Hook) wireHookStatus {
	return wireHookStatus{
		Object: objectWire(h.Hook.Object), Template: h.Hook.Template, Events: names(h.Hook.Events), Weight: h.Hook.Weight,
		DeletePolicies: names(h.Hook.DeletePolicies), Trouble: h.Concern == status.Trouble && h.Run.State != status.RunRunning, LastRun: runWire(h.Run),
		Objects: full(each(h.Objects, func(l status.Live) wireLiveObject { return liveObjectWire(helm, l) })),
	}
}

func runWire(run status.Run) wireRun {
	out := wireRun{
		State: string(run.State), Phase: known(run.Phase), StartedAt: instant(run.Started), CompletedAt: instant(run.Completed),
		Event: known(string(run.Event)), Older: run.Older, Said: run.Meaning,
	}
	if took, ended := run.Took(); ended {
		seconds := took.Seconds()
		out.DurationSeconds = &seconds
	}
	return out
}

// known is null for an empty text.
func known(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func liveObjectWire(helm Helm, l status.Live) wireLiveObject {
	out := wireLiveObject{
		Object: objectWire(l.Object), State: string(l.State), Meaning: l.Meaning, Progress: known(string(l.Progress)), Created: instant(l.Created),
		Pods: full(each(l.Pods, func(p status.Pod) wirePodStatus { return wirePodStatus{p.Name, p.Phase} })),
		Events: full(each(l.Events, func(e status.Event) wireEvent {
			return wireEvent{e.Of, e.Reason, e.Message, e.Count, instant(e.Last)}
		})),
		Logs: full(each(l.Logs, func(g status.Log) wireLog {
			return wireLog{g.Pod, g.Container, g.Previous, full(g.Lines), g.Redacted, g.Cut}
		})),
		Commands: full(each(l.Readable, helm.logs)), Gaps: full(l.Gaps),
	}
	if l.Reason != nil {
		out.Reason = &wireReason{l.Reason.Short, l.Reason.Text}
	}
	return out
}

func pastWire(p status.Past) wirePastRevision {
	out := wirePastRevision{
		Revision: p.Number, Status: string(p.Status), LastDeployed: instant(p.LastDeployed), Deleted: instant(p.Deleted),
		Written: instant(p.Written), RollbackTo: positive(p.RollbackTo), Note: p.Note,
	}
	if p.Read {
		out.Description = &p.Description
	}
	return out
}

func nextWire(n status.Next) wireNext {
	out := wireNext{
		Action: string(n.Action), Result: string(n.Result), Error: n.Error, Phase: n.Phase, Hooks: n.Hooks, NotRun: objectsWire(n.NotRun),
		Left: objectsWire(n.Left), Sure: string(n.Prediction),
	}
	if n.At != nil {
		object := objectWire(*n.At)
		out.At = &object
	}
	return out
}
