//go:build e2e

package e2e

import (
	"context"
	"path/filepath"
	"sync"
	"testing"

	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/helm-hooks/helm-hooks/internal/cluster"
	"github.com/helm-hooks/helm-hooks/test/e2e/apiserver"
)

// shared is the API server of all tests: each has a namespace and users of its own.
type shared struct {
	once   sync.Once
	server *apiserver.Server
	err    error
}

var live shared

// apiServer starts the server for the first test that needs one.
func apiServer(t *testing.T) *apiserver.Server {
	t.Helper()
	live.once.Do(func() {
		folder := filepath.Join(at.tools, "kube-"+apiserver.Version)
		if live.err = apiserver.Build(at.root, folder); live.err == nil {
			live.server, live.err = apiserver.Start(context.Background(), folder)
		}
	})
	if live.err != nil {
		t.Fatal(live.err)
	}
	return live.server
}

// stop ends the server, if one was started.
func (s *shared) stop() error {
	if s.server == nil {
		return nil
	}
	return s.server.Stop()
}

// connect is our way into the cluster as somebody.
func connect(t *testing.T, as apiserver.Access) *cluster.Client {
	t.Helper()
	flags := genericclioptions.NewConfigFlags(false)
	flags.KubeConfig = &as.Kubeconfig
	client, err := cluster.Connect(flags, "helm-hooks/e2e")
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// calls are what somebody has sent since a mark, each as a line.
func calls(t *testing.T, s *apiserver.Server, since apiserver.Mark, user string) []string {
	t.Helper()
	all, err := s.Calls(since, user)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, call := range all {
		lines = append(lines, call.String())
	}
	return lines
}

// mark is the end of the audit log.
func mark(t *testing.T, s *apiserver.Server) apiserver.Mark {
	t.Helper()
	m, err := s.Mark()
	if err != nil {
		t.Fatal(err)
	}
	return m
}
