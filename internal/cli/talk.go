package cli

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
)

// Talk is where the process-wide loggers of Helm's packages end: on stderr, marked as Helm's. The
// lines about unknown hooks are dropped, since the plan tells more.
type Talk struct {
	mutex sync.Mutex
	out   io.Writer
	said  map[string]bool
}

// NewTalk writes Helm's log lines to out, each once.
func NewTalk(out io.Writer) *Talk { return &Talk{out: out, said: map[string]bool{}} }

// Write takes whole lines, as the loggers give them.
func (t *Talk) Write(text []byte) (int, error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	for _, line := range strings.Split(strings.TrimRight(withoutValues(string(text)), "\n"), "\n") {
		// v3 pkg/releaseutil/manifest_sorter.go "info: skipping unknown hook: …", v4 "skipping unknown hooks".
		if line == "" || strings.Contains(line, "skipping unknown hook") || t.said[line] {
			continue
		}
		t.said[line] = true
		if _, err := fmt.Fprintf(t.out, "helm: %s\n", printable(line)); err != nil {
			return 0, err
		}
	}
	return len(text), nil
}

// withoutValues takes the value off Helm's warnings about values that do not fit (v3 pkg/chartutil/coalesce.go and v4
// pkg/chart/common/util/coalesce.go coalesceTablesFullKey): in the values of a live release it may be a secret.
func withoutValues(text string) string {
	for _, words := range []string{"cannot overwrite table with non table for ", " is a table. Ignoring non-table value "} {
		if at := strings.Index(text, words); at >= 0 {
			if value := strings.Index(text[at:], "("); value >= 0 {
				return text[:at+value] + "(its value is not shown)"
			}
		}
	}
	return text
}

// WithoutTime keeps clocks out of slog's lines.
func WithoutTime(groups []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey && len(groups) == 0 {
		return slog.Attr{}
	}
	return a
}
