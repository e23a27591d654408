package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// refused are flags of helm install, upgrade, rollback, uninstall, test and template that people paste
// from their command lines but that say nothing about hooks here, each with the reason.
var refused = map[string]string{
	"create-namespace":           "the plan starts in a namespace that exists",
	"cascade":                    "it decides about dependents of ordinary resources, never about hooks",
	"debug":                      "there is nothing more to say",
	"dependency-update":          "run `helm dependency update` first",
	"description":                "a description changes no hook",
	"disable-openapi-validation": "hooks are built with validation whatever it says",
	"dry-run":                    "a plan never runs anything",
	"enable-dns":                 "templates are rendered without network here",
	"force":                      "it concerns ordinary resources only, never hooks",
	"force-conflicts":            "it concerns ordinary resources only; hooks are applied without force",
	"force-replace":              "it concerns ordinary resources only, never hooks",
	"generate-name":              "name the release with --name",
	"hide-notes":                 "notes are not shown",
	"hide-secret":                "contents of Secrets are never shown",
	"history-max":                "it decides which records are kept, not which hooks run",
	"ignore-not-found":           "a plan starts from a release that exists",
	"include-crds":               "the crds/ folder is always part of the plan",
	"install":                    "use --action install for a release that does not exist yet, --action upgrade for one that does",
	"is-upgrade":                 "each action is rendered as Helm would render it; use --action upgrade",
	"labels":                     "labels of the record change no hook",
	"logs":                       "nothing runs, so there are no logs",
	"name-template":              "name the release with --name",
	"output-dir":                 "nothing is written",
	"post-renderer-args":         "a post-renderer is not reproduced",
	"recreate-pods":              "it restarts Pods of ordinary resources, never hooks",
	"release-name":               "it is about folders of `helm template`",
	"render-subchart-notes":      "notes are not shown",
	"replace":                    "use --action install",
	"reset-then-reuse-values":    "values of an older revision need a live release",
	"reset-values":               "values of an older revision need a live release",
	"reuse-values":               "values of an older revision need a live release",
	"show-only":                  "use --hook KIND/NAME",
	"skip-schema-validation":     "values that break the schema make Helm fail too; mend the values",
	"skip-tests":                 "tests are an action of their own; use --action",
	"take-ownership":             "it concerns ordinary resources that exist already, never hooks",
	"validate":                   "templates are rendered without a cluster here",
}

// postRendererHint is the way to see hooks as a post-renderer leaves them.
const postRendererHint = "a post-renderer is not reproduced: Helm 3 never shows it hooks, Helm 4 sends it all documents. " +
	"For Helm 4, plan what Helm itself renders: helm template CHART --post-renderer NAME | helm hooks plan -"

// flagError explains flags of Helm's that are not ours.
func flagError(cmd *cobra.Command, err error) error {
	text := err.Error()
	name, unknown := strings.CutPrefix(text, "unknown flag: --")
	if unknown {
		name, _, _ = strings.Cut(name, "=")
		if name == "post-renderer" {
			return &hintError{errors.New("--post-renderer is not supported"), postRendererHint}
		}
		if reason, known := refused[name]; known {
			return fmt.Errorf("--%s cannot change what this plan says about hooks: %s", name, reason)
		}
	}
	return &hintError{err, fmt.Sprintf("see %s --help", cmd.CommandPath())}
}
