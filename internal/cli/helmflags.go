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
	noCluster      = "nothing is sent to a cluster"
	ordinaryOnly   = "it concerns ordinary resources, never hooks"
	noNotes        = "notes are not shown"
	nameIt         = "name the release with --name NAME"
	noOldValues    = "values of an older revision are not read from a cluster: helm get values NAME -o yaml > old.yaml, then -f old.yaml"
	askTheCluster  = "to see what a cluster changes: helm install NAME CHART --dry-run=server | helm hooks plan -"
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
	"dry-run":                    {because: "a plan never runs anything", instead: askTheCluster},
	"enable-dns":                 {instead: "templates are rendered without network here: helm template CHART --enable-dns | helm hooks plan -"},
	"force":                      {because: ordinaryOnly},
	"force-conflicts":            {because: ordinaryOnly},
	"force-replace":              {because: ordinaryOnly},
	"generate-name":              {instead: nameIt},
	"hide-notes":                 {because: noNotes},
	"hide-secret":                {because: "contents of Secrets are never shown"},
	"history-max":                {because: "it decides which records are kept, not which hooks run"},
	"ignore-not-found":           {because: "the plan starts from a release that exists"},
	"include-crds":               {because: "the crds/ folder is always part of the plan"},
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
	"reset-then-reuse-values":    {instead: noOldValues},
	"reset-values":               {because: "values of an older revision are never taken over here"},
	"reuse-values":               {instead: noOldValues},
	"show-only":                  {instead: "--hook KIND/NAME"},
	"skip-tests":                 {instead: "--action install,upgrade,rollback,uninstall leaves the tests out"},
	"take-ownership":             {because: ordinaryOnly},
	"validate":                   {instead: "say what the cluster has with --kube-version and --api-versions"},

	// Helm's flags for every command.
	"burst-limit":                   {because: noCluster},
	"content-cache":                 {because: "no such cache is kept"},
	"kube-apiserver":                {because: noCluster},
	"kube-as-group":                 {because: noCluster},
	"kube-as-user":                  {because: noCluster},
	"kube-ca-file":                  {because: noCluster},
	"kube-context":                  {because: noCluster, instead: "its namespace is named with -n"},
	"kube-insecure-skip-tls-verify": {because: noCluster},
	"kube-tls-server-name":          {because: noCluster},
	"kube-token":                    {because: noCluster},
	"kubeconfig":                    {because: noCluster, instead: "the namespace is named with -n"},
	"qps":                           {because: noCluster},
	"registry-config":               {instead: "set HELM_REGISTRY_CONFIG"},
	"repository-cache":              {instead: "set HELM_REPOSITORY_CACHE"},
	"repository-config":             {instead: "set HELM_REPOSITORY_CONFIG"},

	// kubectl's flags for every command.
	"as":                    {because: noCluster},
	"as-group":              {because: noCluster},
	"as-uid":                {because: noCluster},
	"as-user-extra":         {because: noCluster},
	"cache-dir":             {because: noCluster},
	"certificate-authority": {because: noCluster},
	"client-certificate":    {because: noCluster},
	"client-key":            {because: noCluster},
	"cluster":               {because: noCluster},
	"context":               {because: noCluster, instead: "its namespace is named with -n"},
	"disable-compression":   {because: noCluster},
	"proxy-url":             {because: noCluster},
	"request-timeout":       {because: noCluster},
	"server":                {because: noCluster},
	"tls-server-name":       {because: noCluster},
	"token":                 {because: noCluster},
	"user":                  {because: noCluster},
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
