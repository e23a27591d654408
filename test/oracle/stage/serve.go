package stage

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
)

// Serve reads scenarios, one JSON value after the other, and writes the result of each as one line.
func Serve(in io.Reader, out io.Writer, run func(scenario.Scenario) (scenario.Result, error)) error {
	decoder, encoder := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var sc scenario.Scenario
		if err := decoder.Decode(&sc); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("read scenario: %w", err)
		}
		result, err := run(sc)
		if err != nil {
			result.Err = err.Error()
		}
		if err := encoder.Encode(result); err != nil {
			return fmt.Errorf("write result of %q: %w", sc.Name, err)
		}
	}
}
