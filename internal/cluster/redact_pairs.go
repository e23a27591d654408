package cluster

import (
	"regexp"
	"strings"
)

// secretWord is in the names of keys whose values are secret.
const secretWord = `passw(?:or)?d|passphrase|passwd|(?:\b|[_.-])pass(?:\b|[_.-])|pwd|secret|token|api[-_.]?key|credential|private[-_.]?key|` +
	`access[-_.]?key|account[-_.]?key|auth[-_.]?key|signing[-_.]?key|encryption[-_.]?key|master[-_.]?key|connection[-_.]?string|session[-_.]?id`

var (
	// pair is a key and what parts it from its value, with quotes that may be escaped and colours that a logger put
	// in. The groups are the key, its quote, and the separator.
	pair = regexp.MustCompile(`([A-Za-z0-9_.-]+)(\\*["'` + "`" + `])?(?:\x1b\[[0-9;]*m)*\s*(=>|:=|=|:)(?:\x1b\[[0-9;]*m|\s)*`)
	// secretKey tells a key by its name.
	secretKey = regexp.MustCompile(`(?i)` + secretWord)
	// plainKey are names that only speak of a secret, such as secretName, token_type and password-file.
	plainKey = regexp.MustCompile(`(?i)(?:names?|namespace|kind|file|path|dir|mount|type|count|len|length|limit|size|ref|selector|endpoint|provider|policy|` +
		`expiry|expires?|expires[-_]?(?:in|at)|expiration|ttl|age|duration|version|enabled|required|rotation|rotated|valid|status)$`)
	// plainValue are values that hold nothing.
	plainValue = regexp.MustCompile(`(?i)^(?:true|false|null|nil|none|<nil>|<none>|<unset>|<set>|\*+|x{3,}|empty|unset|undefined|yes|no)$`)
	// remark are words that say what became of a secret.
	remark = regexp.MustCompile(`(?i)^(?:expired|invalid|missing|required|unauthorized|forbidden|denied|EOF|unknown|failed|ok|created|deleted|updated|` +
		`configured|unchanged|changed|rotated|revoked|found|valid|wrong|incorrect|rejected|accepted)$`)
	// trouble is in a sentence that tells of an error.
	trouble = regexp.MustCompile(`(?i)\b(?:refused|denied|not|no|cannot|can't|could|couldn't|unable|failed|invalid|expired|missing|required|timeout|timed|` +
		`unknown|error|exceeded|unauthorized|forbidden|must|should|unexpected|EOF|reset|closed|malformed|already|exists?|dial|lookup)\b`)
	letters   = regexp.MustCompile(`^[A-Za-z]+[,.:;]?$`)
	digitsOne = regexp.MustCompile(`^[0-9]+$`)
)

// sentence is how far a sentence is read.
const sentence = 100

// keyValues takes out the values of keys whose name says that they are secret.
func (r *redactor) keyValues() {
	var out strings.Builder
	rest := r.text
	for {
		at := pair.FindStringSubmatchIndex(rest)
		if at == nil {
			break
		}
		key, quoted, separator := rest[at[2]:at[3]], at[4] >= 0, rest[at[6]:at[7]]
		out.WriteString(rest[:at[1]])
		rest = rest[at[1]:]
		if strings.HasPrefix(rest, mark) || !secret(key) && !(quoted && strings.EqualFold(key, "auth")) {
			continue
		}
		start, end := value(rest, quoted)
		if start == end || !isSecret(key, quoted, separator, rest, start, end) {
			continue
		}
		out.WriteString(rest[:start] + mark)
		rest, r.count = rest[end:], r.count+1
	}
	r.text = out.String() + rest
}

func secret(key string) bool {
	return secretKey.MatchString(key) && !plainKey.MatchString(key)
}

// isSecret judges a value that a secret's key has: rest[start:end].
func isSecret(key string, quoted bool, separator, rest string, start, end int) bool {
	text := rest[start:end]
	switch {
	case strings.HasPrefix(text, mark), plainValue.MatchString(text):
		return false
	case separator == ":" && !quoted && strings.EqualFold(strings.TrimLeft(key, "-"), "pass"):
		return false // a test has passed
	case separator == "=" && strings.HasPrefix(rest, "= "):
		return false // a comparison
	case digitsOne.MatchString(text) && strings.HasSuffix(strings.ToLower(key), "s"):
		return false // so many tokens
	case separator != ":" || quoted || start > 0 || strings.ContainsAny(key, "_-."):
		return true
	}
	// What is left may be prose: "failed to get token: connection refused".
	return !remark.MatchString(text) && !(letters.MatchString(text) && trouble.MatchString(rest[:min(len(rest), sentence)]))
}

// value finds a value at the start of text, without its quotes.
func value(text string, quotedKey bool) (start, end int) {
	slashes := len(text) - len(strings.TrimLeft(text, `\`))
	if slashes < len(text) && strings.IndexByte("\"'`", text[slashes]) >= 0 {
		return slashes + 1, closing(text, slashes)
	}
	switch {
	case text == "" || text[0] == '{':
		return 0, 0
	case text[0] == '[' && !strings.HasPrefix(text, mark):
		if length := strings.IndexByte(text, ']'); length > 0 {
			return 1, length
		}
		return 1, len(text)
	}
	stop := func(c rune) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
	if quotedKey {
		stop = func(c rune) bool { return strings.ContainsRune(" \t\r\n,}]", c) }
	}
	if end = strings.IndexFunc(text, stop); end < 0 {
		end = len(text)
	}
	// What closes the sentence or the brackets around it is not part of it.
	around := "\"'`,;:.)}]\\"
	if text[0] != '<' {
		around += ">"
	}
	return 0, len(strings.TrimRight(text[:end], around))
}

// closing finds the quote that ends the one after so many backslashes at the start of text, or the end.
func closing(text string, slashes int) int {
	quote := text[slashes]
	for i := slashes + 1; i < len(text); i++ {
		run := i
		for i < len(text) && text[i] == '\\' {
			i++
		}
		// Inside, a quote has more backslashes before it than the one that began.
		if i < len(text) && text[i] == quote && i-run <= slashes {
			return run
		}
	}
	return len(text)
}
