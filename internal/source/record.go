package source

import (
	"errors"
	"fmt"
	"strings"

	"sigs.k8s.io/yaml"
)

const (
	recordType   = "helm.sh/release.v1"
	recordPrefix = "sh.helm.release.v1."
)

// refuseRecord stops at a release record (v3 pkg/storage/driver/secrets.go): what is in it is packed, and
// taken for an ordinary Secret it would be misread.
func (p *piece) refuseRecord() error {
	found := ""
	if isRecord(p.head.Kind, p.head.Type, p.head.Metadata.Name) {
		found = p.head.Kind + "/" + p.head.Metadata.Name
	}
	for _, item := range p.head.Items {
		if found == "" && isRecord(item.Kind, item.Type, item.Metadata.Name) {
			found = item.Kind + "/" + item.Metadata.Name
		}
	}
	if found == "" {
		return nil
	}
	release := strings.TrimPrefix(found[strings.Index(found, "/")+1:], recordPrefix)
	if at := strings.LastIndex(release, ".v"); at > 0 {
		release = release[:at]
	}
	return &Error{
		fmt.Errorf("%s:%d: %s is Helm's record of a release; records are not read from a stream", p.label, p.line, found),
		"helm get all " + release + " | helm hooks plan -",
	}
}

func isRecord(kind, typ, name string) bool {
	return (kind == "Secret" || kind == "ConfigMap") && (typ == recordType || strings.HasPrefix(name, recordPrefix))
}

// release is the JSON or YAML that `helm install --dry-run -o json` and `helm status -o yaml` print.
type release struct {
	Kind      string `json:"kind"`
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
	Version   int    `json:"version"`
	Info      *struct {
		Status string `json:"status"`
	} `json:"info"`
	Chart struct {
		Metadata struct {
			Name       string `json:"name"`
			Version    string `json:"version"`
			AppVersion string `json:"appVersion"`
		} `json:"metadata"`
	} `json:"chart"`
	Manifest string `json:"manifest"`
	Hooks    []struct {
		Path     string `json:"path"`
		Manifest string `json:"manifest"`
	} `json:"hooks"`
}

// readRelease reads a text that is one release object. found is false where it is none.
func readRelease(label, text string) (made report, found bool, err error) {
	if !strings.Contains(text, "manifest") && !strings.Contains(text, "last_deployed") {
		return report{}, false, nil
	}
	var parsed release
	if yaml.Unmarshal([]byte(text), &parsed) != nil || parsed.Kind != "" || parsed.Info == nil || parsed.Name == "" {
		return report{}, false, nil
	}
	if parsed.Manifest == "" && len(parsed.Hooks) == 0 {
		return report{}, true, &Error{
			fmt.Errorf("%s: the release %s has no manifest", label, parsed.Name), "pipe helm get all " + parsed.Name,
		}
	}
	made = report{
		name: parsed.Name, namespace: parsed.Namespace, revision: parsed.Version, chart: parsed.Chart.Metadata.Name,
		chartVersion: parsed.Chart.Metadata.Version, appVersion: parsed.Chart.Metadata.AppVersion,
		manifest: parsed.Manifest, manifLine: 1, hooksLine: 1,
	}
	var hooks strings.Builder
	for _, hook := range parsed.Hooks {
		if strings.ContainsAny(hook.Path, "\r\n") {
			return report{}, true, errors.New(label + ": a hook of the release has a path of several lines")
		}
		fmt.Fprintf(&hooks, "---\n%s%s\n%s\n", sourceMark, hook.Path, hook.Manifest)
	}
	made.hooks = hooks.String()
	return made, true, nil
}
