//go:build e2e

package e2e

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/rest"

	"github.com/helm-hooks/helm-hooks/test/recorded"
)

var updateRecorded = flag.Bool("update-recorded", false, "write recorded/answers.json anew")

// What the API server answers to the requests that Helm's clients send is what was recorded, and what the oracle's
// imitation is held to.
func TestRecorded(t *testing.T) {
	s := apiServer(t)
	access := s.Worker(t, s.Namespace(t, "recorder"), "helm")
	client, err := rest.HTTPClientFor(s.Config(access.Token))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("recorded", "answers.json")
	want := recorded.Answers{}
	if !*updateRecorded {
		if want, err = recorded.Load(file); err != nil {
			t.Fatal(err)
		}
	}
	got := recorded.Answers{}
	var mu sync.Mutex
	t.Run("scenarios", func(t *testing.T) {
		for _, scenario := range recorded.Scenarios() {
			t.Run(strings.ReplaceAll(scenario.Name, " ", "-"), func(t *testing.T) {
				t.Parallel()
				answers, err := scenario.Play(t.Context(), client.Do, s.URL, s.Namespace(t, "recorded"), 20*time.Second)
				if err != nil {
					t.Fatal(err)
				}
				mu.Lock()
				defer mu.Unlock()
				got[scenario.Name] = answers
				if diff := cmp.Diff(want[scenario.Name], answers); diff != "" && !*updateRecorded {
					t.Errorf("-recorded +answered\n%s", diff)
				}
			})
		}
	})
	if len(want) > len(got) {
		t.Errorf("%d scenarios are recorded, %d were played", len(want), len(got))
	}
	if !*updateRecorded || t.Failed() {
		return
	}
	text, err := got.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
}
