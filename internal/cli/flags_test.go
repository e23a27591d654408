package cli

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericclioptions"
)

// helmFlag is a flag as it matters to somebody who types it from memory.
type helmFlag struct {
	name, shorthand string
	// shape is switch, value, or optional for a value that may be left out.
	shape string
}

func shapeOf(isSwitch, isOptional bool) string {
	switch {
	case isSwitch:
		return "switch"
	case isOptional:
		return "optional"
	}
	return "value"
}

func described(f *pflag.Flag) helmFlag {
	return helmFlag{f.Name, f.Shorthand, shapeOf(f.Value.Type() == "bool", f.NoOptDefVal != "")}
}

// theirs are the flags of another program by command. The lists of Helm's are made by helmcmd_test.go.
type theirs map[string][]helmFlag

func readFlags(t *testing.T, path string) theirs {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	all := theirs{}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) != 4 {
			t.Fatalf("%s: %q", path, line)
		}
		all[fields[0]] = append(all[fields[0]], helmFlag{strings.TrimPrefix(fields[2], "--"), strings.TrimPrefix(fields[1], "-"), fields[3]})
	}
	return all
}

func programs(t *testing.T) map[string]theirs {
	t.Helper()
	set := pflag.NewFlagSet("kubectl", pflag.ContinueOnError)
	genericclioptions.NewConfigFlags(false).WithDeprecatedPasswordFlag().AddFlags(set)
	kubectl := theirs{}
	set.VisitAll(func(f *pflag.Flag) { kubectl["kubectl"] = append(kubectl["kubectl"], described(f)) })
	return map[string]theirs{"helm3": readFlags(t, "testdata/helm3.flags"), "helm4": readFlags(t, "testdata/helm4.flags"), "kubectl": kubectl}
}

// ours are all flags of all our commands, by the command.
func ours() map[string][]helmFlag {
	all := map[string][]helmFlag{}
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		cmd.InitDefaultHelpFlag()
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) { all[cmd.CommandPath()] = append(all[cmd.CommandPath()], described(f)) })
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	root := newRoot(Env{Lookup: os.LookupEnv}, "helm-hooks", "helm-hooks")
	root.InitDefaultCompletionCmd("plan")
	walk(root)
	return all
}

// sameMeaning are the flags that we share with others, each with the command whose meaning it has. A new
// one must be looked at before it is added.
var sameMeaning = map[string]string{
	"api-versions": "template", "atomic": "install", "ca-file": "install", "cert-file": "install", "cleanup-on-fail": "upgrade",
	"as": "kubectl", "as-group": "kubectl", "as-uid": "kubectl", "as-user-extra": "kubectl", "cache-dir": "kubectl",
	"certificate-authority": "kubectl", "client-certificate": "kubectl", "client-key": "kubectl", "cluster": "kubectl",
	"context": "kubectl", "disable-compression": "kubectl", "kubeconfig": "kubectl", "proxy-url": "kubectl",
	"request-timeout": "kubectl", "server": "kubectl", "tls-server-name": "kubectl", "token": "kubectl", "user": "kubectl",
	"reset-then-reuse-values": "upgrade", "reset-values": "upgrade", "reuse-values": "upgrade", "revision": "get-values",
	"all": "list", "all-namespaces": "list", "failed": "list", "selector": "list",
	"color": "helm", "devel": "install", "dry-run": "install", "filter": "test", "help": "helm", "insecure-skip-tls-verify": "install",
	"keep-history": "uninstall", "key-file": "install", "keyring": "install", "kube-version": "template", "logs": "test", "namespace": "helm",
	"no-descriptions": "completion-bash", "no-hooks": "install", "output": "install", "pass-credentials": "install",
	"password": "install", "plain-http": "install", "repo": "install", "rollback-on-failure": "install", "server-side": "upgrade",
	"set": "install", "set-file": "install", "set-json": "install", "set-literal": "install", "set-string": "install",
	"include-crds": "template", "skip-tests": "template",
	"skip-crds": "install", "skip-schema-validation": "install", "timeout": "install", "username": "install", "values": "install",
	"verify": "install", "version": "install", "wait": "install", "wait-for-jobs": "install",
}

// exceptions are flags of one name that differ all the same, each with the reason. The key is the other
// program and command, * for any, then our flag.
var exceptions = map[string]string{
	"helm3 install --wait":                       "Helm 4's form, a value after = or none, takes all that Helm 3's switch takes",
	"helm3 upgrade --wait":                       "as for install",
	"helm3 rollback --wait":                      "as for install",
	"helm3 uninstall --wait":                     "as for install",
	"helm3 template --wait":                      "as for install",
	"helm4 install --server-side":                "Helm 4 is at odds with itself: a switch here, true|false|auto in upgrade and rollback; a wrong word after ours is an error that says so",
	"helm4 template --server-side":               "as for install",
	"helm3 rollback --dry-run":                   "a switch there; ours takes a value after = or none, as helm install's",
	"helm3 uninstall --dry-run":                  "as for rollback",
	"helm4 uninstall --dry-run":                  "as for Helm 3's rollback",
	"* list --filter":                            "ours is helm test's; nothing is listed",
	"* list --values":                            "-f is values wherever there are values; helm list has none",
	"* template --all":                           "-a is helm list's; helm template has no such flag",
	"* template --selector":                      "-l is helm list's; ours reads labels, and gives none",
	"* install --selector":                       "as for template",
	"* upgrade --selector":                       "as for template",
	"* search-repo --selector":                   "-l is helm list's; no repository is searched",
	"* list --api-versions":                      "-a is helm template's; helm list has no such flag",
	"* get-values --api-versions":                "-a is helm template's; helm get values reads no chart",
	"kubectl kubectl --insecure-skip-tls-verify": "Helm's meaning: the chart repository's certificate; no API server is spoken to",
	"kubectl kubectl --server":                   "-s is helm template's --show-only, which is pasted as often",
	"kubectl kubectl --username":                 "Helm's meaning: at the chart repository; kubectl's is deprecated",
	"kubectl kubectl --password":                 "Helm's meaning: at the chart repository; kubectl's is deprecated",
	"* registry-login --username":                "-u is of helm registry login alone, not of the commands that fetch charts",
	"* registry-login --password":                "-p is of helm registry login alone, not of the commands that fetch charts",
}

func Test_a_flag_that_others_have_too_is_typed_as_theirs(t *testing.T) {
	used := map[string]bool{}
	shared := map[string]bool{}
	for command, flags := range ours() {
		for _, our := range flags {
			for program, commands := range programs(t) {
				for theirCommand, theirFlags := range commands {
					for _, their := range theirFlags {
						if their.name == our.name {
							shared[our.name] = true
						}
						clash := their.name == our.name && (their != our || program == "kubectl" && !kubectls(our.name)) ||
							their.name != our.name && our.shorthand != "" && their.shorthand == our.shorthand
						if !clash {
							continue
						}
						key := program + " " + theirCommand + " --" + our.name
						if exceptions[key] == "" {
							key = "* " + theirCommand + " --" + our.name
						}
						if exceptions[key] == "" {
							t.Errorf("%s: %+v, but %s %s: %+v", command, our, program, theirCommand, their)
						}
						used[key] = true
					}
				}
			}
		}
	}
	for key := range exceptions {
		if !used[key] {
			t.Errorf("the exception %s is not needed", key)
		}
	}
	for name := range shared {
		if sameMeaning[name] == "" {
			t.Errorf("--%s is a flag of Helm or kubectl: whose meaning does it have?", name)
		}
	}
	for name, command := range sameMeaning {
		inHelm := func(program string) bool {
			return slices.ContainsFunc(programs(t)[program][command], func(f helmFlag) bool { return f.name == name })
		}
		if !shared[name] || !inHelm("helm3") && !inHelm("helm4") && !inHelm("kubectl") {
			t.Errorf("--%s of %s is said to have its meaning, but is not there", name, command)
		}
	}
}

// kubectls are the flags that we have from kubectl's own package, so that they mean what they mean there.
func kubectls(name string) bool { return name == "namespace" || sameMeaning[name] == "kubectl" }

// pasted are the commands whose command lines people paste.
var pasted = []string{"install", "upgrade", "rollback", "uninstall", "test", "template", "helm", "kubectl"}

func Test_every_flag_of_a_pasted_command_line_is_ours_or_is_explained(t *testing.T) {
	known := map[string]bool{}
	for _, our := range ours()["helm-hooks plan"] {
		known[our.name] = true
		known["-"+our.shorthand] = true
	}
	seen := map[string]bool{}
	for program, commands := range programs(t) {
		for _, command := range pasted {
			for _, their := range commands[command] {
				seen[their.name] = true
				if _, explained := foreignFlags[their.name]; !explained && !known[their.name] {
					t.Errorf("%s %s --%s ends in a bare \"unknown flag\"", program, command, their.name)
				}
				if their.shorthand == "" || known["-"+their.shorthand] {
					continue
				}
				if foreignFlags[foreignShorthands[their.shorthand]] == (foreignFlag{}) {
					t.Errorf("%s %s -%s (--%s) ends in a bare \"unknown flag\"", program, command, their.shorthand, their.name)
				}
			}
		}
	}
	for name, flag := range foreignFlags {
		switch {
		case known[name]:
			t.Errorf("--%s is explained as foreign, but is ours", name)
		case !seen[name]:
			t.Errorf("--%s is explained, but is a flag of nobody's", name)
		case flag.because == "" && flag.instead == "":
			t.Errorf("--%s is explained by nothing", name)
		}
	}
}

func Test_the_lists_of_flags_that_an_input_has_no_use_for_name_flags(t *testing.T) {
	cmd := newPlanCommand(Env{Lookup: os.LookupEnv}, "helm-hooks")
	for _, name := range slices.Concat(forChartsOnly, forRemoteCharts, slices.Collect(maps.Keys(takers))) {
		if cmd.Flags().Lookup(name) == nil {
			t.Errorf("--%s is no flag", name)
		}
	}
	for _, name := range forRemoteCharts {
		if !slices.Contains(forChartsOnly, name) {
			t.Errorf("--%s means something to rendered YAML, but nothing to a chart on disk", name)
		}
	}
}
