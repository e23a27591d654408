package cluster

import (
	"regexp"
	"strings"
	"unicode"
)

// mark stands where a secret was.
const mark = "[redacted]"

// Redact takes what looks like a secret out of text: values whose key is called password, token and the like, HTTP
// credentials, URLs with a password, JSON web tokens, keys of well-known services, private keys. It would rather take
// out too much; prose such as "token expired" stays. What a secret looks like is a guess: nothing is promised for
// one that has no name and no known form.
func Redact(text string) string {
	lines, _ := redactLines(strings.Split(text, "\n"))
	return strings.Join(lines, "\n")
}

// redactLines also tells how many secrets there were. Lines inside a private key are left out.
func redactLines(lines []string) ([]string, int) {
	lines, redacted := redactKeys(lines)
	for i, line := range lines {
		r := redactor{text: line}
		r.run()
		lines[i], redacted = r.text, redacted+r.count
	}
	return lines, redacted
}

// redactor takes the secrets out of one line.
type redactor struct {
	text  string
	count int
}

func (r *redactor) run() {
	// Most lines can hold no secret.
	if !mayHold.MatchString(r.text) {
		return
	}
	r.replace(headers, 2)
	r.urls()
	r.replace(userTokens, 2)
	r.replaceIf(schemes, 2, looksRandom)
	r.replace(forms, 0)
	r.replace(queries, 2)
	r.replaceIf(flags, 2, func(value string) bool { return !firstWords(value) })
	r.replace(quotedWords, 2)
	r.keyValues()
}

// What finds a secret by what is around it has the secret in its second group.
var (
	mayHold = regexp.MustCompile(`(?i)` + secretWord + `|auth|cookie|bearer|basic|://|eyJ|identified|AKIA|ASIA|AIza|gh[pousr]_|github_|glpat|xox|sk[-_]|npm_|hvs\.|pypi-|SG\.|dckr_|curl`)

	// headers: a known scheme stays, since it says what kind of secret there was.
	headers = regexp.MustCompile(`(?i)(\b(?:proxy-)?authorization\\*["']?\s*[:=]\s*\\*["']?(?:(?:bearer|basic|token|negotiate|digest|apikey)\s+)?|\b(?:set-)?cookie\\*["']?\s*:\s*\\*["']?)([^\s"'\\][^"'\\]*)`)
	schemes = regexp.MustCompile(`(?i)(\b(?:bearer|basic)\s+)([a-z0-9._~+/=-]{12,})`)
	address = regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://[^\s:/?#@"']*):([^\s"'<>]+)@`)
	port    = regexp.MustCompile(`^[0-9]{1,5}[/?#,]`)
	// forms are secrets that are known by themselves.
	forms = regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){1,4}` + // JSON web tokens
		`|\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}` + // AWS
		`|\bAIza[A-Za-z0-9_-]{30,}` + // Google
		`|\b(?:gh[pousr]|github_pat)_[A-Za-z0-9_]{16,}|\bglpat-[A-Za-z0-9_-]{16,}` +
		`|\bxox[a-z]-[A-Za-z0-9-]{8,}` + // Slack
		`|\b(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{8,}|\bsk-[A-Za-z0-9_-]{20,}` + // Stripe, OpenAI
		`|\bnpm_[A-Za-z0-9]{20,}|\bhvs\.[A-Za-z0-9_-]{16,}|\bpypi-[A-Za-z0-9_-]{16,}|\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|\bdckr_pat_[A-Za-z0-9_-]{16,}`)
	// userTokens are users of URLs that are tokens.
	userTokens = regexp.MustCompile(`(://)([A-Za-z0-9_-]{20,})@`)
	queries    = regexp.MustCompile(`(?i)([?&][^=&\s"']*(?:` + secretWord + `|sig(?:nature)?)[^=&\s"']*=)([^&\s"'<>]+)`)
	flags      = regexp.MustCompile(`(?i)((?:^|[\s"'])--[a-z0-9-]*(?:` + secretWord + `)[a-z0-9-]*["',]*\s+["']?|\bcurl\b.*\s(?:-u|--user)[ =]["']?[^\s:"']+:)([^\s"'-][^\s"']*)`)
	// quotedWords: SQL, and prose that quotes.
	quotedWords = regexp.MustCompile(`(?i)(\b(?:identified by|password(?:\s+is)?)\s+['"` + "`" + `])([^'"` + "`" + `]+)`)
)

// replace puts the mark in place of a group of each match.
func (r *redactor) replace(pattern *regexp.Regexp, group int) {
	r.replaceIf(pattern, group, func(string) bool { return true })
}

func (r *redactor) replaceIf(pattern *regexp.Regexp, group int, isSecret func(value string) bool) {
	var out strings.Builder
	done := 0
	for _, at := range pattern.FindAllStringSubmatchIndex(r.text, -1) {
		start, end := at[2*group], at[2*group+1]
		if value := r.text[start:end]; strings.HasPrefix(value, mark) || !isSecret(value) {
			continue
		}
		out.WriteString(r.text[done:start] + mark)
		done, r.count = end, r.count+1
	}
	if done > 0 {
		r.text = out.String() + r.text[done:]
	}
}

// manyURLs is how many URLs of a line are looked at. What comes after them is taken out.
const manyURLs = 100

// urls takes the passwords out of URLs. A password may hold any character, so it goes on to the last @.
func (r *redactor) urls() {
	var out strings.Builder
	rest := r.text
	for n := 0; ; n++ {
		at := address.FindStringSubmatchIndex(rest)
		if at == nil {
			break
		}
		out.WriteString(rest[:at[4]])
		if n < manyURLs && port.MatchString(rest[at[4]:at[5]]) {
			rest = rest[at[4]:]
			continue
		}
		out.WriteString(mark)
		r.count++
		if rest = rest[at[5]:]; n >= manyURLs {
			rest = ""
		}
	}
	r.text = out.String() + rest
}

// looksRandom tells a token from a word of a sentence, as in "basic authentication".
func looksRandom(value string) bool {
	return strings.ContainsFunc(value, func(c rune) bool { return unicode.IsDigit(c) || unicode.IsUpper(c) || c == '=' })
}

// firstWords tells the words with which a sentence about a flag goes on.
func firstWords(value string) bool {
	return containsWord("is was are were must should flag flags option argument parameter or and not has have to for can cannot may requires needs "+
		"provided given missing set unset in with without instead value from", strings.TrimRight(value, ".,;:"))
}
