package render

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"slices"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// sarifLogSchema is the official schema of SARIF 2.1.0 with errata 01, as OASIS publishes it at the address
// in its id.
func sarifLogSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile("testdata/sarif/sarif-schema-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource(sarifSchema, document); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile(sarifSchema)
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

// checkSARIF holds a log against the official schema, which knows no other keys.
func checkSARIF(official *jsonschema.Schema, text []byte) error {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return official.Validate(document)
}

// junitElements are the elements and attributes that Jenkins, GitLab and Azure read, by the element.
var junitElements = map[string][]string{
	"testsuites": {"name", "tests", "failures", "errors", "skipped"}, "testsuite": {"name", "tests", "failures", "errors", "skipped"},
	"testcase": {"name", "classname", "file", "line"}, "failure": {"message", "type"}, "error": {"message", "type"}, "skipped": {"message"}, "system-out": {},
}

// checkJUnit holds the XML against what CI servers read, and its numbers against its cases.
func checkJUnit(text []byte) error {
	decoder := xml.NewDecoder(bytes.NewReader(text))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		element, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		known, ok := junitElements[element.Name.Local]
		if !ok {
			return errors.New("unknown element " + element.Name.Local)
		}
		for _, attribute := range element.Attr {
			if !slices.Contains(known, attribute.Name.Local) {
				return errors.New("unknown attribute " + attribute.Name.Local + " of " + element.Name.Local)
			}
		}
	}
	var all junitSuites
	if err := xml.Unmarshal(text, &all); err != nil {
		return err
	}
	counted := junitSuites{}
	for _, suite := range all.Suites {
		counted.add(junitSuite{Cases: suite.Cases})
	}
	if counted.Tests != all.Tests || counted.Failures != all.Failures || counted.Errors != all.Errors || counted.Skipped != all.Skipped {
		return errors.New("the numbers are wrong")
	}
	return nil
}
