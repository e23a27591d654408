package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// JSON writes the plan as one document of the contract in docs/schema/plan.v1alpha1.schema.json.
func JSON(w io.Writer, h Header, p plan.Plan, o Options) error {
	text, err := marshal(h, p, o)
	if err != nil {
		return err
	}
	_, err = w.Write(escaped(text))
	return err
}

// MatrixJSON writes a matrix as one document of docs/schema/matrix.v1alpha1.schema.json.
func MatrixJSON(w io.Writer, h Header, m plan.Matrix, _ Options) error {
	text, err := encode(matrixWire(h, m))
	if err != nil {
		return err
	}
	_, err = w.Write(escaped(text))
	return err
}

// marshal narrows and encodes the plan; both json and yaml start from its result.
func marshal(h Header, p plan.Plan, o Options) ([]byte, error) {
	view, err := Filter(p, o)
	if err != nil {
		return nil, err
	}
	return encode(convert(h, p, view))
}

func encode(document any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(document); err != nil {
		return nil, fmt.Errorf("encode the answer: %w", err)
	}
	return out.Bytes(), nil
}

// escaped writes DEL, C1 controls and format characters as \u escapes, so that no terminal obeys them.
// encoding/json does so for C0 alone. In JSON such characters can only stand inside strings.
func escaped(text []byte) []byte {
	var out bytes.Buffer
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case r <= '~' || !hidden(r):
			out.Write(text[:size])
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&out, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
		text = text[size:]
	}
	return out.Bytes()
}
