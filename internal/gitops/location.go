package gitops

import (
	"fmt"
	"strings"
)

// Location is where the chart of an object comes from: a path in a repository, a chart repository, or a registry.
type Location struct {
	// Path is that of the chart in the repository that Of names, such as GitRepository/flux-system.
	Path, Of string
	// RepoURL is the chart repository that holds Chart.
	RepoURL, Chart string
	// Ref is an oci:// reference.
	Ref string
	// Version is one, or a range; empty is the newest.
	Version                    string
	PlainHTTP, PassCredentials bool
	// Secret names the one whose credentials the engine uses; they are not read here.
	Secret string
	// ValuesFiles replace the chart's own default values, if there are any; IgnoreMissing passes over those that do
	// not exist. They lie in the repository of Path, else in the chart.
	ValuesFiles   []string
	IgnoreMissing bool
	Notes         []string
}

// Finder gives an object that another one refers to; nil where it does not exist. namespace may be empty.
type Finder func(kind, namespace, name string) (*Object, error)

// How a chart is found where nothing at hand tells.
const giveChart = "--chart CHART gives the chart: a path, REPO/CHART, a URL or oci://…"

// Locate finds where the chart comes from. With an error for want of an object the location holds what is known all the
// same, for a chart that is given by hand.
func (h *HelmRelease) Locate(find Finder) (Location, error) {
	switch s := &h.spec; {
	case s.Chart != nil:
		return h.fromSource(s.Chart.Spec, "spec.chart.spec", find)
	case s.ChartRef != nil:
		return h.fromReference(*s.ChartRef, find)
	}
	return Location{}, &Error{fmt.Errorf("%s: %s has neither spec.chart nor spec.chartRef: the API server refuses it", h.object.Where, h.object.Ref()), giveChart}
}

// fromSource reads spec.chart.spec, or the spec of a HelmChart.
func (h *HelmRelease) fromSource(spec chartSpec, field string, find Finder) (Location, error) {
	c := &checks{object: h.object}
	c.required(field+".chart", spec.Chart)
	c.required(field+".sourceRef.kind", spec.SourceRef.Kind)
	c.required(field+".sourceRef.name", spec.SourceRef.Name)
	c.oneOf(field+".sourceRef.kind", spec.SourceRef.Kind, "HelmRepository", "GitRepository", "Bucket")
	c.oneOf(field+".reconcileStrategy", spec.ReconcileStrategy, "ChartVersion", "Revision")
	if c.err != nil {
		return Location{}, c.err
	}
	at := Location{ValuesFiles: spec.ValuesFiles, IgnoreMissing: spec.IgnoreMissingValuesFiles}
	if len(spec.ValuesFiles) > 0 || spec.ReconcileStrategy == "Revision" {
		at.Notes = append(at.Notes, "Flux adds +… to .Chart.Version, as valuesFiles and reconcileStrategy: Revision ask for; rendered here is the plain version")
	}
	if kind := spec.SourceRef.Kind; kind != "HelmRepository" {
		at.Path, at.Of = spec.Chart, kind+"/"+spec.SourceRef.Name
		return at, nil
	}
	repository, err := h.find("HelmRepository", spec.SourceRef, find)
	if err != nil {
		return at, err
	}
	return at, at.helmRepository(repository, spec)
}

// find gives the object that a reference names.
func (h *HelmRelease) find(kind string, ref reference, find Finder) (*Object, error) {
	namespace := firstOf(ref.Namespace, h.Namespace)
	found, err := find(kind, namespace, ref.Name)
	if err != nil {
		return nil, err
	}
	if found == nil {
		return nil, &Error{
			fmt.Errorf("%s: %s takes its chart from %s/%s of namespace %s, which is not there", h.object.Where, h.object.Ref(), kind, ref.Name, namespace),
			"give it along, in the same file or stream; or " + giveChart,
		}
	}
	return found, nil
}

// helmRepository takes in a HelmRepository (source-controller 1.9 api/v1/helmrepository_types.go).
func (l *Location) helmRepository(o *Object, chart chartSpec) error {
	var spec struct {
		URL             string `json:"url"`
		Type            string `json:"type"`
		Insecure        bool   `json:"insecure"`
		PassCredentials bool   `json:"passCredentials"`
		SecretRef       struct {
			Name string `json:"name"`
		} `json:"secretRef"`
	}
	if err := o.read("spec", &spec); err != nil {
		return err
	}
	if spec.URL == "" {
		return fmt.Errorf("%s: %s: spec.url is missing", o.Where, o.Ref())
	}
	l.Secret, l.PassCredentials = spec.SecretRef.Name, spec.PassCredentials
	// A version of * is the newest one in both (source-controller internal/helm/repository).
	if l.Version = chart.Version; l.Version == "*" {
		l.Version = ""
	}
	if spec.Type != "oci" {
		l.RepoURL, l.Chart = spec.URL, chart.Chart
		return nil
	}
	if !strings.HasPrefix(spec.URL, "oci://") {
		return fmt.Errorf("%s: %s: spec.url %q is no oci:// URL, as type: oci demands", o.Where, o.Ref(), spec.URL)
	}
	l.Ref, l.PlainHTTP = strings.TrimSuffix(spec.URL, "/")+"/"+chart.Chart, spec.Insecure
	return nil
}

// fromReference reads spec.chartRef.
func (h *HelmRelease) fromReference(ref reference, find Finder) (Location, error) {
	c := &checks{object: h.object}
	c.required("spec.chartRef.name", ref.Name)
	c.required("spec.chartRef.kind", ref.Kind)
	c.oneOf("spec.chartRef.kind", ref.Kind, "OCIRepository", "HelmChart", "ExternalArtifact")
	if c.err != nil {
		return Location{}, c.err
	}
	if ref.Kind == "ExternalArtifact" {
		return Location{}, &Error{fmt.Errorf("%s: %s takes its chart from %s/%s, which only a cluster has", h.object.Where, h.object.Ref(), ref.Kind, ref.Name), giveChart}
	}
	found, err := h.find(ref.Kind, ref, find)
	if err != nil && ref.Kind == "HelmChart" {
		return Location{Notes: []string{"HelmChart/" + ref.Name + " is not at hand: if it has valuesFiles, they are left out"}}, err
	}
	if err != nil {
		return Location{}, err
	}
	if ref.Kind == "OCIRepository" {
		return ociRepository(found)
	}
	var spec chartSpec
	if err := found.read("spec", &spec); err != nil {
		return Location{}, err
	}
	if spec.SourceRef.Namespace == "" {
		spec.SourceRef.Namespace = firstOf(found.Namespace, firstOf(ref.Namespace, h.Namespace))
	}
	return h.fromSource(spec, "spec of HelmChart/"+found.Name, find)
}

// ociRepository takes in an OCIRepository (source-controller 1.9 api/v1/ocirepository_types.go; the order digest,
// semver, tag is that of internal/controller/ocirepository_controller.go getArtifactRef).
func ociRepository(o *Object) (Location, error) {
	var spec struct {
		URL string `json:"url"`
		Ref struct {
			Digest       string `json:"digest"`
			SemVer       string `json:"semver"`
			SemverFilter string `json:"semverFilter"`
			Tag          string `json:"tag"`
		} `json:"ref"`
		Insecure  bool `json:"insecure"`
		SecretRef struct {
			Name string `json:"name"`
		} `json:"secretRef"`
	}
	if err := o.read("spec", &spec); err != nil {
		return Location{}, err
	}
	if !strings.HasPrefix(spec.URL, "oci://") {
		return Location{}, fmt.Errorf("%s: %s: spec.url %q is no oci:// URL", o.Where, o.Ref(), spec.URL)
	}
	at := Location{
		Ref: spec.URL, PlainHTTP: spec.Insecure, Secret: spec.SecretRef.Name,
		// mutateChartWithSourceRevision of helm-controller internal/controller/helmrelease_controller.go.
		Notes: []string{"Flux adds +DIGEST to .Chart.Version; rendered here is the plain version"},
	}
	switch {
	case spec.Ref.Digest != "":
		at.Ref += "@" + spec.Ref.Digest
	case spec.Ref.SemVer != "":
		at.Version = spec.Ref.SemVer
		if spec.Ref.SemverFilter != "" {
			at.Notes = append(at.Notes, o.Ref()+": semverFilter is not applied: the newest version of "+spec.Ref.SemVer+" is taken")
		}
	case spec.Ref.Tag != "":
		at.Ref += ":" + spec.Ref.Tag
	default:
		at.Ref += ":latest"
	}
	return at, nil
}

// read takes in a part of an object. Fields that are not read are none of ours.
func (o *Object) read(part string, into any) error {
	parts, err := o.parts()
	if err != nil {
		return err
	}
	_, err = decode(o, part, parts[part], into)
	return err
}
