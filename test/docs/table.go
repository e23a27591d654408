package docs

import "regexp"

// Stage is where a command can be run.
type Stage int

const (
	// Alone needs our program and files.
	Alone Stage = iota + 1
	// Live needs Helm, kubectl or a cluster.
	Live
	// Install puts a release onto a machine, or builds from a checkout.
	Install
	// Unrun is run by nothing here; the reason says why.
	Unrun
)

// place is a rule of the table below.
type place struct {
	text   *regexp.Regexp
	stage  Stage
	reason string
}

// places says where each command runs; the first rule that matches counts. What matches none is a failure.
func places() []place {
	return []place{
		{regexp.MustCompile(`^make (test|lint|e2e|argocd|oracle)\b`), Unrun, "the tests and checks, of which this is one"},
		{regexp.MustCompile(`^(SIGN_PASSPHRASE=\S+ )?make release\b`), Unrun, "test/e2e/packaging_test.go and packaging_sign_test.go run it with these settings"},
		{regexp.MustCompile(`^bash \.ci/run$`), Unrun, "all tests at once"},
		{regexp.MustCompile(`^go (run|test|doc) `), Install, ""},
		{regexp.MustCompile(`^make (build|demo|help)\b`), Install, ""},
		{regexp.MustCompile(`^(helm plugin install|kubectl krew) |^export PATH=|checksums\.txt|^tar |^cp |^\./helm-hooks/bin/`), Install, ""},
		{regexp.MustCompile(`\b(helmrelease|application)/`), Unrun, "internal/cli/gitops_api_test.go has an API server with such objects; no Flux and no Argo CD is here"},
		{regexp.MustCompile(`\bhelm (template|install|upgrade|rollback|uninstall|test|history|get|status|list)\b`), Live, ""},
		{regexp.MustCompile(`\bkubectl (--context prod )?(get|delete|logs|describe|auth)\b`), Live, ""},
		{regexp.MustCompile(`\bhooks (list|ls|status)\b`), Live, ""},
		{regexp.MustCompile(`\bhooks (plan|explain|diff) (myrelease|cart|shop)(@\d+)?( |$)`), Live, ""},
		{regexp.MustCompile(`^(helm |kubectl |helm-)hooks( |$)`), Alone, ""},
	}
}

// Place says where a command runs, and why not where it does not. ok is false where the table has no rule for it.
func Place(c Command) (stage Stage, reason string, ok bool) {
	for _, p := range places() {
		if p.text.MatchString(c.Text) {
			return p.stage, p.reason, true
		}
	}
	return 0, "", false
}
