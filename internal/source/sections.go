package source

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// report is the text that Helm prints for a release: `helm get all`, `helm install --dry-run`, `helm
// upgrade --dry-run` (v3 cmd/helm/status.go, v4 pkg/cmd/status.go: statusPrinter.WriteTable).
type report struct {
	name, namespace      string
	chart, chartVersion  string
	appVersion           string
	revision             int
	hooks, manifest      string
	hooksLine, manifLine int
}

var ansi = regexp.MustCompile("\x1b\\[[0-9;]*m")

// readReport finds Helm's sections in a text. found is false where it is no report.
func readReport(label, text string) (made report, found bool, err error) {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSuffix(line, "\r")
	}
	start := reportStart(lines)
	if start < 0 {
		return report{}, false, nil
	}
	made.readHeader(lines[start:])
	// A value may be called HOOKS, but only the section is followed by a document or by MANIFEST:.
	hooks := find(lines, start, "HOOKS:", func(next string) bool { return strings.HasPrefix(next, "---") || next == "MANIFEST:" })
	if hooks < 0 {
		return made, true, &Error{
			fmt.Errorf("%s is the summary that helm status and helm install print: it holds no manifests", label),
			"pipe helm get all NAME, or helm install --dry-run",
		}
	}
	manifest := find(lines, hooks, "MANIFEST:", func(next string) bool { return next == "" || strings.HasPrefix(next, "---") })
	if manifest < 0 {
		return made, true, fmt.Errorf("%s: Helm's output is cut off: HOOKS: at line %d, but no MANIFEST: after it", label, hooks+1)
	}
	notes := find(lines, manifest, "NOTES:", func(string) bool { return true })
	if notes < 0 {
		notes = len(lines)
	}
	if at := secondReport(lines, manifest); at >= 0 {
		return made, true, &Error{
			fmt.Errorf("%s holds two releases, %s and %s (line %d)", label, made.name, value(lines[at]), at+1),
			"give one at a time",
		}
	}
	made.hooks, made.hooksLine = strings.Join(lines[hooks+1:manifest], "\n"), hooks+2
	made.manifest, made.manifLine = strings.Join(lines[manifest+1:notes], "\n"), manifest+2
	return made, true, nil
}

// reportStart is the line of NAME:, which LAST DEPLOYED: or NAMESPACE: follows. Lines before it are talk
// such as `Release "x" has been upgraded. Happy Helming!`; a document before it means that this is YAML.
func reportStart(lines []string) int {
	for i, line := range lines {
		if strings.HasPrefix(line, "NAME: ") && i+1 < len(lines) && hasAnyPrefix(lines[i+1], "LAST DEPLOYED: ", "NAMESPACE: ") {
			return i
		}
		if strings.HasPrefix(line, "---") {
			return -1
		}
	}
	return -1
}

// secondReport is the line where another release's text begins: its three first lines in a row, which
// notes hardly hold.
func secondReport(lines []string, after int) int {
	for i := after; i+2 < len(lines); i++ {
		if strings.HasPrefix(lines[i], "NAME: ") && strings.HasPrefix(lines[i+1], "LAST DEPLOYED: ") &&
			strings.HasPrefix(lines[i+2], "NAMESPACE: ") {
			return i
		}
	}
	return -1
}

func find(lines []string, after int, title string, follows func(next string) bool) int {
	for i := after; i < len(lines); i++ {
		if lines[i] != title {
			continue
		}
		next := ""
		if i+1 < len(lines) {
			next = lines[i+1]
		}
		if follows(next) {
			return i
		}
	}
	return -1
}

// readHeader reads the lines up to the first section.
func (r *report) readHeader(lines []string) {
	for _, line := range lines {
		if hasAnyPrefix(line, "DESCRIPTION:", "RESOURCES:", "TEST SUITE:", "USER-SUPPLIED VALUES:", "HOOKS:", "NOTES:") {
			return
		}
		title, _, _ := strings.Cut(line, ": ")
		switch title {
		case "NAME":
			r.name = value(line)
		case "NAMESPACE":
			r.namespace = value(line)
		case "CHART":
			r.chart = value(line)
		case "VERSION":
			r.chartVersion = value(line)
		case "APP_VERSION":
			r.appVersion = value(line)
		case "REVISION":
			r.revision, _ = strconv.Atoi(value(line))
		}
	}
}

// value is what stands behind the title. Helm 4 may colour it.
func value(line string) string {
	_, text, _ := strings.Cut(line, ": ")
	return strings.TrimSpace(ansi.ReplaceAllString(text, ""))
}
