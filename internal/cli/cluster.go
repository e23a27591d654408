package cli

import (
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/helm-hooks/helm-hooks/internal/cluster"
)

// clusterFlags are kubectl's flags for a connection. Nothing is asked before connect.
type clusterFlags struct {
	config *genericclioptions.ConfigFlags
}

// add gives a command the flags. Where it also reads charts, --insecure-skip-tls-verify is Helm's, about the chart
// repository, and -s is Helm's --show-only: a word must not mean two things.
func (f *clusterFlags) add(cmd *cobra.Command, env Env, readsCharts bool) {
	f.config = cluster.NewFlags(env.Lookup, env.asHelmPlugin())
	all := pflag.NewFlagSet("cluster", pflag.ContinueOnError)
	f.config.AddFlags(all)
	all.VisitAll(func(flag *pflag.Flag) {
		if flag.Name == "server" {
			flag.Shorthand = ""
		}
		// What Helm hands over may be a secret, and says nothing in a help text.
		switch flag.DefValue = ""; flag.Value.Type() {
		case "bool":
			flag.DefValue = "false"
		case "stringArray":
			flag.DefValue = "[]"
		}
		if !readsCharts || flag.Name != "insecure-skip-tls-verify" && flag.Name != "namespace" {
			cmd.Flags().AddFlag(flag)
		}
	})
}

// in names the namespace, where another flag has asked for it.
func (f *clusterFlags) in(namespace string) {
	if namespace != "" {
		f.config.Namespace = &namespace
	}
}

// connect prepares to ask the cluster for release records.
func (f *clusterFlags) connect(env Env) (*cluster.Client, *cluster.Records, error) {
	driver, err := cluster.ParseDriver(env.get("HELM_DRIVER"))
	if err != nil {
		return nil, nil, withClusterHint(err)
	}
	client, err := cluster.Connect(f.config, "helm-hooks/"+buildVersion(env))
	if err != nil {
		return nil, nil, withClusterHint(err)
	}
	return client, client.Records(driver), nil
}

// withClusterHint carries the hint of a cluster's error over to where errors are printed.
func withClusterHint(err error) error {
	var known *cluster.Error
	if errors.As(err, &known) && known.Hint != "" {
		return &hintError{err, known.Hint}
	}
	var missing *cluster.NotFoundError
	if errors.As(err, &missing) {
		return &hintError{err, missing.Hint()}
	}
	return err
}
