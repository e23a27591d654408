package render

import (
	"io"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// MatrixMarkdown writes a table an action, a row a failure, and the ways out below.
func MatrixMarkdown(w io.Writer, h Header, m plan.Matrix, o Options) error {
	s := newMatrixStory(h, m, o)
	out := &planMarkdown{tree: s.words}
	out.title(s)
	for _, f := range m.Failing {
		out.block("**" + markdown(out.loose(failingWords(f))) + "**")
	}
	out.block("**" + markdown(matrixVerdict(m)) + "**")
	legend := &wayLegend{helm: h.Helm, numbers: map[string]int{}}
	for _, action := range matrixActions(m) {
		out.matrix(m, action, legend)
	}
	if len(legend.ways) > 0 {
		out.block("### Ways out")
		out.block(markdown(out.loose(h.Helm.reminder())))
	}
	for i, way := range legend.ways {
		out.block("**" + letter(i) + "** " + markdown(out.loose(way.Goal)))
		for _, warning := range wayWarnings(way, m.Release.Namespace) {
			out.block(markdown("▲ " + out.loose(warning)))
		}
		if commands := legend.commands(way); len(commands) > 0 {
			out.fenced("sh", strings.Join(each(commands, out.loose), "\n"))
		}
	}
	out.unknown(s.unknown)
	_, err := io.WriteString(w, out.out.String())
	return err
}

func (m *planMarkdown) matrix(all plan.Matrix, action plan.Action, legend *wayLegend) {
	var rows [][]string
	from := ""
	for _, row := range all.Rows {
		if row.Action == action {
			from = row.StartsFrom
			rows = append(rows, m.cells(matrixCells(row, all.Release.Namespace, true), legend.refer(row.Recovery)))
		}
	}
	m.block("### " + strings.ToUpper(string(action)) + " from " + markdown(m.loose(from)))
	m.row(each(matrixTitles(), strings.ToLower)...)
	m.row(strings.Split(strings.Repeat("--- ", len(matrixTitles())-1)+"---", " ")...)
	for _, row := range rows {
		m.row(each(row, markdown)...)
	}
	m.out.WriteString("\n")
}

// ReleasesMarkdown writes a row a release.
func ReleasesMarkdown(w io.Writer, r Releases, _ Style) error {
	style := documentStyle()
	out := &planMarkdown{}
	out.block("## " + markdown(style.loose(releasesTitle(r))))
	if len(r.Items) > 0 {
		head := each(releaseTitles(r, true), strings.ToLower)
		out.row(head...)
		out.row(each(head, func(string) string { return "---" })...)
		for _, one := range r.Items {
			out.row(each(releaseCells(r, one, true), func(cell string) string { return markdown(style.loose(cell)) })...)
		}
		out.out.WriteString("\n")
	}
	_, err := io.WriteString(w, out.out.String())
	return err
}
