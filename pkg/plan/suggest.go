package plan

import (
	"slices"
	"strings"
	"unicode"
)

// everyEvent are Helm's nine events in the order in which people learn them.
var everyEvent = [...]Event{PreInstall, PostInstall, PreUpgrade, PostUpgrade, PreRollback, PostRollback, PreDelete, PostDelete, TestEvent}

// eventSuggestion is what the author of a value of helm.sh/hook probably meant.
type eventSuggestion struct {
	// Value is the exact annotation value to write; empty where no guess is sound.
	Value string
	// Alternatives are two values between which only the author can choose: "install" alone may be
	// pre-install or post-install.
	Alternatives []string
	// DidYouMean is what the unknown part was meant to be, or all of Value where several parts are wrong.
	DidYouMean string
	// Why says what about the writing keeps Helm from reading it, where that is not the word itself.
	Why string
	// Note is advice where there is nothing to write instead.
	Note string
	// CRDInstall says that the value names Helm 2's crd-install.
	CRDInstall bool
}

// eventGuess is what one part of the value may mean: all of events, or where either is set one of them.
type eventGuess struct {
	events []Event
	either bool
}

// suggestEvents guesses what helm.sh/hook was meant to say. It never gives a value that Helm would drop.
func suggestEvents(value string) eventSuggestion {
	s := eventSuggestion{Why: whyUnread(value), Note: eventNote(value)}
	var first, second, meant []Event
	wrong, resolved, either := 0, true, false
	for _, part := range strings.Split(value, ",") {
		if event, known := eventOf(strings.ToLower(strings.TrimSpace(part))); known {
			first, second = append(first, event), append(second, event)
			continue
		}
		wrong++
		if blankPart(part) {
			continue
		}
		s.CRDInstall = s.CRDInstall || plainWord(part) == "crdinstall"
		guess, sound := guessPart(part)
		switch {
		case !sound:
			resolved = false
		case guess.either:
			either = true
			first, second = append(first, guess.events[0]), append(second, guess.events[1])
		default:
			meant = guess.events
			first, second = append(first, guess.events...), append(second, guess.events...)
		}
	}
	if !resolved || len(first) == 0 || s.CRDInstall {
		return s
	}
	if either {
		s.Alternatives = []string{joinEvents(first), joinEvents(second)}
		return s
	}
	s.Value = joinEvents(first)
	s.DidYouMean = s.Value
	if wrong == 1 && len(meant) > 0 {
		s.DidYouMean = joinEvents(meant)
	}
	return s
}

// joinEvents writes a list as an annotation value, each event once.
func joinEvents(events []Event) string {
	var words []string
	for _, event := range events {
		if !slices.Contains(words, string(event)) {
			words = append(words, string(event))
		}
	}
	return strings.Join(words, ",")
}

// blankPart says that nothing stands between two commas, or only brackets and quotes.
func blankPart(part string) bool { return strings.Trim(part, "[]{}()\"'` \t\r\n") == "" }

// eventSeparator tells the characters that people write between events instead of a comma.
func eventSeparator(r rune) bool { return strings.ContainsRune(";|/&+", r) || unicode.IsSpace(r) }

// whyList is whyUnread's answer for lists in brackets or with dashes.
const whyList = "Helm reads a text here, not a list"

// whyUnread names the writing that Helm does not understand.
func whyUnread(value string) string {
	trimmed := strings.TrimSpace(value)
	switch {
	case strings.ContainsAny(trimmed, "[]{}"), strings.HasPrefix(trimmed, "- "):
		return whyList
	case strings.ContainsAny(trimmed, "\"'`"):
		return "the quotes are part of the value"
	}
	for _, part := range strings.Split(value, ",") {
		words := eventTokens(part)
		if len(words) > 1 && !slices.ContainsFunc(words, func(word string) bool { return len(plainWord(word)) < 4 }) {
			return "Helm separates events by commas only"
		}
	}
	return ""
}

// eventNote is advice for words of Argo CD's that have no counterpart in Helm.
func eventNote(value string) string {
	switch plainWord(value) {
	case "sync":
		return "Argo CD's Sync is where Helm installs ordinary resources, which need no helm.sh/hook"
	case "syncfail":
		return "Argo CD's SyncFail has no counterpart in Helm"
	case "testfailure", "testfail", "testfailed":
		return "Helm 2's test-failure is gone: let the test succeed when what it tries fails as it should"
	}
	return ""
}

// plainWord strips everything but letters and digits, in lower case: "Pre_Install" is "preinstall".
func plainWord(text string) string {
	return strings.Map(func(r rune) rune {
		if r = unicode.ToLower(r); r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return r
		}
		return -1
	}, text)
}

// eventTokens cuts a part at what people write instead of commas.
func eventTokens(part string) []string {
	return slices.DeleteFunc(strings.FieldsFunc(part, eventSeparator), func(word string) bool {
		plain := plainWord(word)
		return plain == "" || plain == "and"
	})
}

// guessPart guesses what stands between two commas.
func guessPart(part string) (guess eventGuess, sound bool) {
	if guess, sound = knownMistake(plainWord(part)); sound {
		return guess, true
	}
	tokens := eventTokens(part)
	if len(tokens) == 1 {
		if guess, sound = knownMistake(plainWord(tokens[0])); sound {
			return guess, true
		}
		event, near := nearestEvent(plainWord(tokens[0]))
		return eventGuess{events: []Event{event}}, near
	}
	for i := 0; i < len(tokens); i++ {
		word := plainWord(tokens[i])
		if i+1 < len(tokens) {
			// "pre install post install": two words that make one event.
			if two, known := knownMistake(word + plainWord(tokens[i+1])); known && !two.either {
				guess.events = append(guess.events, two.events...)
				i++
				continue
			}
		}
		one, known := knownMistake(word)
		if event, near := nearestEvent(word); !known && near {
			one, known = eventGuess{events: []Event{event}}, true
		}
		if !known || one.either {
			return eventGuess{}, false
		}
		guess.events = append(guess.events, one.events...)
	}
	return guess, len(guess.events) > 0
}

// eventVerbs are the words that people use for what Helm calls install, upgrade, rollback and delete.
// A deployment (Argo CD: a sync) is an install or an upgrade.
var eventVerbs = map[string][]string{
	"install": {"install"}, "installed": {"install"}, "installs": {"install"}, "installation": {"install"}, "installing": {"install"},
	"upgrade": {"upgrade"}, "upgraded": {"upgrade"}, "upgrades": {"upgrade"}, "upgrading": {"upgrade"},
	"update": {"upgrade"}, "updated": {"upgrade"}, "updates": {"upgrade"}, "updating": {"upgrade"},
	"rollback": {"rollback"}, "rollbacks": {"rollback"}, "revert": {"rollback"},
	"delete": {"delete"}, "deleted": {"delete"}, "deletes": {"delete"}, "deletion": {"delete"}, "deleting": {"delete"},
	"uninstall": {"delete"}, "uninstalled": {"delete"}, "uninstalls": {"delete"}, "uninstallation": {"delete"},
	"deinstall": {"delete"}, "remove": {"delete"}, "removal": {"delete"}, "destroy": {"delete"},
	"deploy": {"install", "upgrade"}, "deployment": {"install", "upgrade"}, "sync": {"install", "upgrade"},
}

// knownMistake looks a plain word up among the usual mistakes.
func knownMistake(word string) (eventGuess, bool) {
	switch word {
	case "test", "tests", "testing", "testsuccess", "testfailure", "testfail", "testfailed", "testhook", "helmtest":
		return eventGuess{events: []Event{TestEvent}}, true
	}
	for _, when := range [...]struct{ word, prefix string }{{"pre", "pre-"}, {"before", "pre-"}, {"post", "post-"}, {"after", "post-"}} {
		verb, found := strings.CutPrefix(word, when.word)
		if verbs := eventVerbs[verb]; found && len(verbs) > 0 {
			var events []Event
			for _, v := range verbs {
				events = append(events, Event(when.prefix+v))
			}
			return eventGuess{events: events}, true
		}
	}
	if verbs := eventVerbs[word]; len(verbs) == 1 {
		return eventGuess{events: []Event{Event("pre-" + verbs[0]), Event("post-" + verbs[0])}, either: true}, true
	}
	return eventGuess{}, false
}

// nearestEvent is the one event within two typing errors, if there is exactly one.
func nearestEvent(word string) (Event, bool) {
	switch word {
	case "crdinstall", "reinstall":
		return "", false // near pre-install, and something else
	}
	// The words that people use beside Helm's own: a mistyped uninstall must not come out as install.
	means := map[string]Event{
		"test-success": TestEvent, "pre-uninstall": PreDelete, "post-uninstall": PostDelete,
		"pre-deinstall": PreDelete, "post-deinstall": PostDelete, "pre-remove": PreDelete, "post-remove": PostDelete,
		"pre-update": PreUpgrade, "post-update": PostUpgrade, "pre-reinstall": "", "post-reinstall": "",
	}
	for _, event := range everyEvent {
		means[string(event)] = event
	}
	names := make([]string, 0, len(means))
	for name := range means {
		names = append(names, name)
	}
	slices.Sort(names)
	name, near := nearest(word, names)
	return means[name], near && means[name] != ""
}

// nearest finds the one candidate that a plain word is a mistyped form of. What counts as near depends
// on the length: nothing is guessed from a few letters, and between equally near candidates nothing is.
func nearest(word string, candidates []string) (string, bool) {
	best, bestDistance, tie := "", 0, false
	for _, candidate := range candidates {
		plain := plainWord(candidate)
		distance := typingErrors(word, plain)
		switch {
		case distance > allowedErrors(word, plain):
		case best == "" || distance < bestDistance:
			best, bestDistance, tie = candidate, distance, false
		case distance == bestDistance:
			tie = true
		}
	}
	if tie {
		return "", false
	}
	return best, best != ""
}

func allowedErrors(word, candidate string) int {
	switch {
	case len(candidate) > 12:
		return 3
	case len(candidate) > 6:
		return 2
	case len(word) == len(candidate) && !sameLetters(word, candidate):
		return 0 // a short word with another letter is another word: text, rest
	default:
		return 1
	}
}

func sameLetters(a, b string) bool {
	x, y := []byte(a), []byte(b)
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}

// longestGuess bounds the words that are compared; no event or policy is half as long.
const longestGuess = 64

// typingErrors counts insertions, deletions, replacements and swaps of neighbours (optimal string
// alignment): "weigth" is one error away from "weight".
func typingErrors(a, b string) int {
	if len(a) > longestGuess {
		return len(a)
	}
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}

// policyMistakes are the usual wrong words for delete and output log policies, as plain words.
var policyMistakes = map[string]DeletePolicy{
	"succeeded": HookSucceeded, "success": HookSucceeded, "hooksuccess": HookSucceeded, "hooksuccessful": HookSucceeded, "onsuccess": HookSucceeded,
	"failed": HookFailed, "failure": HookFailed, "hookfailure": HookFailed, "hookfail": HookFailed, "onfailure": HookFailed,
	"beforehook": BeforeHookCreation, "beforehookcreate": BeforeHookCreation, "beforecreation": BeforeHookCreation, "beforecreate": BeforeHookCreation,
}

// suggestPolicies guesses the exact value of a delete or output log policy; empty where no guess is sound.
func suggestPolicies(value string, valid []DeletePolicy) string {
	names := make([]string, 0, len(valid))
	for _, policy := range valid {
		names = append(names, string(policy))
	}
	var words []string
	for _, part := range strings.Split(value, ",") {
		tokens := eventTokens(part)
		if len(tokens) == 0 && !blankPart(part) {
			return ""
		}
		for _, token := range tokens {
			word := plainWord(token)
			name := string(policyMistakes[word])
			if name == "" {
				name, _ = nearest(word, names)
			}
			if !slices.Contains(names, name) {
				return ""
			}
			if !slices.Contains(words, name) {
				words = append(words, name)
			}
		}
	}
	return strings.Join(words, ",")
}
