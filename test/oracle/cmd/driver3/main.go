// Command driver3 answers JSON lines of scenarios on stdin with JSON lines of results on stdout. It is
// built against several versions of Helm 3, see test/oracle/versions.
package main

import (
	"fmt"
	"os"

	"github.com/helm-hooks/helm-hooks/test/oracle/driver3"
	"github.com/helm-hooks/helm-hooks/test/oracle/stage"
)

func main() {
	if err := stage.Serve(os.Stdin, os.Stdout, driver3.Run); err != nil {
		fmt.Fprintln(os.Stderr, "driver3:", err)
		os.Exit(1)
	}
}
