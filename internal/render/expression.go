package render

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/json"
	"k8s.io/cli-runtime/pkg/printers"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// Expressions are the formats that take an expression over the tree of json, as in kubectl: jsonpath=EXPRESSION.
func Expressions() []string { return []string{"jsonpath=", "go-template="} }

// expression is kubectl's printer of one of them.
type expression struct{ printers.ResourcePrinter }

// parseExpression reads FORMAT=EXPRESSION; found is false where the name is another format. A key that is not there
// is empty, as in kubectl: those that say nothing are left out of the json.
func parseExpression(name string) (e expression, found bool, err error) {
	format, text, _ := strings.Cut(name, "=")
	switch {
	case format != "jsonpath" && format != "go-template":
		return expression{}, false, nil
	case text == "":
		return expression{}, true, fmt.Errorf("-o %s needs an expression, such as %s", format, map[string]string{
			"jsonpath": `-o jsonpath='{.source.name}'`, "go-template": `-o go-template='{{.source.name}}'`,
		}[format])
	case format == "jsonpath":
		var printer *printers.JSONPathPrinter
		if printer, err = printers.NewJSONPathPrinter(text); err == nil {
			printer.AllowMissingKeys(true)
			e.ResourcePrinter = printer
		}
	default:
		var printer *printers.GoTemplatePrinter
		if printer, err = printers.NewGoTemplatePrinter([]byte(text)); err == nil {
			printer.AllowMissingKeys(true)
			e.ResourcePrinter = printer
		}
	}
	if err != nil {
		return expression{}, true, fmt.Errorf("read the expression of -o %s: %w", format, err)
	}
	return e, true, nil
}

// write evaluates the expression over the text of a json document. Strings are made safe first, since what comes out
// is no JSON that would escape them.
func (e expression) write(w io.Writer, text []byte) error {
	var tree map[string]any
	if err := json.Unmarshal(text, &tree); err != nil {
		return fmt.Errorf("encode the answer: %w", err)
	}
	var out bytes.Buffer
	if err := e.PrintObj(&unstructured.Unstructured{Object: cleaned(tree).(map[string]any)}, &out); err != nil {
		return errors.New(withoutDump(err.Error()))
	}
	_, err := w.Write(out.Bytes())
	return err
}

// withoutDump takes the whole document off an error of jsonpath: kubectl shows it for want of a better place.
func withoutDump(said string) string {
	said, _, _ = strings.Cut(said, ". Printing more information for debugging")
	return strings.TrimSpace(strings.Replace(said, ": Error executing template", "", 1))
}

// cleaned makes all strings of a tree safe for a terminal.
func cleaned(tree any) any {
	switch node := tree.(type) {
	case string:
		return clean(node)
	case []any:
		for i := range node {
			node[i] = cleaned(node[i])
		}
	case map[string]any:
		safe := make(map[string]any, len(node))
		for key, value := range node {
			safe[clean(key)] = cleaned(value)
		}
		return safe
	}
	return tree
}

func (e expression) plan(w io.Writer, h Header, p plan.Plan, o Options) error {
	text, err := marshal(h, p, o)
	if err != nil {
		return err
	}
	return e.write(w, text)
}

func (e expression) matrix(w io.Writer, h Header, m plan.Matrix, _ Options) error {
	text, err := encode(matrixWire(h, m))
	if err != nil {
		return err
	}
	return e.write(w, text)
}

func (e expression) releases(w io.Writer, r Releases, _ Style) error {
	text, err := encode(releasesWire(r))
	if err != nil {
		return err
	}
	return e.write(w, text)
}
