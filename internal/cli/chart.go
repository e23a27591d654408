package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/helm-hooks/helm-hooks/internal/helm3"
)

// chartFlags are Helm's flags that say which chart is meant and how it renders.
type chartFlags struct {
	locate      helm3.LocateOptions
	values      helm3.ValueOptions
	kubeVersion string
	apiVersions []string
	name        string
	namespace   string
	skipSchema  bool
}

func (f *chartFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.name, "name", "", "name of the simulated release (default: the chart's name)")
	flags.StringVarP(&f.namespace, "namespace", "n", "", "namespace of the simulated release")
	flags.StringSliceVarP(&f.values.Files, "values", "f", nil, "values files or URLs, - for standard input (repeatable)")
	flags.StringArrayVar(&f.values.Set, "set", nil, "set values: key1=val1,key2=val2 (repeatable)")
	flags.StringArrayVar(&f.values.SetString, "set-string", nil, "set values as strings (repeatable)")
	flags.StringArrayVar(&f.values.SetFile, "set-file", nil, "set values from files: key=path (repeatable)")
	flags.StringArrayVar(&f.values.SetJSON, "set-json", nil, "set values as JSON (repeatable)")
	flags.StringArrayVar(&f.values.SetLiteral, "set-literal", nil, "set one value as it stands (repeatable)")
	flags.StringVar(&f.kubeVersion, "kube-version", "", "Kubernetes version for .Capabilities")
	flags.StringSliceVarP(&f.apiVersions, "api-versions", "a", nil, "API versions for .Capabilities, as GROUP/VERSION or GROUP/VERSION/KIND (repeatable)")
	flags.StringVar(&f.locate.Version, "version", "", "version of the chart (default: the newest)")
	flags.BoolVar(&f.locate.Devel, "devel", false, "use development versions too")
	flags.StringVar(&f.locate.RepoURL, "repo", "", "URL of the chart repository that holds the chart")
	flags.StringVar(&f.locate.Username, "username", "", "user name for the chart repository")
	flags.StringVar(&f.locate.Password, "password", "", "password for the chart repository")
	flags.BoolVar(&f.locate.PassCredentialsAll, "pass-credentials", false, "send the credentials to all hosts")
	flags.StringVar(&f.locate.CertFile, "cert-file", "", "client certificate for the chart repository")
	flags.StringVar(&f.locate.KeyFile, "key-file", "", "client key for the chart repository")
	flags.StringVar(&f.locate.CaFile, "ca-file", "", "CA bundle for the chart repository")
	flags.BoolVar(&f.locate.InsecureSkipTLSVerify, "insecure-skip-tls-verify", false, "do not check the chart repository's certificate")
	flags.BoolVar(&f.locate.PlainHTTP, "plain-http", false, "use plain HTTP for the chart's registry")
	flags.BoolVar(&f.locate.Verify, "verify", false, "verify the chart archive before it is used")
	flags.StringVar(&f.locate.Keyring, "keyring", helm3.DefaultKeyring(), "public keys for --verify (default: those of GnuPG)")
	flags.Lookup("keyring").DefValue = "" // a path of this machine says nothing in a help text
	flags.BoolVar(&f.skipSchema, "skip-schema-validation", false, "do not hold the values against the chart's schema")
}

// forChartsOnly are the flags that mean nothing for YAML that is rendered already.
var forChartsOnly = []string{
	"values", "set", "set-string", "set-file", "set-json", "set-literal", "kube-version", "api-versions", "version", "devel", "repo",
	"username", "password", "pass-credentials", "cert-file", "key-file", "ca-file", "insecure-skip-tls-verify", "plain-http",
	"verify", "keyring", "skip-schema-validation", "dry-run",
}

// forRemoteCharts are the flags that mean nothing for a chart on disk.
var forRemoteCharts = []string{
	"version", "devel", "repo", "username", "password", "pass-credentials", "cert-file", "key-file", "ca-file",
	"insecure-skip-tls-verify", "plain-http",
}

// refuseForStream names the first flag that cannot have any effect.
func refuseForStream(cmd *cobra.Command) error {
	for _, name := range forChartsOnly {
		if cmd.Flags().Changed(name) {
			return fmt.Errorf("--%s has no effect: this input is rendered already; give it to the command that renders", name)
		}
	}
	return nil
}
