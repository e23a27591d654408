package gitops

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// Application is what an Application says. Read in Argo CD 3.6.1 (pkg/apis/application/v1alpha1/types.go,
// reposerver/repository/repository.go helmTemplate).
type Application struct {
	// Name and Namespace are those of the object.
	Name, Namespace string
	// Release is what the chart is rendered as.
	Release plan.Release
	// Source is the one source that renders.
	Source ApplicationSource
	// Refs are the names of sources that only lend files, without the dollar sign.
	Refs  []string
	Notes []string

	object *Object
	spec   applicationSpec
}

type applicationSpec struct {
	Source      *ApplicationSource  `json:"source"`
	Sources     []ApplicationSource `json:"sources"`
	Destination struct {
		Server    string `json:"server"`
		Namespace string `json:"namespace"`
		Name      string `json:"name"`
	} `json:"destination"`
	Project              string          `json:"project"`
	SyncPolicy           *syncPolicy     `json:"syncPolicy"`
	IgnoreDifferences    json.RawMessage `json:"ignoreDifferences"`
	Info                 json.RawMessage `json:"info"`
	RevisionHistoryLimit *int64          `json:"revisionHistoryLimit"`
	SourceHydrator       json.RawMessage `json:"sourceHydrator"`
}

// ApplicationSource is spec.source or one of spec.sources.
type ApplicationSource struct {
	RepoURL        string           `json:"repoURL"`
	Path           string           `json:"path"`
	TargetRevision string           `json:"targetRevision"`
	Helm           *ApplicationHelm `json:"helm"`
	Kustomize      json.RawMessage  `json:"kustomize"`
	Directory      *struct {
		Recurse                bool            `json:"recurse"`
		Jsonnet                json.RawMessage `json:"jsonnet"`
		Exclude                string          `json:"exclude"`
		Include                string          `json:"include"`
		DisableExtensionFilter bool            `json:"disableExtensionFilter"`
	} `json:"directory"`
	Plugin    json.RawMessage `json:"plugin"`
	Chart     string          `json:"chart"`
	Ref       string          `json:"ref"`
	Name      string          `json:"name"`
	TagPrefix string          `json:"tagPrefix"`
}

// ApplicationHelm is the part about Helm.
type ApplicationHelm struct {
	ValueFiles []string `json:"valueFiles"`
	Parameters []struct {
		Name        string `json:"name"`
		Value       string `json:"value"`
		ForceString bool   `json:"forceString"`
	} `json:"parameters"`
	ReleaseName    string `json:"releaseName"`
	Values         string `json:"values"`
	FileParameters []struct {
		Name string `json:"name"`
		Path string `json:"path"`
	} `json:"fileParameters"`
	Version                 string          `json:"version"`
	PassCredentials         bool            `json:"passCredentials"`
	IgnoreMissingValueFiles bool            `json:"ignoreMissingValueFiles"`
	SkipCrds                bool            `json:"skipCrds"`
	ValuesObject            json.RawMessage `json:"valuesObject"`
	Namespace               string          `json:"namespace"`
	KubeVersion             string          `json:"kubeVersion"`
	APIVersions             []string        `json:"apiVersions"`
	SkipTests               bool            `json:"skipTests"`
	SkipSchemaValidation    bool            `json:"skipSchemaValidation"`
}

// Parameters are Helm's flags for values, as Argo CD gives them to helm template.
type Parameters struct {
	// ValueFiles are as written: relative to the chart, from the root of its repository with a slash in front, in
	// another source as $REF/…, patterns, or URLs.
	ValueFiles    []string
	IgnoreMissing bool
	// Values is one more values file, which comes after them.
	Values                  string
	Set, SetString, SetFile []string
}

// ParseApplication reads an Application. namespace is where it lives if it does not say so itself.
func ParseApplication(o *Object, namespace string) (*Application, error) {
	if o.APIVersion != groupArgo+"/v1alpha1" {
		return nil, fmt.Errorf("%s: %s is of %s, and Argo CD 3.6 serves %s/v1alpha1 alone", o.Where, o.Ref(), o.APIVersion, groupArgo)
	}
	if err := o.named(); err != nil {
		return nil, err
	}
	parts, err := o.parts()
	if err != nil {
		return nil, err
	}
	if len(parts["spec"]) == 0 {
		return nil, fmt.Errorf("%s: %s has no spec", o.Where, o.Ref())
	}
	a := &Application{Name: o.Name, Namespace: firstOf(o.Namespace, namespace), object: o}
	if a.Notes, err = decode(o, "spec", parts["spec"], &a.spec); err != nil {
		return nil, err
	}
	if err := a.choose(); err != nil {
		return nil, err
	}
	helm := a.helm()
	a.Release = plan.Release{Name: firstOf(helm.ReleaseName, a.Name), Namespace: firstOf(helm.Namespace, a.spec.Destination.Namespace)}
	a.note()
	return a, a.readStatus(parts["status"])
}

// helm is the part about Helm, empty where there is none.
func (a *Application) helm() ApplicationHelm {
	if a.Source.Helm == nil {
		return ApplicationHelm{}
	}
	return *a.Source.Helm
}

// choose finds the source that renders. Sources with a ref and neither path nor chart only lend files.
func (a *Application) choose() error {
	fail := func(hint, format string, arguments ...any) error {
		return &Error{fmt.Errorf("%s: %s: %s", a.object.Where, a.object.Ref(), fmt.Sprintf(format, arguments...)), hint}
	}
	if len(a.spec.SourceHydrator) > 0 && string(a.spec.SourceHydrator) != "null" {
		return fail("give what was rendered: a file of it, or cat FOLDER/*.yaml | helm hooks plan - --engine argocd", "spec.sourceHydrator syncs what was rendered before")
	}
	sources := a.spec.Sources
	if len(sources) == 0 {
		if a.spec.Source == nil {
			return fail(giveChart, "it has neither spec.source nor spec.sources")
		}
		sources = []ApplicationSource{*a.spec.Source}
	}
	var rendered []string
	for i, s := range sources {
		if s.Ref != "" {
			a.Refs = append(a.Refs, strings.TrimPrefix(s.Ref, "$"))
		}
		if s.Ref != "" && s.Path == "" && s.Chart == "" {
			continue
		}
		if len(rendered) == 0 {
			a.Source = sources[i]
		}
		rendered = append(rendered, firstOf(s.Name, firstOf(s.Chart, s.Path)))
	}
	switch {
	case len(rendered) == 0:
		return fail(giveChart, "none of spec.sources renders anything")
	case len(rendered) > 1:
		return fail("give what all of them render: helm template each of them, and helm hooks plan - --engine argocd",
			"%d of spec.sources render objects (%s), which one sync puts into one order", len(rendered), strings.Join(rendered, ", "))
	case a.Source.RepoURL == "":
		return fail("", "spec.source.repoURL is missing: the API server refuses it")
	}
	return a.onlyHelm(fail)
}

// onlyHelm refuses sources that something else than Helm renders.
func (a *Application) onlyHelm(fail func(hint, format string, arguments ...any) error) error {
	given := func(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }
	switch s := a.Source; {
	case given(s.Plugin):
		return fail("give what the plugin renders: … | helm hooks plan - --engine argocd", "a plugin renders it")
	case given(s.Kustomize):
		return fail("kustomize build "+firstOf(s.Path, ".")+" | helm hooks plan - --engine argocd", "Kustomize renders it")
	case s.Directory != nil:
		return fail("cat "+firstOf(s.Path, ".")+"/*.yaml | helm hooks plan - --engine argocd", "it is a folder of manifests, not a chart")
	}
	return nil
}

// Locate finds where the chart comes from.
func (a *Application) Locate() Location {
	s, helm := a.Source, a.helm()
	at := Location{Version: s.TargetRevision, PassCredentials: helm.PassCredentials}
	if at.Version == "*" || at.Version == "HEAD" {
		at.Version = ""
	}
	switch {
	case s.Chart != "" && strings.HasPrefix(s.RepoURL, "oci://"), s.Chart != "" && !strings.Contains(s.RepoURL, "://"):
		// Without a scheme it is a registry (types.go IsHelmOci, util/helm/client.go).
		at.Ref = "oci://" + strings.TrimSuffix(strings.TrimPrefix(s.RepoURL, "oci://"), "/") + "/" + s.Chart
	case s.Chart != "":
		at.RepoURL, at.Chart = s.RepoURL, s.Chart
	case strings.HasPrefix(s.RepoURL, "oci://"):
		at.Ref = s.RepoURL
	default:
		at.Path, at.Of, at.Version = firstOf(s.Path, "."), s.RepoURL, ""
	}
	return at
}

// SkipCRDs, SkipTests and SkipSchemaValidation are those of helm template.
func (a *Application) SkipCRDs() bool { return a.helm().SkipCrds }

// SkipTests is that of helm template.
func (a *Application) SkipTests() bool { return a.helm().SkipTests }

// SkipSchemaValidation is that of helm template.
func (a *Application) SkipSchemaValidation() bool { return a.helm().SkipSchemaValidation }

// KubeVersion and APIVersions are those of helm template; empty where the cluster's are used.
func (a *Application) KubeVersion() string { return a.helm().KubeVersion }

// APIVersions are those of helm template; none where the cluster's are used.
func (a *Application) APIVersions() []string { return a.helm().APIVersions }

// Parameters are the flags for values, with the variables of the build put in. unknown are variables that only a sync
// knows.
func (a *Application) Parameters() (p Parameters, unknown []plan.UnknownFact, err error) {
	helm := a.helm()
	e := &environment{app: a}
	p.IgnoreMissing = helm.IgnoreMissingValueFiles
	for _, file := range helm.ValueFiles {
		p.ValueFiles = append(p.ValueFiles, a.expandPath(e, file))
	}
	if p.Values, err = helm.valuesText(); err != nil {
		return p, nil, fmt.Errorf("%s: %s: %w", a.object.Where, a.object.Ref(), err)
	}
	// The last of a name wins, and helm template takes --set before --set-string (repository.go helmTemplate).
	set, asString := map[string]int{}, map[string]int{}
	for _, one := range helm.Parameters {
		flags, seen := &p.Set, set
		if one.ForceString {
			flags, seen = &p.SetString, asString
		}
		put(flags, seen, one.Name, escapeCommas(e.expand(one.Value)))
	}
	files := map[string]int{}
	for _, one := range helm.FileParameters {
		put(&p.SetFile, files, one.Name, escapeCommas(a.expandPath(e, one.Path)))
	}
	if len(e.unknown) > 0 {
		unknown = append(unknown, plan.UnknownFact{
			What: "values", Why: "only a sync knows " + strings.Join(e.unknown, ", ") + ", which the parameters name: empty here",
			HowToKnow: "--set on the parameter in question",
		})
	}
	return p, unknown, nil
}

// put adds name=value, or replaces the one of that name.
func put(flags *[]string, seen map[string]int, name, value string) {
	if at, ok := seen[name]; ok {
		(*flags)[at] = name + "=" + value
		return
	}
	seen[name] = len(*flags)
	*flags = append(*flags, name+"="+value)
}

// valuesText is ValuesYAML of pkg/apis/application/v1alpha1/values.go: valuesObject goes before values.
func (h ApplicationHelm) valuesText() (string, error) {
	if len(h.ValuesObject) == 0 || string(h.ValuesObject) == "null" {
		return h.Values, nil
	}
	text, err := yaml.JSONToYAML(h.ValuesObject)
	if err != nil {
		return "", errors.New("spec.source.helm.valuesObject is no object")
	}
	return string(text), nil
}

// escapeCommas is cleanSetParameters of util/helm/cmd.go: a value is one value, but for a list in braces.
func escapeCommas(value string) string {
	if strings.HasPrefix(value, "{") && strings.HasSuffix(value, "}") {
		return value
	}
	var escaped strings.Builder
	var before rune
	for _, r := range value {
		if r == ',' && before != '\\' {
			escaped.WriteByte('\\')
		}
		escaped.WriteRune(r)
		before = r
	}
	return escaped.String()
}

// expandPath puts the variables into a path. The name of another source in front is none.
func (a *Application) expandPath(e *environment, path string) string {
	if name, rest, ok := strings.Cut(strings.TrimPrefix(path, "$"), "/"); ok && strings.HasPrefix(path, "$") && slices.Contains(a.Refs, name) {
		return "$" + name + "/" + e.expand(rest)
	}
	return e.expand(path)
}

// environment is newEnv of reposerver/repository/repository.go, as far as a plan can know it.
type environment struct {
	app     *Application
	unknown []string
}

// expand is Envsubst of pkg/apis/application/v1alpha1/types.go: what is not known is empty.
func (e *environment) expand(text string) string {
	a := e.app
	return os.Expand(text, func(name string) string {
		switch name {
		case "$":
			return "$"
		case "ARGOCD_APP_NAME":
			return a.Name
		case "ARGOCD_APP_NAMESPACE":
			return a.spec.Destination.Namespace
		case "ARGOCD_APP_PROJECT_NAME":
			return firstOf(a.spec.Project, "default")
		case "ARGOCD_APP_SOURCE_REPO_URL":
			return a.Source.RepoURL
		case "ARGOCD_APP_SOURCE_PATH":
			return a.Source.Path
		case "ARGOCD_APP_SOURCE_TARGET_REVISION":
			return a.Source.TargetRevision
		case "ARGOCD_APP_REVISION", "ARGOCD_APP_REVISION_SHORT", "ARGOCD_APP_REVISION_SHORT_8":
			if !slices.Contains(e.unknown, name) {
				e.unknown = append(e.unknown, name)
			}
		}
		return ""
	})
}
