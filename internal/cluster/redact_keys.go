package cluster

import "regexp"

var (
	keyBegins = regexp.MustCompile(`-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----`)
	keyEnds   = regexp.MustCompile(`-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----`)
	// keyBody is a line inside a private key, perhaps behind what a logger puts in front of each line.
	keyBody = regexp.MustCompile(`^[\s"'>|+\\n]*[A-Za-z0-9+/=]*[\s"'\\nr]*$|(?:^|\s)[A-Za-z0-9+/=]{16,}\s*$|(?:Proc-Type|DEK-Info):`)
)

// keyLines is how long a private key may be.
const keyLines = 200

// redactKeys leaves private keys out, which span lines. A key whose start or end lies outside of what was read is
// found by what its lines look like.
func redactKeys(lines []string) ([]string, int) {
	var out []string
	redacted := 0
	for i := 0; i < len(lines); i++ {
		line, inside := redactKeyInLine(lines[i])
		redacted += inside
		if ends := keyEnds.FindStringIndex(line); ends != nil {
			// Its start is further up than what was read.
			kept := len(out)
			for kept > 0 && kept > len(out)-keyLines && keyBody.MatchString(out[kept-1]) {
				kept--
			}
			out = append(out[:kept], mark+line[ends[1]:])
			redacted++
			continue
		}
		begins := keyBegins.FindStringIndex(line)
		if begins == nil {
			out = append(out, line)
			continue
		}
		redacted++
		last, tail := endOfKey(lines, i)
		out = append(out, line[:begins[0]]+mark+tail)
		i = last
	}
	return out, redacted
}

// redactKeyInLine takes out keys that are in one line, as in JSON.
func redactKeyInLine(line string) (string, int) {
	redacted := 0
	from := 0
	for {
		begins := keyBegins.FindStringIndex(line[from:])
		if begins == nil {
			return line, redacted
		}
		start := from + begins[0]
		ends := keyEnds.FindStringIndex(line[start:])
		if ends == nil {
			return line, redacted
		}
		line = line[:start] + mark + line[start+ends[1]:]
		from, redacted = start+len(mark), redacted+1
	}
}

// endOfKey finds the last line of the key that begins in a line, and what stands behind the key there.
func endOfKey(lines []string, begin int) (last int, tail string) {
	for i := begin + 1; i < min(len(lines), begin+keyLines); i++ {
		if keyBegins.MatchString(lines[i]) {
			break
		}
		if ends := keyEnds.FindStringIndex(lines[i]); ends != nil {
			return i, lines[i][ends[1]:]
		}
	}
	last = begin
	for last+1 < len(lines) && keyBody.MatchString(lines[last+1]) {
		last++
	}
	return last, ""
}
