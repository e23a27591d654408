// Command driver4 answers JSON lines of scenarios on stdin with JSON lines of results on stdout. It is
// built against several versions of Helm 4, see test/oracle/versions.
package main

import (
	"fmt"
	"os"

	"github.com/helm-hooks/helm-hooks/test/oracle/driver4"
	"github.com/helm-hooks/helm-hooks/test/oracle/stage"
)

func main() {
	if err := stage.Serve(os.Stdin, os.Stdout, driver4.Run); err != nil {
		fmt.Fprintln(os.Stderr, "driver4:", err)
		os.Exit(1)
	}
}
