package source

import (
	"regexp"
	"slices"
	"strings"
	"text/template/parse"

	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
)

// The scans err on one side only. They read all text that Helm could run, and where a word merely looks
// like a use of .Release or of a random function, one more render is the whole price. What takes .Release along with
// all other values is looked for in the parse trees (topflow.go).

var (
	revisionField = regexp.MustCompile(`\bRevision\b`)
	upgradeField  = regexp.MustCompile(`\b(IsInstall|IsUpgrade)\b`)
	// volatileUse names the functions of sprig and Helm whose result changes from call to call: random
	// ones, time, salts and keys, and those that walk a map in Go's order.
	volatileUse = regexp.MustCompile(`\b(rand\w+|uuidv4|shuffle|now|date|dateInZone|date_in_zone|htmlDate|htmlDateInZone|ago|` +
		`genPrivateKey|genCA\w*|genSelfSigned\w*|genSigned\w*|htpasswd|bcrypt|encryptAES|keys|values|getHostByName)\b`)
)

// volatileWords are parts of all names that volatileUse matches. Looking for them is many times as fast.
var volatileWords = [...]string{
	"rand", "uuidv4", "shuffle", "now", "date", "htmlDate", "ago", "genPrivateKey", "genCA", "genSelfSigned", "genSigned", "htpasswd", "bcrypt",
	"encryptAES", "keys", "values", "getHostByName",
}

func holdsAny(text string, words ...string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(text, word) })
}

// mentionsVolatile tells whether a name of volatileUse stands anywhere in a text.
func mentionsVolatile(text string) bool {
	return holdsAny(text, volatileWords[:]...) && volatileUse.MatchString(text)
}

// dependence is what a chart's templates can tell apart.
type dependence int

// A chart that tells installs from upgrades gives the same for each upgrade.
const (
	onNothing dependence = iota
	onUpgrade
	onRevision
)

func dependenceOf(texts []sdk.Text) dependence {
	found := onNothing
	for _, text := range texts {
		found = max(found, wordsOf(text.Body))
	}
	if found != onRevision && topLeaks(texts) {
		return onRevision
	}
	return found
}

// wordsOf tells what a text uses of .Release by name.
func wordsOf(text string) dependence {
	found := takesRelease(text)
	switch {
	case holdsAny(text, `"Release"`, "`Release`"), strings.Contains(text, "Revision") && revisionField.MatchString(text):
		return onRevision
	case holdsAny(text, "IsInstall", "IsUpgrade") && upgradeField.MatchString(text):
		found = max(found, onUpgrade)
	}
	return found
}

// takesRelease tells what a text uses of .Release: a field that changes, or .Release as a whole.
func takesRelease(text string) dependence {
	const release = ".Release"
	found := onNothing
	for {
		at := strings.Index(text, release)
		if at < 0 {
			return found
		}
		text = text[at+len(release):]
		if word(text) > 0 {
			continue // .Releases
		}
		field := ""
		if strings.HasPrefix(text, ".") {
			field = text[1 : 1+word(text[1:])]
		}
		switch field {
		case "Name", "Namespace", "Service":
		case "IsInstall", "IsUpgrade":
			found = onUpgrade
		default:
			return onRevision
		}
	}
}

// word is how many letters, digits and underscores a text begins with.
func word(text string) int {
	for i := range len(text) {
		switch c := text[i]; {
		case c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c == '_':
		default:
			return i
		}
	}
	return len(text)
}

// mayBeVolatile tells whether two renders of the same input could differ.
func mayBeVolatile(texts []sdk.Text) bool {
	for _, text := range texts {
		if callsVolatile(text.Body) {
			return true
		}
	}
	return false
}

func callsVolatile(text string) bool { return mentionsVolatile(text) && calls(text, volatileUse) }

// calls looks for calls in the parsed text, since words such as date and values also stand in comments and
// keys. A string that is a template itself (tpl) is looked into.
func calls(text string, functions *regexp.Regexp) bool {
	if !sdk.HasAction(text) || !functions.MatchString(text) {
		return false
	}
	trees, err := parseTemplate("text", text)
	if err != nil {
		return true
	}
	found := false
	for _, tree := range trees {
		walkNodes(tree.Root, func(node parse.Node) {
			switch n := node.(type) {
			case *parse.IdentifierNode:
				found = found || functions.MatchString(n.Ident)
			case *parse.StringNode:
				found = found || calls(n.Text, functions)
			}
		})
	}
	return found
}

// chanceUse names the functions whose result is another one in each render.
var chanceUse = regexp.MustCompile(`^(rand\w+|uuidv4|shuffle|now|ago)$`)

// decidedByChance lists the templates in which chance or the clock stands in a condition, so that what
// they render at all is another thing each time.
func decidedByChance(texts []sdk.Text) []string {
	var found []string
	for _, text := range texts {
		if !sdk.HasAction(text.Body) || !mentionsVolatile(text.Body) {
			continue
		}
		trees, err := parseTemplate("text", text.Body)
		if err != nil {
			continue
		}
		chance := false
		for _, tree := range trees {
			walkNodes(tree.Root, func(node parse.Node) { chance = chance || conditionByChance(node) })
		}
		if chance {
			found = append(found, text.Path)
		}
	}
	slices.Sort(found)
	return found
}

func conditionByChance(node parse.Node) bool {
	var pipe *parse.PipeNode
	switch n := node.(type) {
	case *parse.IfNode:
		pipe = n.Pipe
	case *parse.WithNode:
		pipe = n.Pipe
	case *parse.RangeNode:
		pipe = n.Pipe
	}
	if pipe == nil {
		return false
	}
	found := false
	walkNodes(pipe, func(inner parse.Node) {
		if identifier, ok := inner.(*parse.IdentifierNode); ok {
			found = found || chanceUse.MatchString(identifier.Ident)
		}
	})
	return found
}

// clockShift moves the second of two renders in time, so that what depends on the time differs for
// certain although both run within one second: 405 days, 5 hours, 7 minutes, 11 seconds. The year, the
// day of the month, the hour, the minute and the second all change.
const clockShift = `(date_modify "9725h7m11s" now)`

// shiftClock puts clockShift in for each `now` of a template text.
func shiftClock(text string) string {
	if !strings.Contains(text, "now") {
		return text
	}
	trees, err := parseTemplate("text", text)
	if err != nil {
		return text
	}
	at := map[int]bool{}
	for _, tree := range trees {
		walkNodes(tree.Root, func(node parse.Node) {
			if identifier, ok := node.(*parse.IdentifierNode); ok && identifier.Ident == "now" {
				at[int(identifier.Pos)] = true
			}
		})
	}
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if at[i] && strings.HasPrefix(text[i:], "now") {
			out.WriteString(clockShift)
			i += len("now") - 1
			continue
		}
		out.WriteByte(text[i])
	}
	return out.String()
}
