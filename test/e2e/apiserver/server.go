// Package apiserver runs a real kube-apiserver with etcd on 127.0.0.1 for tests, without a container, a kubelet or
// a controller manager. Jobs and Pods come to their end as annotations say, and the audit log tells who has
// sent what.
package apiserver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

const (
	// Version is the server's.
	Version = "1.36.3"
	// Admin is the user who may do everything.
	Admin = "admin"
	// keeperName is the user who ends Jobs and Pods.
	keeperName = "keeper"
)

// Server is a running API server.
type Server struct {
	// URL is https://127.0.0.1:PORT.
	URL string

	dir    string
	keys   keys
	etcd   *process
	api    *process
	client kubernetes.Interface
	keeper *keeper
}

// Build makes kube-apiserver and etcd in a folder, unless they are there. It takes minutes.
func Build(repository, folder string) error {
	cmd := exec.Command(filepath.Join(repository, "test", "kube", "build.sh"), folder)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("build kube-apiserver: %w", err)
	}
	return nil
}

// Start runs the programs that Build has made. Stop must be called.
func Start(ctx context.Context, folder string) (*Server, error) {
	var err error
	// Between finding a free port and listening on it somebody else may take it.
	for range 3 {
		var s *Server
		if s, err = startOnce(ctx, folder); err == nil {
			return s, nil
		}
	}
	return nil, err
}

func startOnce(ctx context.Context, folder string) (s *Server, err error) {
	s = &Server{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Stop())
		}
	}()
	if s.dir, err = os.MkdirTemp("", "helm-hooks-server-"); err != nil {
		return s, err
	}
	if s.keys, err = newKeys(s.dir); err != nil {
		return s, err
	}
	if err = os.WriteFile(s.file("audit-policy.yaml"), []byte(auditPolicy), 0o600); err != nil {
		return s, err
	}
	ports, err := freePorts(3)
	if err != nil {
		return s, err
	}
	client, peer := "http://127.0.0.1:"+ports[0], "http://127.0.0.1:"+ports[1]
	s.etcd, err = launch(
		s.dir, filepath.Join(folder, "etcd"), "--name=e2e", "--unsafe-no-fsync", "--log-level=warn", "--data-dir="+s.file("etcd"),
		"--listen-client-urls="+client, "--advertise-client-urls="+client,
		"--listen-peer-urls="+peer, "--initial-advertise-peer-urls="+peer, "--initial-cluster=e2e="+peer,
	)
	if err != nil {
		return s, err
	}
	s.URL = "https://127.0.0.1:" + ports[2]
	if s.api, err = launch(s.dir, filepath.Join(folder, "kube-apiserver"), s.apiFlags(client, ports[2])...); err != nil {
		return s, err
	}
	if s.client, err = kubernetes.NewForConfig(s.Config(s.keys.adminToken)); err != nil {
		return s, err
	}
	if err = s.ready(ctx); err != nil {
		return s, err
	}
	s.keeper, err = startKeeper(ctx, s.Config(s.keys.keeperToken))
	return s, err
}

func (s *Server) apiFlags(etcd, port string) []string {
	return []string{
		"--etcd-servers=" + etcd, "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", "--secure-port=" + port,
		"--endpoint-reconciler-type=none", "--service-cluster-ip-range=10.0.0.0/24",
		"--tls-cert-file=" + s.keys.certFile, "--tls-private-key-file=" + s.keys.keyFile,
		"--authorization-mode=RBAC", "--token-auth-file=" + s.keys.tokenFile, "--anonymous-auth=false",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + s.keys.signFile, "--service-account-signing-key-file=" + s.keys.signFile,
		// No controller makes service accounts or takes taints off nodes.
		"--disable-admission-plugins=ServiceAccount,TaintNodesByCondition",
		"--kubelet-preferred-address-types=InternalIP",
		"--audit-policy-file=" + s.file("audit-policy.yaml"), "--audit-log-path=" + s.auditLog(), "--audit-log-maxsize=10000",
	}
}

func (s *Server) file(name string) string { return filepath.Join(s.dir, name) }

// ready waits until the server answers requests.
func (s *Server) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		var code int
		err := s.client.Discovery().RESTClient().Get().AbsPath("/readyz").Do(ctx).StatusCode(&code).Error()
		if err == nil && code == http.StatusOK {
			return nil
		}
		for _, p := range []*process{s.etcd, s.api} {
			if gone := p.ended(); gone != nil {
				return gone
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("kube-apiserver is not ready after a minute: %w\n%s", err, s.api.lastWords())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Stop ends everything and removes it. It tells what went wrong while Jobs and Pods were ended.
func (s *Server) Stop() error {
	var errs []error
	if s.keeper != nil {
		errs = append(errs, s.keeper.stop())
	}
	errs = append(errs, s.api.stop(), s.etcd.stop())
	if s.dir != "" {
		errs = append(errs, os.RemoveAll(s.dir))
	}
	return errors.Join(errs...)
}

// Client is the admin's.
func (s *Server) Client() kubernetes.Interface { return s.client }

// Config is how a client with this token reaches the server.
func (s *Server) Config(token string) *rest.Config {
	return &rest.Config{
		Host: s.URL, BearerToken: token, TLSClientConfig: rest.TLSClientConfig{CAData: s.keys.certificate},
		QPS: -1, // no throttling of our own
	}
}
