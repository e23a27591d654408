package cli

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// defaultEngine is used when nothing says who acts next: Helm 3 had its last feature release in
// September 2026.
const defaultEngine = "helm4"

// chooseEngine is chooseAnyEngine for a command that has no answer under another engine than Helm.
func chooseEngine(flag string, env Env) (engine plan.Engine, callerOnly bool, err error) {
	if engine, callerOnly, err = chooseAnyEngine(flag, env); err == nil {
		err = helmOnly(engine, "this command")
	}
	if err == nil {
		// What Flux has stored is Helm's, and is judged by the rules of the Helm in it.
		engine = engine.Helm()
	}
	return engine, callerOnly, err
}

// chooseAnyEngine finds the rules to plan by: who will act next. callerOnly says that only the major
// version is known, from the Helm that called us.
func chooseAnyEngine(flag string, env Env) (engine plan.Engine, callerOnly bool, err error) {
	if flag == "" {
		flag = env.get("HELM_HOOKS_ENGINE")
	}
	if flag != "" {
		engine, err = plan.ParseEngine(flag)
		return engine, false, err
	}
	name := defaultEngine
	callerOnly = env.asHelmPlugin()
	if callerOnly && env.get("HELM_CONTENT_CACHE") == "" {
		// Only Helm 4 hands this variable to its plugins.
		name = "helm3"
	}
	engine, err = plan.ParseEngine(name)
	return engine, callerOnly, err
}

// askTimeout bounds the one question to the calling Helm.
const askTimeout = 10 * time.Second

// askCaller asks the Helm that called us for its version. It is asked only where the answer matters.
func askCaller(ctx context.Context, env Env, engine plan.Engine) (plan.Engine, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	out, err := exec.CommandContext(ctx, env.get("HELM_BIN"), "version", "--template", "{{.Version}}").Output()
	byHand := fmt.Sprintf("name the rules with --engine %s@MAJOR.MINOR", engine.Name)
	if err != nil {
		return plan.Engine{}, &hintError{fmt.Errorf("ask %s for its version: %w", env.get("HELM_BIN"), err), byHand}
	}
	said := strings.TrimSpace(string(out))
	version, _, _ := strings.Cut(strings.TrimPrefix(said, "v"), "+")
	version, _, _ = strings.Cut(version, "-")
	major, _, _ := strings.Cut(version, ".")
	asked, err := plan.ParseEngine("helm" + major + "@" + version)
	if err != nil {
		return plan.Engine{}, &hintError{fmt.Errorf("%s says that its version is %q, whose rules are not known", env.get("HELM_BIN"), said), byHand}
	}
	return asked, nil
}
