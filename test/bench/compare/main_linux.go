// Command compare runs the pairs of commands that standard input names, and writes what they took: JSON both ways,
// bench.Work in, a line of bench.Result a case out. It is a program of its own because it must be small: see
// bench.Compare.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/helm-hooks/helm-hooks/test/bench"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

func run() error {
	var work bench.Work
	if err := json.NewDecoder(os.Stdin).Decode(&work); err != nil {
		return fmt.Errorf("read the work: %w", err)
	}
	out := json.NewEncoder(os.Stdout)
	for _, one := range work.Cases {
		result, err := bench.Compare(one, work.Pairs, work.Env)
		if err != nil {
			return err
		}
		if err := out.Encode(result); err != nil {
			return err
		}
	}
	return nil
}
