package source

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/helm-hooks/helm-hooks/internal/helm3"
	"github.com/helm-hooks/helm-hooks/internal/helm4"
	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// StoredRelease is one stored revision, with what is needed to render it once more.
type StoredRelease struct {
	// Engine is the Helm that is tried first; where it does not reproduce the revision, the other one is.
	Engine  plan.Engine
	Release plan.Release
	// Chart is the chart as the record holds it.
	Chart json.RawMessage
	// Values are those that the user gave.
	Values map[string]any
	// Revision and IsUpgrade are what .Release probably said. Where they do not reproduce the revision, others do:
	// a rollback stores what an older revision rendered, and install --replace renders revision 1 whatever its
	// number is (v3 and v4 pkg/action/install.go: RunWithContext, replaceRelease).
	Revision  int
	IsUpgrade bool
	// KubeVersion and APIVersions are as in ChartOptions.
	KubeVersion string
	APIVersions []string
	// Cluster is where the release lives; nil where that was not asked. lookup is not run.
	Cluster *sdk.Cluster
	// Documents are those of the stored manifest and hooks, as StoredDocuments gives them.
	Documents []plan.Document
}

var (
	// asksOutside names the functions whose answer of then is not stored.
	asksOutside = regexp.MustCompile(`\b(lookup|getHostByName)\b`)
	// missingTemplate is how text/template names a define that there is not.
	missingTemplate = regexp.MustCompile(`no template "([^"]*)"|template "([^"]*)" not defined`)
)

// DroppedOf finds the documents that Helm dropped when it rendered a stored revision, of which records hold no
// trace. It renders the stored templates, and believes the result only where it gives exactly what is stored. With
// unknown nil, dropped is complete. An error never leaves it: what cannot be read is unknown.
//
// What it cannot see is a subchart in charts/ that Chart.yaml does not list and of which nothing was installed.
func DroppedOf(s StoredRelease) (dropped []plan.Document, unknown *plan.UnknownFact) {
	dropped, why := s.dropped()
	if why == "" {
		return dropped, nil
	}
	return nil, &plan.UnknownFact{
		What: "ignored", Why: why, HowToKnow: "--chart CHART: the chart that the release was made of",
	}
}

// dropped says why the documents are not known, or nothing.
func (s StoredRelease) dropped() (dropped []plan.Document, why string) {
	chart, err := loadStored(s.Engine, s.Chart)
	if err != nil {
		return nil, "the chart in the record cannot be read"
	}
	if names := chart.Info().Dependencies; len(names) > 0 {
		return nil, "records hold no subcharts, and this chart has some: " + strings.Join(names, ", ")
	}
	texts := slices.Concat(chart.Texts(), sdk.ValueTexts(s.Values))
	// Notes are no document, and what they ask is their affair.
	texts = slices.DeleteFunc(texts, func(text sdk.Text) bool { return strings.HasSuffix(text.Path, "NOTES.txt") })
	if slices.ContainsFunc(texts, func(text sdk.Text) bool { return calls(text.Body, asksOutside) }) {
		return nil, "the stored templates use lookup or getHostByName, whose answers of then are not stored"
	}
	if by := decidedByChance(texts); len(by) > 0 {
		return nil, "chance or the clock decides what " + strings.Join(by, ", ") + " gives"
	}
	stored, err := plan.Classify(plan.Rendered{Documents: s.Documents}, s.Release, s.Engine)
	if err != nil || len(stored.Dropped) > 0 {
		return nil, "the record holds documents that no Helm stores: it was edited"
	}
	search := search{release: s, stored: visibleOf(stored), texts: texts, depends: dependenceOf(texts)}
	return search.run()
}

func loadStored(engine plan.Engine, raw json.RawMessage) (sdk.Chart, error) {
	if engine.Name == "helm3" {
		return helm3.LoadStored(raw)
	}
	return helm4.LoadStored(raw)
}

// openToCluster says what about hooks hangs on a cluster that was not asked, or nothing: a document that was
// dropped under a condition leaves the same record as one that was not there.
func (s StoredRelease) openToCluster(engine plan.Engine, active, texts []sdk.Text) string {
	if s.Cluster != nil {
		return ""
	}
	request := sdk.Request{KubeVersion: s.KubeVersion, APIVersions: s.APIVersions}
	for _, fact := range slices.Concat(clusterFacts(active, nil, knownAPIs(engine), request), tplFacts(active, texts)) {
		return fact.Why
	}
	return ""
}
