package cluster

import (
	"fmt"
	"strconv"
	"strings"

	"k8s.io/cli-runtime/pkg/genericclioptions"
)

// Lookup reads an environment variable.
type Lookup func(name string) (string, bool)

// NewFlags are kubectl's flags for a connection. As a plugin of Helm their defaults are what Helm hands over (v3
// and v4 pkg/cli/environment.go EnvVars), since Helm keeps its own flags for itself; so a flag goes before Helm's
// settings, and both go before the kubeconfig. Otherwise Helm's variables mean nothing, as in kubectl.
func NewFlags(lookup Lookup, helmPlugin bool) *genericclioptions.ConfigFlags {
	flags := genericclioptions.NewConfigFlags(true)
	if !helmPlugin {
		return flags
	}
	for name, field := range map[string]*string{
		"HELM_NAMESPACE":           flags.Namespace,
		"HELM_KUBECONTEXT":         flags.Context,
		"HELM_KUBETOKEN":           flags.BearerToken,
		"HELM_KUBEASUSER":          flags.Impersonate,
		"HELM_KUBEAPISERVER":       flags.APIServer,
		"HELM_KUBECAFILE":          flags.CAFile,
		"HELM_KUBETLS_SERVER_NAME": flags.TLSServerName,
	} {
		*field, _ = lookup(name)
	}
	groups, _ := lookup("HELM_KUBEASGROUPS")
	if groups = strings.Trim(groups, ", "); groups != "" {
		*flags.ImpersonateGroup = strings.Split(groups, ",")
	}
	// As Helm does, what is no boolean counts as false.
	insecure, _ := lookup("HELM_KUBEINSECURE_SKIP_TLS_VERIFY")
	*flags.Insecure, _ = strconv.ParseBool(insecure)
	return flags
}

// Driver is the kind of object in which Helm keeps its records.
type Driver string

// The drivers that are read.
const (
	Secrets    Driver = "secrets"
	ConfigMaps Driver = "configmaps"
)

// ParseDriver reads HELM_DRIVER as Helm does (v3 and v4 pkg/action/action.go Init). Helm's own SQL driver is never
// used: it changes the schema of a database when it opens it (pkg/storage/driver/sql.go ensureDBSetup).
func ParseDriver(value string) (Driver, error) {
	switch value {
	case "", "secret", "secrets":
		return Secrets, nil
	case "configmap", "configmaps":
		return ConfigMaps, nil
	case "sql":
		return "", &Error{
			fmt.Errorf("HELM_DRIVER=sql: release records in a database are not read, only those in Secrets and ConfigMaps"),
			"helm get all RELEASE | helm hooks plan -",
		}
	case "memory":
		return "", &Error{
			fmt.Errorf("HELM_DRIVER=memory: release records end with the Helm that made them, so there are none to read"),
			"unset HELM_DRIVER for records in Secrets, or set it to configmap",
		}
	}
	return "", &Error{fmt.Errorf("HELM_DRIVER=%s: unknown driver", value), "valid are secret and configmap"}
}

// kind is how an object of the driver is called.
func (d Driver) kind() string {
	if d == ConfigMaps {
		return "ConfigMap"
	}
	return "Secret"
}
