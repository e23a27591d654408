package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// LogOptions say what to read of a log.
type LogOptions struct {
	// Tail is how many lines at the end, 50 if it is not positive.
	Tail int
	// Previous asks for the container before its last restart.
	Previous bool
}

// Log is the end of what a container has written.
type Log struct {
	// Lines are oldest first. They may hold control characters.
	Lines []string
	// Redacted is how many secrets were taken out.
	Redacted int
	// Cut says that lines were left out at the start, or shortened, because they were too long.
	Cut bool
}

// ErrNoLog says that there is nothing to read: the container has not begun, it has no earlier run, or its Pod is gone.
var ErrNoLog = errors.New("no log")

const (
	defaultTail = 50
	// maxLine is how many bytes of a line are kept.
	maxLine = 2000
	// maxRead is how many bytes of a line are searched for secrets, so that none that begins within maxLine is missed.
	maxRead = 4 * maxLine
	// maxLog is how many bytes of the end of a log are kept.
	maxLog = 256 << 10
	// maxSent is how many bytes the server sends at most. It counts from the first of the lines that were asked for,
	// so it has to be far more than what is kept, or the end would be missing.
	maxSent = 8 << 20
)

// Logs reads the end of a container's log, without the secrets that are recognised in it.
func (c *Client) Logs(ctx context.Context, namespace, pod, container string, options LogOptions) (Log, error) {
	tail, limit := int64(cmp.Or(max(options.Tail, 0), defaultTail)), int64(maxSent)
	stream, err := c.core.Pods(namespace).GetLogs(pod, &corev1.PodLogOptions{
		Container: container, Previous: options.Previous, TailLines: &tail, LimitBytes: &limit,
	}).Stream(ctx)
	asked := request{verb: "get", resource: "pods/log", namespace: namespace, name: pod}
	if err != nil {
		return Log{}, c.explainLog(asked, err)
	}
	defer stream.Close()
	text, cut, err := lastBytes(stream, maxLog)
	if err != nil {
		return Log{}, c.explain(asked, err)
	}
	log := readLog(string(text))
	log.Cut = log.Cut || cut
	return log, nil
}

// explainLog knows what is particular to logs: the API server asks the kubelet of the Pod's node for them.
func (c *Client) explainLog(asked request, err error) error {
	switch {
	case apierrors.IsBadRequest(err), apierrors.IsNotFound(err):
		return fmt.Errorf("%w: %w", ErrNoLog, err)
	case apierrors.IsInternalError(err):
		return &Error{
			fmt.Errorf("%s (%s): %w", asked, c.at(), err),
			"the API server could not ask the node of the Pod; is the node ready? " + c.kubectl("get nodes"),
		}
	}
	return c.explain(asked, err)
}

// lastBytes reads all and keeps the end, from the start of a line if there is one.
func lastBytes(stream io.Reader, keep int) (text []byte, cut bool, err error) {
	block := make([]byte, 32<<10)
	for {
		n, err := stream.Read(block)
		text = append(text, block[:n]...)
		if len(text) > 2*keep {
			text, cut = append([]byte(nil), text[len(text)-keep:]...), true
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, false, err
		}
	}
	if len(text) > keep {
		text, cut = text[len(text)-keep:], true
	}
	if cut {
		// The rest of a line whose start is missing cannot be told from a secret.
		_, rest, _ := strings.Cut(string(text), "\n")
		text = []byte(rest)
	}
	return text, cut, nil
}

func readLog(text string) Log {
	text = strings.TrimSuffix(text, "\n")
	if text == "" {
		return Log{}
	}
	lines := strings.Split(text, "\n")
	var log Log
	for i, line := range lines {
		lines[i] = strings.TrimSuffix(line, "\r")
		log.Cut = shorten(&lines[i], maxRead) || log.Cut
	}
	// Secrets go before lines are shortened for good: what would be left of one may no longer look like it.
	log.Lines, log.Redacted = redactLines(lines)
	for i := range log.Lines {
		if shorten(&log.Lines[i], maxLine) {
			log.Lines[i] += "…"
			log.Cut = true
		}
	}
	return log
}

// shorten cuts a line between two characters and says whether it did.
func shorten(line *string, limit int) bool {
	if len(*line) <= limit {
		return false
	}
	end := limit
	for end > limit-utf8.UTFMax && !utf8.RuneStart((*line)[end]) {
		end--
	}
	*line = (*line)[:end]
	return true
}
