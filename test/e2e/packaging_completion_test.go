//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// completions are words before the cursor, and a word that must be offered there.
var completions = []struct{ line, want string }{
	{"pl", "plan"},
	{"explain before", "before-hook-creation"},
	{"explain HH00", "HH001"},
	{"plan --engine ", "helm3"},
	{"plan --action roll", "rollback"},
	{"plan -o ", "json"},
	{"plan --out", "--output"},
	{"plan " + shop + " --hook Job/shop-m", "Job/shop-migrate"},
	{"plan " + shop + " --fail Job/shop-migrate@pre-i", "Job/shop-migrate@pre-install"},
	{"explain " + shop + " Job/shop-sm", "Job/shop-smoke-test"},
	{"completion f", "fish"},
	{"plan ./testdata/charts/sho", "./testdata/charts/shop"},
}

// bashDriver completes one line as an interactive bash does after a tab, and prints what it would offer. Scripts made
// by cobra need three functions of the package bash-completion; where it is missing, plain ones stand in.
const bashDriver = `
if [ -r /usr/share/bash-completion/bash_completion ]; then
	. /usr/share/bash-completion/bash_completion
else
	_get_comp_words_by_ref() {
		words=("${COMP_WORDS[@]}") cword=$COMP_CWORD cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
	}
	_filedir() { mapfile -t COMPREPLY < <(compgen -f -- "$cur"); }
	__ltrim_colon_completions() { :; }
fi
program=$1 COMP_LINE="$1 $2"
. <("$program" completion bash)
read -ra COMP_WORDS <<<"$COMP_LINE"
case $COMP_LINE in *' ') COMP_WORDS+=("");; esac
COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_POINT=${#COMP_LINE} COMP_TYPE=9 COMP_KEY=9
"__start_$program"
# Where the script leaves a word to bash, bash completes the names of files.
[ ${#COMPREPLY[@]} -gt 0 ] || mapfile -t COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")
printf '%s\n' "${COMPREPLY[@]}"
`

// inPath is a home with these programs first on PATH.
func inPath(t *testing.T, programs map[string]string, env ...string) home {
	t.Helper()
	dir := t.TempDir()
	for name, program := range programs {
		if err := os.Symlink(program, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return newHome(t, append(env, "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"))...)
}

func TestBashCompletes(t *testing.T) {
	bin := built(t)
	plugins := t.TempDir()
	if err := os.Symlink(at.checkout, filepath.Join(plugins, "hooks")); err != nil {
		t.Fatal(err)
	}
	homes := map[string]home{"helm-hooks": inPath(t, map[string]string{"helm-hooks": filepath.Join(bin, "helm-hooks")})}
	for _, helm := range helms() {
		homes["helm "+helm.version] = inPath(t, map[string]string{"helm": helm.path()}, "HELM_PLUGINS="+plugins)
	}
	if _, err := exec.LookPath("kubectl"); err == nil {
		homes["kubectl"] = inPath(t, map[string]string{
			"kubectl-hooks": filepath.Join(bin, "kubectl-hooks"), "kubectl_complete-hooks": filepath.Join(bin, "kubectl_complete-hooks"),
		})
	}
	for name, home := range homes {
		program, _, _ := strings.Cut(name, " ")
		for _, c := range completions {
			line := c.line
			if program != "helm-hooks" {
				line = "hooks " + line
				if strings.HasPrefix(c.line, "completion ") {
					continue // these have completion commands of their own
				}
			}
			got := home.run(t, "bash", "-c", bashDriver, "bash", program, line)
			if !said(got.stdout, c.want) {
				t.Errorf("%s: %q offers %q, want %s; stderr %q", name, line, got.stdout, c.want, got.stderr)
			}
		}
	}
}

// said says whether one of the offered words is want. A single candidate comes with a blank or a slash.
func said(offered, want string) bool {
	for word := range strings.FieldsSeq(offered) {
		if strings.TrimSuffix(word, "/") == want {
			return true
		}
	}
	return false
}

func TestFishCompletes(t *testing.T) {
	if _, err := exec.LookPath("fish"); err != nil {
		t.Skip("no fish on PATH")
	}
	home := inPath(t, map[string]string{"helm-hooks": filepath.Join(built(t), "helm-hooks")})
	for _, c := range completions {
		got := home.run(t, "fish", "-c", "helm-hooks completion fish | source; complete -C $argv[1]", "helm-hooks "+c.line)
		if !said(got.stdout, c.want) {
			t.Errorf("%q offers %q, want %s; stderr %q", c.line, got.stdout, c.want, got.stderr)
		}
	}
}

func TestZshTakesItsCompletion(t *testing.T) {
	if _, err := exec.LookPath("zsh"); err != nil {
		t.Skip("no zsh on PATH")
	}
	home := inPath(t, map[string]string{"helm-hooks": filepath.Join(built(t), "helm-hooks")})
	got := home.mustRun(t, "zsh", "-f", "-c", `autoload -Uz compinit && compinit -D; source <(helm-hooks completion zsh); print $_comps[helm-hooks] $+functions[_helm-hooks]`)
	if strings.TrimSpace(got) != "_helm-hooks 1" {
		t.Errorf("zsh knows %q", got)
	}
}

// PowerShell is on few Linux machines: its script is looked at only.
func TestPowerShellCompletion(t *testing.T) {
	got := newHome(t).mustRun(t, filepath.Join(built(t), "helm-hooks"), "completion", "powershell")
	for _, want := range []string{"Register-ArgumentCompleter -CommandName 'helm-hooks'", "__complete"} {
		if !strings.Contains(got, want) {
			t.Errorf("the script has no %s", want)
		}
	}
}
