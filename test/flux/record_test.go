//go:build fluxrecord && linux

package flux

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/client-go/dynamic"

	"github.com/helm-hooks/helm-hooks/test/e2e/apiserver"
)

var (
	only = flag.String("scenario", "", "play the scenarios whose names match this `REGEXP`; the others stay as they are recorded")
	logs = flag.String("logs", "", "keep the controllers' logs in this `FOLDER`")
)

// recorder has what all scenarios share.
type recorder struct {
	server  *apiserver.Server
	client  dynamic.Interface
	shelf   *shelf
	program string
	logs    string
}

// TestRecord plays every scenario and writes down what the controller did.
func TestRecord(t *testing.T) {
	program := os.Getenv("HELM_CONTROLLER")
	if program == "" {
		t.Skip("HELM_CONTROLLER does not name a helm-controller: see doc.go")
	}
	match, err := regexp.Compile(*only)
	if err != nil {
		t.Fatal(err)
	}
	old, err := Load(Path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	r := newRecorder(t, program)
	var mu sync.Mutex
	played := map[string]Recording{}
	t.Run("scenarios", func(t *testing.T) {
		for i, scenario := range Scenarios() {
			if !match.MatchString(scenario.Name) {
				continue
			}
			t.Run(strings.ReplaceAll(scenario.Name, " ", "-"), func(t *testing.T) {
				t.Parallel()
				recording := r.play(t, scenario, fmt.Sprintf("flux%03d", i))
				mu.Lock()
				defer mu.Unlock()
				if !t.Failed() {
					played[scenario.Name] = recording
				}
			})
		}
	})
	if err := Save(Path, merged(old, played)); err != nil {
		t.Fatal(err)
	}
}

// merged are the recordings in the order of the scenarios: those just played, else the old ones.
func merged(old []Recording, played map[string]Recording) []Recording {
	for _, recording := range old {
		if _, ok := played[recording.Name]; !ok {
			played[recording.Name] = recording
		}
	}
	var all []Recording
	for _, scenario := range Scenarios() {
		if recording, ok := played[scenario.Name]; ok {
			all = append(all, recording)
		}
	}
	return all
}

func newRecorder(t *testing.T, program string) *recorder {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	tools := os.Getenv("HELM_HOOKS_TOOLS")
	if tools == "" {
		tools = filepath.Join(root, ".tools")
	}
	folder := filepath.Join(tools, "kube-"+apiserver.Version)
	if err := apiserver.Build(root, folder); err != nil {
		t.Fatal(err)
	}
	server, err := apiserver.Start(context.Background(), folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Log(err)
		}
	})
	r := &recorder{server: server, shelf: startShelf(t), program: program, logs: *logs}
	if r.logs == "" {
		r.logs = t.TempDir()
	}
	config := server.Config(server.Admin(t, "default").Token)
	define(t, config)
	if r.client, err = dynamic.NewForConfig(config); err != nil {
		t.Fatal(err)
	}
	return r
}

// patience is how long a step may take.
const patience = 2 * time.Minute

// calm is how long nothing must happen for a step to be over.
const calm = 3 * time.Second

// stuck is how long nothing but the HelmRelease itself must be changed by a controller that tries in vain.
const stuck = 25 * time.Second
