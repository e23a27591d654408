package recorded

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
)

// Answers are a server's, by the name of the scenario.
type Answers map[string][]Answer

// Encode is a file's text: sorted, one line a field.
func (a Answers) Encode() ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(a); err != nil {
		return nil, fmt.Errorf("write answers: %w", err)
	}
	return text.Bytes(), nil
}

// Load reads what Encode has written.
func Load(path string) (Answers, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var answers Answers
	if err := json.Unmarshal(text, &answers); err != nil {
		return nil, fmt.Errorf("read answers of %s: %w", path, err)
	}
	return answers, nil
}
