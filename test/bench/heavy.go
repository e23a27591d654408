package bench

import (
	"crypto/sha256"
	"fmt"
	"strings"
)

// Heavy is a small chart with so many files of a hundred settings each. Settings do not repeat themselves as
// templates do, so they are what makes the record of a release large: some 10 KiB a file.
func Heavy(files int) Files {
	chart := Small()
	for i := range files {
		var text strings.Builder
		fmt.Fprintf(&text, "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings-%d\ndata:\n", i)
		for line := range 100 {
			fmt.Fprintf(&text, "  key-%d: %q\n", line, fmt.Sprintf("%x", sha256.Sum256([]byte{byte(i), byte(line)})))
		}
		chart[fmt.Sprintf("templates/settings-%02d.yaml", i)] = text.String()
	}
	return chart
}
