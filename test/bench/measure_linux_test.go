package bench

import (
	"os"
	"strings"
	"testing"
	"time"
)

func TestCompare(t *testing.T) {
	shell := func(script string) []string { return []string{"sh", "-c", script} }
	env := []string{"PATH=" + os.Getenv("PATH")}
	result, err := Compare(Case{"sleep", shell("echo a; sleep 0.2"), shell("echo b")}, 3, env)
	if err != nil {
		t.Fatal(err)
	}
	if ours, theirs := result.OursTook, result.TheirsTook; ours.Wall < 200*time.Millisecond || ours.Wall <= theirs.Wall || ours.Memory <= 0 {
		t.Errorf("%+v", result)
	}
	for script, want := range map[string]string{"exit 3": "exit status 3", "true": "printed nothing", "echo why >&2; exit 1": "why"} {
		if _, err := Compare(Case{"bad", shell("echo a"), shell(script)}, 1, env); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", script, err)
		}
	}
}

func TestMedian(t *testing.T) {
	runs := []Usage{{Wall: 9, CPU: 1, Memory: 5}, {Wall: 1, CPU: 2, Memory: 7}, {Wall: 2, CPU: 3, Memory: 6}}
	if got := median(runs); got != (Usage{Wall: 2, CPU: 2, Memory: 6}) {
		t.Errorf("%+v", got)
	}
	if got := median(runs[:2]); got.Wall != 5 {
		t.Errorf("%+v", got)
	}
}
