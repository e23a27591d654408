package render

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// hidden tells the characters that a terminal obeys or does not show: C0, DEL and C1 controls, format
// characters (bidi overrides and isolates, zero-width ones, tags), line and paragraph separators.
func hidden(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// clean makes a string from a chart or a cluster safe and fit for one line: whole escape sequences
// and hidden characters go, line breaks and tabs become spaces, bytes that are no UTF-8 become U+FFFD.
func clean(s string) string {
	if isPlain(s) {
		return s
	}
	var out strings.Builder
	blank := false
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if n := escapeLength(s[i:]); n > 0 {
			i += n
			continue
		}
		i += size
		switch {
		case r == '\n' || r == '\t' || r == '\u2028' || r == '\u2029' || r == '\u0085':
			// Helm's lists of errors break and indent lines; one blank is enough for that.
			if !blank {
				out.WriteByte(' ')
			}
			blank = true
			continue
		case !hidden(r):
			out.WriteRune(r)
		}
		blank = r == ' '
	}
	return out.String()
}

// isPlain says that a string is printable ASCII throughout, as nearly all are.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// escapeLength is how many bytes the escape sequence at the start of s has, 0 where there is none.
// Grammar: ECMA-48 sections 5.3 to 5.6. An introducer without a proper end counts alone, so that an
// unfinished sequence cannot swallow the text behind it.
func escapeLength(s string) int {
	r, size := utf8.DecodeRuneInString(s)
	rest := s[size:]
	introducer := byte(0)
	switch {
	case r == 0x1b && rest != "" && rest[0] < utf8.RuneSelf:
		introducer, size, rest = rest[0], size+1, rest[1:]
	case r == 0x1b:
		return size
	case r >= 0x80 && r < 0xa0 && size == 2:
		introducer = byte(r - 0x40)
	default:
		return 0
	}
	switch introducer {
	case '[':
		return size + sequence(rest, 0x40)
	case ']', 'P', 'X', '^', '_':
		return size + controlString(rest)
	}
	if r != 0x1b {
		return 0
	}
	if introducer >= 0x20 && introducer < 0x30 {
		return size + sequence(rest, 0x30)
	}
	if introducer < 0x20 || introducer == 0x7f {
		return 1
	}
	return size
}

// sequence measures the bytes up to and with the final one, which is the first that is not below final.
func sequence(s string, final byte) int {
	i := 0
	for i < len(s) && s[i] >= 0x20 && s[i] < final {
		i++
	}
	if i < len(s) && s[i] >= final && s[i] < 0x7f {
		return i + 1
	}
	return 0
}

// controlString measures a control string (a title, a hyperlink) with its terminator.
func controlString(s string) int {
	for i, r := range s {
		switch {
		case r == 0x07:
			return i + 1
		case r == 0x9c:
			return i + utf8.RuneLen(r)
		case r == 0x1b && strings.HasPrefix(s[i+1:], `\`):
			return i + 2
		case r == '\n':
			return 0
		}
	}
	return 0
}

// tie is the blank at which no line is broken; it is written as an ordinary blank.
const tie = '\u00a0'

// asciiFor are the stand-ins for the characters that this package and the plan's own messages use.
// A terminal without UTF-8 would take other bytes above 0x7f for something else, even for controls.
var asciiFor = strings.NewReplacer(
	"├─ ", "|- ", "└─ ", "`- ", "│", "|",
	"·", "-", "→", "->", "×", "x", "…", "...", "✗", "x", "▲", "!", "•", "*", "—", "-", "–", "-",
	"“", `"`, "”", `"`, "‘", "'", "’", "'", "≥", ">=", "≤", "<=", "≠", "!=",
)

// ascii writes a clean string with ASCII characters only; what has no stand-in becomes a question mark.
func ascii(s string) string {
	if isPlain(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r > '~' && r != tie {
			return '?'
		}
		return r
	}, asciiFor.Replace(s))
}
