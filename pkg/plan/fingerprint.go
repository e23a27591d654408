package plan

import (
	"crypto/sha256"
	"encoding/json"
)

// fingerprints tell whether applying an object over an older one changes anything, and whether it
// changes what the API server refuses to change: a Job's template, selector and completions, and
// nearly all of a Pod's spec.
func fingerprints(object Object, body map[string]any) (whole, fixed string) {
	whole = fingerprint(body)
	spec, _ := body["spec"].(map[string]any)
	switch {
	case object.Kind == "Job" && object.group() == "batch":
		fixed = fingerprint([]any{spec["template"], spec["selector"], spec["completions"]})
	case object.Kind == "Pod" && object.group() == "":
		fixed = fingerprint(spec)
	}
	return whole, fixed
}

func fingerprint(value any) string {
	// encoding/json writes maps in the order of their keys, and the value came out of a parser, so
	// that it always encodes.
	text, _ := json.Marshal(value)
	sum := sha256.Sum256(text)
	return string(sum[:])
}
