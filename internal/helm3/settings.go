package helm3

import (
	"io"

	"helm.sh/helm/v3/pkg/helmpath"
)

// Settings are the parts of Helm's environment that decide where charts and values come from (v3
// pkg/cli/environment.go: New). Helm 4 reads the same variables and has the same defaults.
type Settings struct {
	RepositoryConfig string
	RepositoryCache  string
	RegistryConfig   string
	Plugins          string
}

// SettingsFromEnv reads the settings. The folders that are not named follow HELM_CONFIG_HOME,
// HELM_CACHE_HOME, HELM_DATA_HOME and their XDG counterparts in the process's own environment.
func SettingsFromEnv(lookup func(name string) (string, bool)) Settings {
	or := func(name, fallback string) string {
		if value, ok := lookup(name); ok {
			return value
		}
		return fallback
	}
	return Settings{
		RepositoryConfig: or("HELM_REPOSITORY_CONFIG", helmpath.ConfigPath("repositories.yaml")),
		RepositoryCache:  or("HELM_REPOSITORY_CACHE", helmpath.CachePath("repository")),
		RegistryConfig:   or("HELM_REGISTRY_CONFIG", helmpath.ConfigPath("registry/config.json")),
		Plugins:          or("HELM_PLUGINS", helmpath.DataPath("plugins")),
	}
}

// LocateOptions are Helm's flags for finding a chart.
type LocateOptions struct {
	Settings
	Version               string
	RepoURL               string
	Username              string
	Password              string
	PassCredentialsAll    bool
	CertFile              string
	KeyFile               string
	CaFile                string
	InsecureSkipTLSVerify bool
	PlainHTTP             bool
	Verify                bool
	Keyring               string
	Devel                 bool
	// Helm4 follows Helm 4 where the two differ: with --repo it does not look for a local folder first.
	Helm4 bool
	// Stderr is where the programs of getter plugins may talk; nil drops it.
	Stderr io.Writer
}

// ValueOptions are Helm's flags for values, each in the order given.
type ValueOptions struct {
	Settings
	Files      []string
	Set        []string
	SetString  []string
	SetFile    []string
	SetJSON    []string
	SetLiteral []string
	// Base are values that all of these are laid over. They are not changed.
	Base map[string]any
	// Open gives files that are at hand under a name of their own, before any is looked for; nil where there are none.
	Open func(name string) ([]byte, bool)
	// Stdin is read where a file is called "-".
	Stdin io.Reader
	// Helm4 follows Helm 4 where the two differ: --set-json also takes a whole object, and all
	// documents of a values file count.
	Helm4 bool
	// Stderr is where the programs of getter plugins may talk; nil drops it.
	Stderr io.Writer
}
