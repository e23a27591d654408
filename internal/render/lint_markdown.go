package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/helm-hooks/helm-hooks/internal/lint"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// LintMarkdown writes a report as a comment for a pull request. All that comes from a chart is escaped, so
// that it makes no markup, links nowhere and mentions nobody.
func LintMarkdown(w io.Writer, r lint.Report, o LintOptions) error {
	m := &lintMarkdown{options: o}
	m.put("### helm-hooks lint")
	m.put("")
	m.put(markdown(lintSummary(r)))
	for _, p := range r.Errors {
		m.put("")
		m.put("**Not linted:** %s: %s", code(p.Ref), markdown(problemWords(p)))
	}
	for _, source := range r.Sources {
		m.source(source)
	}
	_, err := io.WriteString(w, m.out.String())
	return err
}

type lintMarkdown struct {
	options LintOptions
	out     strings.Builder
}

// put writes a line; the arguments are escaped already.
func (m *lintMarkdown) put(format string, arguments ...any) {
	if len(arguments) == 0 {
		m.out.WriteString(format + "\n")
		return
	}
	fmt.Fprintf(&m.out, format+"\n", arguments...)
}

func (m *lintMarkdown) source(s lint.Source) {
	var shown, notes, suppressed []lint.Finding
	for _, f := range lint.WorstFirst(s.Findings) {
		switch {
		case f.Suppressed != nil:
			suppressed = append(suppressed, f)
		case f.Severity == plan.SeverityInfo:
			notes = append(notes, f)
		default:
			shown = append(shown, f)
		}
	}
	m.put("")
	m.put("#### %s", markdown(lintTitle(s)+" · "+s.Engine.String()+" rules"))
	if len(shown)+len(notes) == 0 {
		m.put("")
		m.put("Nothing found.")
	}
	m.table(shown)
	if len(notes) > 0 {
		// Notes are many and fail nothing by themselves: they are folded, as GitHub and GitLab do.
		m.put("")
		m.put("<details><summary>%s</summary>", count(len(notes), "note"))
		m.table(notes)
		m.put("")
		m.put("</details>")
	}
	for _, remark := range s.Remarks {
		m.put("")
		m.put("note: %s: %s", code(place(remark.File, "", 0, remark.Line)), markdown(remark.Message))
	}
	for _, unknown := range s.Unknown {
		m.put("")
		m.put("unknown: %s", markdown(unknown.What+": "+unknown.Why))
	}
	if m.options.ShowSuppressed {
		m.suppressed(suppressed)
	}
}

func (m *lintMarkdown) table(findings []lint.Finding) {
	if len(findings) == 0 {
		return
	}
	m.put("")
	m.put("| | rule | where | what |")
	m.put("|---|---|---|---|")
	for _, f := range findings {
		m.put("| %s | [%s](%s%s.md) | %s | %s |", severityWord(f.Severity), markdown(f.Rule), rulesURL, ruleFile(f.Rule), code(lintPlace(f)), m.what(f))
	}
}

func (m *lintMarkdown) suppressed(findings []lint.Finding) {
	if len(findings) == 0 {
		return
	}
	m.put("")
	m.put("| suppressed | object | where | reason |")
	m.put("|---|---|---|---|")
	for _, f := range findings {
		m.put("| %s | %s | %s | %s |", markdown(f.Rule), code(about(f.Finding)), code(lintPlace(f)), markdown(suppressionWords(*f.Suppressed)))
	}
}

func (m *lintMarkdown) what(f lint.Finding) string {
	text := markdown(said(f.Finding))
	for _, more := range []string{setsWords(f), f.Note} {
		if more != "" {
			text += "<br>" + markdown(more)
		}
	}
	if f.Fix != "" {
		text += "<br>**fix:** " + markdown(f.Fix)
	}
	return text
}

// ruleFile keeps what is no rule's ID out of a link.
func ruleFile(id string) string {
	if _, known := plan.LookupRule(id); known {
		return id
	}
	return "unknown"
}

// markdown escapes what means something to Markdown, with a backslash as CommonMark allows for all ASCII
// punctuation; dashes and dots do so only where a list could begin. An @ and a # also get a character of no width behind them, written as an
// entity, since GitHub looks for mentions and issues in the text that comes out; so do the addresses that it
// makes links of.
func markdown(text string) string {
	var out strings.Builder
	safe := clean(text)
	for i, r := range safe {
		switch {
		case r == '<':
			out.WriteString("&lt;")
		case r == '>':
			out.WriteString("&gt;")
		case r == '&':
			out.WriteString("&amp;")
		case r == '@' || r == '#':
			out.WriteString(`\` + string(r) + "&#8203;")
		case r == ':' && strings.HasPrefix(safe[i:], "://"), r == '.' && strings.HasSuffix(strings.ToLower(safe[:i]), "www"):
			out.WriteString(`\` + string(r) + "&#8203;")
		case r == '-' && strings.HasSuffix(strings.ToLower(safe[:i]), "gh"):
			out.WriteString(`\-&#8203;`)
		case strings.ContainsRune("\\`*_{}[]()+!|~$=", r), (r == '-' || r == '.') && strings.Trim(safe[:i], "0123456789 ") == "":
			out.WriteString(`\` + string(r))
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// code is text in a fixed font, in which nothing is markup either.
func code(text string) string {
	if text == "" {
		return ""
	}
	return "<code>" + markdown(text) + "</code>"
}
