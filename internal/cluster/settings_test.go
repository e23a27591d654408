package cluster

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"k8s.io/cli-runtime/pkg/genericclioptions"
)

func Test_HELM_DRIVER(t *testing.T) {
	for value, want := range map[string]Driver{
		"": Secrets, "secret": Secrets, "secrets": Secrets, "configmap": ConfigMaps, "configmaps": ConfigMaps, "sql": "", "memory": "", "Secret": "",
	} {
		got, err := ParseDriver(value)
		var known *Error
		if got != want || (want == "") != errors.As(err, &known) || known != nil && (!strings.Contains(err.Error(), value) || known.Hint == "") {
			t.Errorf("%q: %q, %v", value, got, err)
		}
	}
}

func helmEnv(name string) (string, bool) {
	value, ok := map[string]string{
		"HELM_NAMESPACE": "shop", "HELM_KUBECONTEXT": "prod", "HELM_KUBETOKEN": "t0ken", "HELM_KUBEASUSER": "ann", "HELM_KUBEASGROUPS": "ops,dev, ",
		"HELM_KUBEAPISERVER": "https://api", "HELM_KUBECAFILE": "/ca.crt", "HELM_KUBEINSECURE_SKIP_TLS_VERIFY": "true", "HELM_KUBETLS_SERVER_NAME": "tls",
	}[name]
	return value, ok
}

func Test_as_a_plugin_of_Helm_the_connection_is_the_one_that_Helm_uses(t *testing.T) {
	flags := NewFlags(helmEnv, true)
	got := []any{
		*flags.Namespace, *flags.Context, *flags.BearerToken, *flags.Impersonate, *flags.ImpersonateGroup, *flags.APIServer, *flags.CAFile, *flags.Insecure, *flags.TLSServerName,
	}
	want := []any{"shop", "prod", "t0ken", "ann", []string{"ops", "dev"}, "https://api", "/ca.crt", true, "tls"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
	// kubectl's plugins do as kubectl does.
	if flags := NewFlags(helmEnv, false); *flags.Namespace != "" || *flags.Context != "" || *flags.BearerToken != "" || *flags.Insecure {
		t.Errorf("without Helm: %+v", flags)
	}
}

func Test_connect_says_whom_it_asks(t *testing.T) {
	fake := &fakeAPI{url: "https://127.0.0.1:7"}
	flags := fake.flags(t)
	client, err := Connect(flags, "helm-hooks/test")
	if err != nil || client.Context != "dev" || client.Namespace != "web" || client.Server != "https://127.0.0.1:7" {
		t.Errorf("%+v, %v", client, err)
	}
	context, namespace := "other", "cart"
	flags = fake.flags(t)
	flags.Context, flags.Namespace = &context, &namespace
	client, err = Connect(flags, "helm-hooks/test")
	if err != nil || client.Context != "other" || client.Namespace != "cart" {
		t.Errorf("%+v, %v", client, err)
	}
}

func Test_kubeconfigs_that_lead_nowhere(t *testing.T) {
	// No cluster may be found around the test.
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	broken := filepath.Join(t.TempDir(), "broken")
	if err := os.WriteFile(broken, []byte("kind: [\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	absent, unknown, empty := filepath.Join(t.TempDir(), "absent"), "nowhere", ""
	fake := &fakeAPI{url: "https://127.0.0.1:7"}
	withContext := fake.flags(t)
	withContext.Context = &unknown
	withFile := func(path *string) *genericclioptions.ConfigFlags {
		flags := genericclioptions.NewConfigFlags(false)
		flags.KubeConfig = path
		return flags
	}
	for _, c := range []struct {
		name  string
		flags *genericclioptions.ConfigFlags
		words string
		hint  string
	}{
		{"none at all", withFile(&empty), "no cluster to ask", "--kubeconfig"},
		{"a file that is not there", withFile(&absent), "absent", "kubectl config view"},
		{"a file that does not parse", withFile(&broken), "broken", "kubectl config view"},
		{"a context that is not there", withContext, `no context "nowhere"`, "it has dev, other;"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Connect(c.flags, "helm-hooks/test")
			var known *Error
			if !errors.As(err, &known) || !strings.Contains(err.Error(), c.words) || !strings.Contains(known.Hint, c.hint) {
				t.Errorf("%v, %+v", err, known)
			}
		})
	}
}
