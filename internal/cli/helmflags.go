package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// foreignFlag is a flag of Helm's or kubectl's that people paste from their command lines and that is
// none of ours, with the way out.
type foreignFlag struct {
	// because says why the flag changes nothing here; it can be left out.
	because string
	// instead says what to do about a flag that could change the answer.
	instead string
}

const (
	ordinaryOnly   = "it concerns ordinary resources, never hooks"
	noNotes        = "notes are not shown"
	nameIt         = "name the release with --name NAME"
	postRendererTo = "Helm 3 never shows hooks to a post-renderer: leave it out. Helm 4 does: helm template CHART --post-renderer NAME | helm hooks plan -"
)

// foreignFlags are the flags of helm install, upgrade, rollback, uninstall, test and template, and those
// that every command of Helm and of kubectl has, as far as they are not ours.
var foreignFlags = map[string]foreignFlag{
	"cascade":                    {because: "it is about dependents of ordinary resources, never about hooks"},
	"colour":                     {instead: "use --color"},
	"create-namespace":           {because: "the plan starts in a namespace that exists"},
	"debug":                      {because: "there is nothing more to say"},
	"dependency-update":          {instead: "run `helm dependency update CHART` first"},
	"description":                {because: "a description changes no hook"},
	"disable-openapi-validation": {because: "hooks are validated whatever it says"},
	"enable-dns":                 {instead: "templates are rendered without network here: helm template CHART --enable-dns | helm hooks plan -"},
	"force":                      {because: ordinaryOnly},
	"force-conflicts":            {because: ordinaryOnly},
	"force-replace":              {because: ordinaryOnly},
	"generate-name":              {instead: nameIt},
	"hide-notes":                 {because: noNotes},
	"hide-secret":                {because: "contents of Secrets are never shown"},
	"history-max":                {because: "it decides which records are kept, not which hooks run"},
	"ignore-not-found":           {because: "the plan starts from a release that exists"},
	"install":                    {instead: "--action install for a release that does not exist yet, --action upgrade for one that does"},
	"is-upgrade":                 {instead: "each action is rendered as Helm renders it: --action upgrade"},
	"labels":                     {because: "labels of the record change no hook"},
	"logs":                       {because: "nothing runs, so there are no logs"},
	"name-template":              {instead: nameIt},
	"output-dir":                 {because: "nothing is written"},
	"post-renderer":              {instead: postRendererTo},
	"post-renderer-args":         {instead: postRendererTo},
	"recreate-pods":              {because: ordinaryOnly},
	"release-name":               {because: "it is about folders of `helm template`"},
	"render-subchart-notes":      {because: noNotes},
	"replace":                    {instead: "--action install"},
	"show-only":                  {instead: "--hook KIND/NAME"},
	"take-ownership":             {because: ordinaryOnly},
	"validate":                   {instead: "say what the cluster has with --kube-version and --api-versions"},

	// Helm's flags for every command.
	"burst-limit":                   {because: "requests are few and follow each other as the API server lets them"},
	"content-cache":                 {because: "no such cache is kept"},
	"kube-apiserver":                {instead: "use kubectl's --server"},
	"kube-as-group":                 {instead: "use kubectl's --as-group"},
	"kube-as-user":                  {instead: "use kubectl's --as"},
	"kube-ca-file":                  {instead: "use kubectl's --certificate-authority"},
	"kube-context":                  {instead: "use kubectl's --context"},
	"kube-insecure-skip-tls-verify": {instead: "set it for the cluster in the kubeconfig, or HELM_KUBEINSECURE_SKIP_TLS_VERIFY=true under helm hooks"},
	"kube-tls-server-name":          {instead: "use kubectl's --tls-server-name"},
	"kube-token":                    {instead: "use kubectl's --token"},
	"qps":                           {because: "requests are few and follow each other as the API server lets them"},
	"registry-config":               {instead: "set HELM_REGISTRY_CONFIG"},
	"repository-cache":              {instead: "set HELM_REPOSITORY_CACHE"},
	"repository-config":             {instead: "set HELM_REPOSITORY_CONFIG"},
}

// foreignShorthands are the letters of such flags.
var foreignShorthands = map[string]string{"g": "generate-name", "i": "install", "l": "labels", "s": "show-only"}

// flagError explains what is wrong with a flag, and flags of Helm's and kubectl's that are not ours.
func flagError(cmd *cobra.Command, err error) error {
	help := fmt.Sprintf("see %s --help", cmd.CommandPath())
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) {
		return unknownFlag(cmd, unknown, help)
	}
	var lacks *pflag.ValueRequiredError
	if errors.As(err, &lacks) && lacks.GetSpecifiedName() == "server-side" {
		return &hintError{err, "helm install --server-side is --server-side=true here"}
	}
	return &hintError{err, help}
}

func unknownFlag(cmd *cobra.Command, err *pflag.NotExistError, help string) error {
	name, written := err.GetSpecifiedName(), "--"+err.GetSpecifiedName()
	if err.GetSpecifiedShortnames() != "" {
		name, written = foreignShorthands[name], "-"+name
		if name != "" {
			written += " (--" + name + ")"
		}
	}
	foreign, known := foreignFlags[name]
	switch {
	case !cmd.HasParent() && name == "version":
		return &hintError{err, cmd.CommandPath() + " version"}
	case !known:
		return &hintError{err, help}
	case foreign.because == "":
		return &hintError{fmt.Errorf("%s is no flag of %s", written, cmd.CommandPath()), foreign.instead}
	}
	hint := "leave it out"
	if foreign.instead != "" {
		hint += "; " + foreign.instead
	}
	return &hintError{fmt.Errorf("%s makes no difference to %s: %s", written, cmd.CommandPath(), foreign.because), hint}
}
