package cli

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/helm-hooks/helm-hooks/internal/render"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

func with(variables ...string) Env {
	set := map[string]string{}
	for _, variable := range variables {
		name, value, _ := strings.Cut(variable, "=")
		set[name] = value
	}
	return Env{Lookup: func(name string) (string, bool) { value, ok := set[name]; return value, ok }}
}

func Test_the_rules_are_those_of_who_acts_next(t *testing.T) {
	asPlugin := []string{"HELM_BIN=/usr/bin/helm", "HELM_PLUGIN_DIR=/plugins/hooks"}
	plugin := func(more ...string) Env { return with(append(more, asPlugin...)...) }
	for _, c := range []struct {
		name       string
		flag       string
		env        Env
		want       string
		callerOnly bool
	}{
		{"nothing says who: Helm 4", "", with(), "Helm 4.3", false},
		{"the flag", "helm3", with(), "Helm 3.22", false},
		{"the flag with a version", "helm3@3.18.2", with(), "Helm 3.18", false},
		{"the variable", "", with("HELM_HOOKS_ENGINE=helm3@3.19"), "Helm 3.19", false},
		{"an empty variable is none", "", with("HELM_HOOKS_ENGINE="), "Helm 4.3", false},
		{"the flag before the variable", "helm4@4.1", with("HELM_HOOKS_ENGINE=helm3"), "Helm 4.1", false},
		{"a calling Helm without Helm 4's variable is Helm 3", "", plugin(), "Helm 3.22", true},
		{"a calling Helm 4", "", plugin("HELM_CONTENT_CACHE=/c"), "Helm 4.3", true},
		{"the flag before the caller", "helm4@4.0", plugin(), "Helm 4.0", false},
		{"the variable before the caller", "", plugin("HELM_HOOKS_ENGINE=helm4"), "Helm 4.3", false},
		{"HELM_BIN alone makes no plugin", "", with("HELM_BIN=/usr/bin/helm"), "Helm 4.3", false},
		{"HELM_PLUGIN_DIR alone makes no plugin", "", with("HELM_PLUGIN_DIR=/p"), "Helm 4.3", false},
		{"HELM_CONTENT_CACHE alone says nothing", "helm3", with("HELM_CONTENT_CACHE=/c"), "Helm 3.22", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			engine, callerOnly, err := chooseEngine(c.flag, c.env)
			if err != nil || engine.String() != c.want || callerOnly != c.callerOnly {
				t.Errorf("got %s, %v, %v; want %s, %v", engine, callerOnly, err, c.want, c.callerOnly)
			}
		})
	}
}

func Test_an_engine_that_is_none_is_an_error_that_names_the_valid_ones(t *testing.T) {
	for _, flag := range []string{"helm2", "helm", "fluxcd", "flux@0.9", "helm3@3.12", "helm4@3.18", "helm3@", "helm3@3", "Helm4"} {
		for _, env := range []Env{with(), with("HELM_HOOKS_ENGINE=" + flag)} {
			given := flag
			if env.get("HELM_HOOKS_ENGINE") != "" {
				given = ""
			}
			if _, _, err := chooseEngine(given, env); err == nil || !strings.Contains(err.Error(), "helm3") && !strings.Contains(err.Error(), "known from") {
				t.Errorf("%q: %v", flag, err)
			}
		}
	}
}

func Test_style_follows_the_flag_the_terminal_and_the_environment(t *testing.T) {
	for _, c := range []struct {
		name     string
		color    string
		env      Env
		terminal bool
		want     render.Style
	}{
		{"a terminal", "auto", with("LANG=en_US.UTF-8", "TERM=xterm"), true, render.Style{Color: true, Unicode: true, Width: 80, Fold: true}},
		{"a pipe", "auto", with("LANG=en_US.UTF-8", "TERM=xterm"), false, render.Style{Unicode: true}},
		{"NO_COLOR", "auto", with("LANG=C.UTF-8", "NO_COLOR=1"), true, render.Style{Unicode: true, Width: 80, Fold: true}},
		{"an empty NO_COLOR is none", "auto", with("LANG=C.UTF-8", "NO_COLOR="), true, render.Style{Color: true, Unicode: true, Width: 80, Fold: true}},
		{"TERM=dumb", "auto", with("LANG=C.UTF-8", "TERM=dumb"), true, render.Style{Unicode: true, Width: 80, Fold: true}},
		{"always wins over all", "always", with("LANG=C.UTF-8", "NO_COLOR=1", "TERM=dumb"), false, render.Style{Color: true, Unicode: true}},
		{"never", "never", with("LANG=C.UTF-8"), true, render.Style{Unicode: true, Width: 80, Fold: true}},
		{"LC_ALL before LANG", "never", with("LC_ALL=C", "LANG=C.UTF-8"), false, render.Style{}},
		{"LC_CTYPE before LANG", "never", with("LC_CTYPE=C.utf8", "LANG=C"), false, render.Style{Unicode: true}},
		{"an empty LC_ALL is none", "never", with("LC_ALL=", "LANG=C.UTF-8"), false, render.Style{Unicode: true}},
		{"POSIX", "never", with("LANG=POSIX"), false, render.Style{}},
		{"Latin 1", "never", with("LANG=de_DE.ISO-8859-1"), false, render.Style{}},
		{"a container has no locale and a pipe", "auto", with(), false, render.Style{Unicode: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.env.Terminal, c.env.Width = c.terminal, 80
			got, err := chooseStyle(c.color, c.env)
			if err != nil || got != c.want {
				t.Errorf("got %+v, %v; want %+v", got, err, c.want)
			}
		})
	}
}

func Test_the_name_is_what_people_type(t *testing.T) {
	asPlugin := with("HELM_BIN=helm", "HELM_PLUGIN_DIR=/p")
	for _, c := range []struct {
		program string
		env     Env
		want    string
		file    string
	}{
		{"helm-hooks", with(), "helm-hooks", "helm-hooks"},
		{"/usr/local/bin/helm-hooks", with(), "helm-hooks", "helm-hooks"},
		{`C:\bin\helm-hooks.exe`, with(), "helm-hooks", "helm-hooks"},
		{"/tmp/go-build1/exe/main", with(), "helm-hooks", "helm-hooks"},
		{"/plugins/hooks/bin/helm-hooks", asPlugin, "helm hooks", "helm-hooks"},
		{"/usr/local/bin/kubectl-hooks", with(), "kubectl hooks", "kubectl-hooks"},
		{"kubectl-hooks.exe", with(), "kubectl hooks", "kubectl-hooks"},
		{"kubectl-helm_hooks", with(), "kubectl helm-hooks", "kubectl-helm_hooks"},
		{"kubectl-hooks", asPlugin, "kubectl hooks", "kubectl-hooks"},
		{"", with(), "helm-hooks", "helm-hooks"},
	} {
		if got := commandName(c.program, c.env); got != c.want {
			t.Errorf("%q: %q, want %q", c.program, got, c.want)
		}
		if got := programName(c.program); got != c.file {
			t.Errorf("%q: completion for %q, want %q", c.program, got, c.file)
		}
	}
}

func Test_wait_is_a_switch_in_Helm_3_and_a_strategy_in_Helm_4(t *testing.T) {
	const refused = "refused"
	for _, c := range []struct{ value, helm3, helm4 string }{
		{"", "hookOnly", "hookOnly"},
		{"watcher", refused, "watcher"}, // Helm 3 parses a boolean
		{"true", "watcher", "watcher"},  // what --wait alone means
		{"false", "hookOnly", "hookOnly"},
		{"legacy", refused, "legacy"},
		{"hookOnly", refused, "hookOnly"},
		{"hookonly", refused, refused},
		{"yes", refused, refused},
	} {
		for helm3, want := range map[bool]string{true: c.helm3, false: c.helm4} {
			got, err := waitStrategy(c.value, helm3)
			if err != nil {
				got = refused
			}
			if string(got) != want {
				t.Errorf("--wait=%s, Helm 3 %v: %s, %v; want %s", c.value, helm3, got, err, want)
			}
		}
	}
}

func Test_flags_reach_the_machine(t *testing.T) {
	var flags actionFlags
	cmd := &cobra.Command{}
	flags.add(cmd)
	if err := cmd.ParseFlags([]string{
		"--wait=legacy", "--wait-for-jobs", "--rollback-on-failure", "--timeout", "90s", "--no-hooks", "--skip-crds", "--cleanup-on-fail",
		"--keep-history", "--server-side", "auto", "--filter", "name=a,!name=b", "--filter", "name=c",
	}); err != nil {
		t.Fatal(err)
	}
	engine, err := plan.ParseEngine("helm4")
	if err != nil {
		t.Fatal(err)
	}
	if err := flags.validate(cmd, engine, nil); err != nil {
		t.Fatal(err)
	}
	want := plan.Options{
		Wait: plan.WaitLegacy, WaitForJobs: true, Atomic: true, NoHooks: true, SkipCRDs: true, CleanupOnFail: true, KeepHistory: true,
		ServerSide: plan.ServerSideAuto, Timeout: 90 * time.Second, TestFilter: []string{"name=a", "!name=b", "name=c"},
	}
	if diff := cmp.Diff(want, flags.options(engine)); diff != "" {
		t.Error(diff)
	}
}

func Test_the_version_names_the_rules_that_are_known(t *testing.T) {
	got := run(t, nil, nil, "version")
	if got.code != 0 || !strings.HasPrefix(got.stdout, "helm-hooks 1.2.3 (go1.") {
		t.Errorf("%+v", got)
	}
	var first3, last3, first4, last4 string
	if _, err := fmt.Sscanf(strings.Split(got.stdout, "\n")[1], "rules of Helm %s to %s and %s to %s", &first3, &last3, &first4, &last4); err != nil {
		t.Fatal(err)
	}
	for engine, known := range map[string][2]string{"helm3": {first3, last3}, "helm4": {first4, last4}} {
		if _, err := plan.ParseEngine(engine + "@" + known[0]); err != nil {
			t.Errorf("%s is said to be known: %v", known[0], err)
		}
		newest, err := plan.ParseEngine(engine)
		if err != nil || newest.MinorVersion() != known[1] {
			t.Errorf("the newest %s is said to be %s, but is %s (%v)", engine, known[1], newest.MinorVersion(), err)
		}
		var major, minor int
		if _, err := fmt.Sscanf(known[0], "%d.%d", &major, &minor); err != nil {
			t.Fatal(err)
		}
		if _, err := plan.ParseEngine(fmt.Sprintf("%s@%d.%d", engine, major, minor-1)); err == nil {
			t.Errorf("%s is not the oldest", known[0])
		}
	}
}

func Test_a_wait_that_knows_no_context_is_interrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	reading := make(chan struct{})
	var out, talk bytes.Buffer
	env := with()
	env.In, env.Out, env.Err = silent(reading), &out, &talk
	go func() { <-reading; cancel() }()
	finished := make(chan int)
	go func() { finished <- Run(ctx, []string{"helm-hooks", "plan", "-"}, env) }()
	select {
	case code := <-finished:
		if code != 130 || out.Len() != 0 || talk.String() != "interrupted\n" {
			t.Errorf("exit code %d, stdout %q, stderr %q", code, out.String(), talk.String())
		}
	case <-time.After(10 * time.Second):
		t.Fatal("still waiting for standard input")
	}
}

// silent never gives anything, like a terminal whose user thinks.
type silent chan struct{}

func (s silent) Read([]byte) (int, error) {
	close(s)
	select {}
}

func Test_Helms_log_lines_are_marked_and_told_once(t *testing.T) {
	var out bytes.Buffer
	talk := NewTalk(&out)
	logger := slog.New(slog.NewTextHandler(talk, &slog.HandlerOptions{ReplaceAttr: WithoutTime}))
	logger.Info("skipping unknown hooks", "hookTypes", "pre-uninstall")
	logger.Warn("odd\x1b[31m thing")
	logger.Warn("odd\x1b[31m thing")
	fmt.Fprint(talk, "manifest_sorter.go:199: info: skipping unknown hook: \"x\"\nwarning: one\nwarning: two\x1b[2J\n")
	fmt.Fprint(talk, "warning: cannot overwrite table with non table for a.b (hunter2\nhunter3)\n")
	want := "helm: level=WARN msg=\"odd\\x1b[31m thing\"\nhelm: warning: one\nhelm: warning: two[2J\nhelm: warning: cannot overwrite table with non table for a.b (its value is not shown)\n"
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}
