package render

import (
	"io"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// Names writes the hooks of a plan as KIND/NAME, a line each, in the order in which they first run: what --hook and
// --fail take. With Only ignored it writes the ignored objects. What has no name is left out.
func Names(w io.Writer, _ Header, p plan.Plan, o Options) error {
	view, err := Filter(p, o)
	if err != nil {
		return err
	}
	if o.Only != onlyIgnored {
		view.Ignored = nil
	}
	return writeNames(w, refs(view))
}

// MatrixNames writes the hooks of which a matrix tells what comes of their failure.
func MatrixNames(w io.Writer, _ Header, m plan.Matrix, _ Options) error {
	var objects []plan.Object
	for _, row := range m.Rows {
		if row.Order > 0 {
			objects = append(objects, row.Object)
		}
	}
	return writeNames(w, objects)
}

func writeNames(w io.Writer, objects []plan.Object) error {
	var out strings.Builder
	written := map[string]bool{}
	for _, o := range objects {
		name := clean(o.Ref())
		if o.Name == "" || written[name] {
			continue
		}
		written[name] = true
		out.WriteString(name + "\n")
	}
	_, err := io.WriteString(w, out.String())
	return err
}
