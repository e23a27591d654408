package render

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/helm-hooks/helm-hooks/internal/lint"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// The parts of SARIF 2.1.0 that a report needs. Code scanning wants results to be there even when it is
// empty, so nothing that the format demands is left out when it is.

const (
	sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	projectURL  = "https://github.com/helm-hooks/helm-hooks"
	rulesURL    = projectURL + "/blob/main/docs/rules/"
)

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool        sarifTool         `json:"tool"`
	Invocations []sarifInvocation `json:"invocations"`
	ColumnKind  string            `json:"columnKind"`
	Results     []sarifResult     `json:"results"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name           string      `json:"name"`
	Version        string      `json:"version,omitempty"`
	InformationURI string      `json:"informationUri"`
	Rules          []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID                   string          `json:"id"`
	Name                 string          `json:"name"`
	ShortDescription     sarifText       `json:"shortDescription"`
	FullDescription      sarifText       `json:"fullDescription"`
	HelpURI              string          `json:"helpUri"`
	Help                 sarifText       `json:"help"`
	DefaultConfiguration sarifConfigured `json:"defaultConfiguration"`
}

type sarifConfigured struct {
	Level string `json:"level"`
}

type sarifText struct {
	Text     string `json:"text"`
	Markdown string `json:"markdown,omitempty"`
}

type sarifInvocation struct {
	ExecutionSuccessful bool                `json:"executionSuccessful"`
	Execution           []sarifNotification `json:"toolExecutionNotifications,omitempty"`
	Configuration       []sarifNotification `json:"toolConfigurationNotifications,omitempty"`
}

type sarifNotification struct {
	Level     string          `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations,omitempty"`
}

type sarifResult struct {
	RuleID              string             `json:"ruleId"`
	RuleIndex           *int               `json:"ruleIndex,omitempty"`
	Level               string             `json:"level"`
	Message             sarifText          `json:"message"`
	Locations           []sarifLocation    `json:"locations"`
	PartialFingerprints map[string]string  `json:"partialFingerprints"`
	Suppressions        []sarifSuppression `json:"suppressions,omitempty"`
}

type sarifLocation struct {
	Physical *sarifPhysical `json:"physicalLocation,omitempty"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   *sarifRegion  `json:"region,omitempty"`
}

type sarifArtifact struct {
	URI       string `json:"uri"`
	URIBaseID string `json:"uriBaseId,omitempty"`
}

type sarifRegion struct {
	StartLine int `json:"startLine"`
}

type sarifLogical struct {
	Name               string `json:"name,omitempty"`
	FullyQualifiedName string `json:"fullyQualifiedName,omitempty"`
	Kind               string `json:"kind"`
}

type sarifSuppression struct {
	Kind          string         `json:"kind"`
	Status        string         `json:"status"`
	Justification string         `json:"justification"`
	Location      *sarifLocation `json:"location,omitempty"`
}

// LintSARIF writes a report as SARIF 2.1.0, for code scanning. Suppressed findings are results with a
// suppression; remarks about suppressions are notifications.
func LintSARIF(w io.Writer, r lint.Report, o LintOptions) error {
	invocation := sarifInvocation{ExecutionSuccessful: len(r.Errors) == 0}
	for _, p := range r.Errors {
		invocation.Execution = append(invocation.Execution, sarifNotification{
			Level: "error", Message: sarifText{Text: clean(p.Ref + ": " + problemWords(p))},
		})
	}
	run := sarifRun{ColumnKind: "utf16CodeUnits", Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "helm-hooks", Version: o.Version, InformationURI: projectURL, Rules: sarifRules()}
	index := map[string]int{}
	for i, rule := range run.Tool.Driver.Rules {
		index[rule.ID] = i
	}
	seen := map[string]int{}
	for _, source := range r.Sources {
		for _, remark := range source.Remarks {
			invocation.Configuration = append(invocation.Configuration, sarifNotification{
				Level: "note", Message: sarifText{Text: clean(remark.Message)}, Locations: sarifLocations(remark.File, remark.Line, plan.Finding{}),
			})
		}
		for _, f := range source.Findings {
			result := sarifFinding(source, f, seen)
			if i, known := index[f.Rule]; known {
				result.RuleIndex = &i
			}
			run.Results = append(run.Results, result)
		}
	}
	run.Invocations = []sarifInvocation{invocation}
	text, err := encode(sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{run}})
	if err != nil {
		return err
	}
	_, err = w.Write(escaped(text))
	return err
}

func sarifRules() []sarifRule {
	var all []sarifRule
	for _, rule := range plan.Rules() {
		page := rulesURL + rule.ID + ".md"
		all = append(all, sarifRule{
			ID: rule.ID, Name: pascal(rule.Title), HelpURI: page,
			ShortDescription: sarifText{Text: rule.Title},
			FullDescription:  sarifText{Text: rule.Summary},
			Help: sarifText{
				Text:     rule.Summary + "\n\nFix: " + rule.Fix + ".",
				Markdown: markdown(rule.Summary) + "\n\n**Fix:** " + markdown(rule.Fix) + ".\n\n[" + rule.ID + "](" + page + ")",
			},
			DefaultConfiguration: sarifConfigured{Level: sarifLevel(rule.Severity)},
		})
	}
	return all
}

// pascal makes a rule's title the identifier that SARIF recommends: UnknownEventDropsTheObject.
func pascal(title string) string {
	var out strings.Builder
	for _, word := range strings.FieldsFunc(title, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	}) {
		out.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return out.String()
}

func sarifLevel(s plan.Severity) string {
	if s == plan.SeverityInfo {
		return "note"
	}
	return string(s)
}

func sarifFinding(source lint.Source, f lint.Finding, seen map[string]int) sarifResult {
	text := saidWith(f)
	if f.Fix != "" {
		text = strings.TrimRight(text, " .") + ". Fix: " + f.Fix
	}
	result := sarifResult{
		RuleID: f.Rule, Level: sarifLevel(f.Severity), Message: sarifText{Text: clean(text)},
		Locations: sarifLocations(f.File, f.Line, f.Finding),
	}
	// The same as long as rule, object and template are: lines may move. Equal ones are numbered.
	sum := sha256.Sum256([]byte(strings.Join([]string{
		source.Chart, f.Rule, f.Template, f.Object.APIVersion, f.Object.Kind, f.Object.Name, string(f.Action), f.Phase,
	}, "\x00")))
	print := hex.EncodeToString(sum[:16])
	seen[print]++
	result.PartialFingerprints = map[string]string{"helmHooksFinding/v1": print + ":" + strconv.Itoa(seen[print])}
	if s := f.Suppressed; s != nil {
		suppression := sarifSuppression{Kind: "inSource", Status: "accepted", Justification: clean(s.Reason)}
		if places := sarifLocations(s.File, s.Line, plan.Finding{}); len(places) > 0 {
			suppression.Location = &places[0]
		}
		result.Suppressions = []sarifSuppression{suppression}
	}
	return result
}

// sarifLocations is where a finding is: in a file, and at an object.
func sarifLocations(file string, line int, f plan.Finding) []sarifLocation {
	location := sarifLocation{}
	if file != "" {
		location.Physical = &sarifPhysical{Artifact: artifact(file)}
		if line > 0 {
			location.Physical.Region = &sarifRegion{StartLine: line}
		}
	}
	if name := about(f); name != "" {
		location.Logical = []sarifLogical{{Name: clean(name), FullyQualifiedName: clean(strings.Trim(f.Template+" "+name, " ")), Kind: "resource"}}
	}
	if location.Physical == nil && location.Logical == nil {
		return []sarifLocation{}
	}
	return []sarifLocation{location}
}

// artifact is a file as a URI: relative to the root of the sources, unless the path is absolute.
func artifact(file string) sarifArtifact {
	if filepath.IsAbs(file) {
		path := strings.ReplaceAll(file, `\`, "/")
		if !strings.HasPrefix(path, "/") {
			path = "/" + path
		}
		return sarifArtifact{URI: (&url.URL{Scheme: "file", Path: clean(path)}).String()}
	}
	path := filepath.ToSlash(filepath.Clean(clean(strings.ReplaceAll(file, `\`, "/"))))
	uri := (&url.URL{Path: path}).EscapedPath()
	if first, _, _ := strings.Cut(uri, "/"); strings.Contains(first, ":") {
		uri = "./" + uri // a colon there would make a scheme of it
	}
	if strings.HasPrefix(uri, "../") || uri == ".." {
		return sarifArtifact{URI: uri}
	}
	return sarifArtifact{URI: uri, URIBaseID: "%SRCROOT%"}
}
