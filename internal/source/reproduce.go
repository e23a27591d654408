package source

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// search looks for the render that gave a stored revision.
type search struct {
	release StoredRelease
	stored  []visible
	// texts are all that can run as a template.
	texts []sdk.Text
	// depends is what the texts can tell apart.
	depends dependence
}

// attempt is one way in which the revision may have been rendered.
type attempt struct {
	engine plan.Engine
	fields plan.Fields
	values map[string]any
}

// mostOlder bounds the older revisions that a rollback may have taken its templates from. Helm keeps ten.
const mostOlder = 20

// run tries the plausible ways until one gives what is stored.
func (s search) run() (dropped []plan.Document, why string) {
	for _, engine := range []plan.Engine{s.release.Engine, otherEngine(s.release.Engine)} {
		for _, values := range s.values() {
			dropped, found, problem := s.anyFields(engine, values)
			if found || problem != "" {
				return dropped, problem
			}
		}
	}
	for _, one := range s.older() {
		if dropped, ok, _ := s.try(one); ok {
			return dropped, ""
		}
	}
	return nil, "a render of the stored templates gives other objects than are stored: " +
		"another cluster, a post-renderer or an edit of the record may be the reason"
}

// anyFields tries a render as an upgrade and as an install. Where both give what is stored and differ in what they
// drop, it stays unknown.
func (s search) anyFields(engine plan.Engine, values map[string]any) (dropped []plan.Document, found bool, problem string) {
	for _, fields := range s.fields() {
		documents, ok, problem := s.try(attempt{engine, fields, values})
		switch {
		case problem != "":
			return nil, false, problem
		case !ok:
			continue
		case found && !slices.Equal(identities(documents), identities(dropped)):
			return nil, false, "what is dropped hangs on whether an install or an upgrade rendered the stored templates, which the record does not tell"
		case !found:
			dropped, found = documents, true
		}
	}
	return dropped, found, ""
}

// fields are the given pair, and, where templates can tell the difference, that of an install.
func (s search) fields() []plan.Fields {
	given := plan.Fields{Revision: max(s.release.Revision, 1), IsUpgrade: s.release.IsUpgrade}
	list := []plan.Fields{given}
	if s.depends == onNothing {
		return list
	}
	for _, fields := range []plan.Fields{{Revision: given.Revision, IsUpgrade: given.Revision > 1}, {Revision: 1}} {
		if !slices.Contains(list, fields) {
			list = append(list, fields)
		}
	}
	return list
}

// values are those of the record, with numbers of either type. A number of --set was an integer when it was
// rendered, one of a values file a float; the record does not tell them apart, and templates print large ones
// differently.
func (s search) values() []map[string]any {
	list := []map[string]any{s.release.Values}
	if integers := withIntegers(s.release.Values); !reflect.DeepEqual(integers, s.release.Values) {
		list = append(list, integers)
	}
	return list
}

// older are the upgrades whose revision a rollback may have brought back, where a template says which it was.
func (s search) older() []attempt {
	if s.depends != onRevision {
		return nil
	}
	var list []attempt
	for number := s.release.Revision - 1; number > 1 && len(list) < mostOlder; number-- {
		list = append(list, attempt{s.release.Engine, plan.Fields{Revision: number, IsUpgrade: true}, s.release.Values})
	}
	return list
}

func otherEngine(engine plan.Engine) plan.Engine {
	other := "helm3"
	if engine.Name == "helm3" {
		other = "helm4"
	}
	parsed, err := plan.ParseEngine(other)
	if err != nil {
		return engine
	}
	return parsed
}

// try renders once more. problem says why no other way need be tried.
func (s search) try(one attempt) (dropped []plan.Document, ok bool, problem string) {
	chart, err := loadStored(one.engine, s.release.Chart)
	if err != nil {
		return nil, false, ""
	}
	first, second, err := s.render(chart, one)
	if err != nil {
		if match := missingTemplate.FindStringSubmatch(err.Error()); match != nil {
			return nil, false, fmt.Sprintf("the stored templates include %q, which they do not define: it came from a subchart", match[1]+match[2])
		}
		return nil, false, "" // Helm's message may quote values, and it is not the user's to mend
	}
	if why := s.release.openToCluster(one.engine, first.Active, s.texts); why != "" {
		return nil, false, why
	}
	if second != nil {
		markVolatile(first.Documents, second.Documents)
	}
	// Without crds/, which say what is cluster-scoped and which the stored documents come without, too.
	inventory, err := plan.Classify(plan.Rendered{Documents: first.Documents}, s.release.Release, s.release.Engine)
	if err != nil {
		return nil, false, ""
	}
	if !reproduces(visibleOf(inventory), second, s.stored) {
		return nil, false, ""
	}
	for _, one := range inventory.Dropped {
		dropped = append(dropped, one.Document)
	}
	return dropped, true, ""
}

// render gives a second result where two renders of the same input may differ.
func (s search) render(chart sdk.Chart, one attempt) (first sdk.Result, second *sdk.Result, err error) {
	request := sdk.Request{
		Engine: one.engine, Release: s.release.Release, Fields: one.fields, Values: one.values,
		KubeVersion: s.release.KubeVersion, APIVersions: s.release.APIVersions,
		// The schema decides nothing but whether there is a render, and may be somewhere on the web.
		SkipSchemaValidation: true,
	}
	if s.release.Cluster != nil {
		known := *s.release.Cluster
		known.Config = nil
		request.Cluster = &known
	}
	if first, err = chart.Render(request); err != nil || !mayBeVolatile(s.texts) {
		return first, nil, err
	}
	request.Rewrite = shiftClock
	again, err := chart.Render(request)
	if err != nil {
		request.Rewrite = nil
		again, err = chart.Render(request)
	}
	return first, &again, err
}

// withIntegers turns whole numbers into the type that --set gives them (v3 pkg/strvals/parser.go: typedVal).
func withIntegers(values map[string]any) map[string]any {
	out, _ := integers(values).(map[string]any)
	return out
}

func integers(value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := maps.Clone(v)
		for key, item := range out {
			out[key] = integers(item)
		}
		return out
	case []any:
		out := slices.Clone(v)
		for i, item := range out {
			out[i] = integers(item)
		}
		return out
	case float64:
		const exact = 1 << 53
		if v == math.Trunc(v) && math.Abs(v) <= exact {
			return int64(v)
		}
	}
	return value
}

// identities are the documents' places and names, in order.
func identities(documents []plan.Document) []string {
	list := make([]string, 0, len(documents))
	for _, document := range documents {
		name := document.VolatileName
		if name == "" {
			name = documentName(document.Text)
		}
		list = append(list, strings.Join([]string{document.Template, fmt.Sprint(document.Index), name}, "\n"))
	}
	return list
}
