package oracle

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"

	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
)

// Process is a running driver of another version of Helm, built by versions/build.sh. It answers one
// scenario after the other and is not safe for concurrent use.
type Process struct {
	command *exec.Cmd
	in      io.WriteCloser
	encoder *json.Encoder
	decoder *json.Decoder
}

// Start starts a driver.
func Start(binary string) (*Process, error) {
	p := &Process{command: exec.Command(binary)}
	var err error
	if p.in, err = p.command.StdinPipe(); err != nil {
		return nil, fmt.Errorf("start %s: %w", binary, err)
	}
	out, err := p.command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", binary, err)
	}
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", binary, err)
	}
	p.encoder, p.decoder = json.NewEncoder(p.in), json.NewDecoder(out)
	return p, nil
}

// Run runs a scenario as oracle.Run does, by the driver's version of Helm.
func (p *Process) Run(sc scenario.Scenario) (scenario.Result, error) {
	var result scenario.Result
	if err := p.encoder.Encode(sc); err != nil {
		return result, fmt.Errorf("send scenario: %w", err)
	}
	if err := p.decoder.Decode(&result); err != nil {
		return result, fmt.Errorf("read result: %w", err)
	}
	if result.Err != "" {
		return result, errors.New(result.Err)
	}
	return result, nil
}

// Close ends the driver.
func (p *Process) Close() error {
	if err := p.in.Close(); err != nil {
		return fmt.Errorf("stop driver: %w", err)
	}
	if err := p.command.Wait(); err != nil {
		return fmt.Errorf("stop driver: %w", err)
	}
	return nil
}
