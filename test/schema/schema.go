// Package schema reads the published JSON Schemas for tests.
package schema

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Strict is one of the published schemas, by its kind in lower case ("plan"), with additionalProperties
// false on every object that lists its properties. Readers must accept new keys; the tests must not, so
// that a key that the schema does not tell of is seen. folder is docs/schema.
func Strict(t *testing.T, folder, kind string) *jsonschema.Schema {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*.v1alpha1.schema.json"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no schemas in %s: %v", folder, err)
	}
	compiler := jsonschema.NewCompiler()
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		closeObjects(document)
		if err := compiler.AddResource(base+filepath.Base(path), document); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	compiled, err := compiler.Compile(base + kind + ".v1alpha1.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

// base is what the schemas' own $id begins with.
const base = "https://github.com/helm-hooks/helm-hooks/docs/schema/"

func closeObjects(node any) {
	switch node := node.(type) {
	case map[string]any:
		_, isObject := node["properties"].(map[string]any)
		if _, said := node["additionalProperties"]; isObject && !said {
			node["additionalProperties"] = false
		}
		for _, child := range node {
			closeObjects(child)
		}
	case []any:
		for _, child := range node {
			closeObjects(child)
		}
	}
}

// Validate holds a JSON document against a schema.
func Validate(t *testing.T, schema *jsonschema.Schema, text []byte) {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if err := schema.Validate(document); err != nil {
		t.Errorf("%v\n%s", err, text)
	}
}
