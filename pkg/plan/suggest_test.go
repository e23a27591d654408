package plan

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestSuggestEvents(t *testing.T) {
	const deploy, afterDeploy = "pre-install,pre-upgrade", "post-install,post-upgrade"
	for _, test := range []struct {
		value, want, didYouMean string
		alternatives            []string
	}{
		// Words of Helm's own commands, of Helm 2, of other tools.
		{value: "post-install, pre-uninstall", want: "post-install,pre-delete", didYouMean: "pre-delete"},
		{value: "pre-uninstall", want: "pre-delete", didYouMean: "pre-delete"},
		{value: "post-uninstall", want: "post-delete", didYouMean: "post-delete"},
		{value: "pre-remove", want: "pre-delete", didYouMean: "pre-delete"},
		{value: "post-destroy", want: "post-delete", didYouMean: "post-delete"},
		{value: "pre-update", want: "pre-upgrade", didYouMean: "pre-upgrade"},
		{value: "post-update", want: "post-upgrade", didYouMean: "post-upgrade"},
		{value: "pre-revert", want: "pre-rollback", didYouMean: "pre-rollback"},
		{value: "pre-roll-back", want: "pre-rollback", didYouMean: "pre-rollback"},
		{value: "pre-deploy", want: deploy, didYouMean: deploy},
		{value: "post-deployment", want: afterDeploy, didYouMean: afterDeploy},
		{value: "before-install", want: "pre-install", didYouMean: "pre-install"},
		{value: "after-upgrade", want: "post-upgrade", didYouMean: "post-upgrade"},
		{value: "test-failure", want: "test", didYouMean: "test"},
		{value: "tests", want: "test", didYouMean: "test"},
		{value: "helm-test", want: "test", didYouMean: "test"},
		{value: "test-sucess", want: "test", didYouMean: "test"},
		{value: "presync", want: deploy, didYouMean: deploy},
		{value: "PreSync", want: deploy, didYouMean: deploy},
		{value: "PostSync", want: afterDeploy, didYouMean: afterDeploy},
		{value: "PostDelete", want: "post-delete", didYouMean: "post-delete"},
		// Spelling.
		{value: "preinstall", want: "pre-install", didYouMean: "pre-install"},
		{value: "pre_install", want: "pre-install", didYouMean: "pre-install"},
		{value: "pre install", want: "pre-install", didYouMean: "pre-install"},
		{value: "PreInstall", want: "pre-install", didYouMean: "pre-install"},
		{value: "pre–install", want: "pre-install", didYouMean: "pre-install"},
		{value: "pre-instal", want: "pre-install", didYouMean: "pre-install"},
		{value: "pre-isntall", want: "pre-install", didYouMean: "pre-install"},
		{value: "psot-install", want: "post-install", didYouMean: "post-install"},
		{value: "post-upgarde", want: "post-upgrade", didYouMean: "post-upgrade"},
		{value: "pre-rolback", want: "pre-rollback", didYouMean: "pre-rollback"},
		{value: "tset", want: "test", didYouMean: "test"},
		{value: "pre-install.", want: "pre-install", didYouMean: "pre-install"},
		// Lists.
		{value: "pre-install,", want: "pre-install", didYouMean: "pre-install"},
		{value: ",pre-install", want: "pre-install", didYouMean: "pre-install"},
		{value: "pre-install,,pre-upgrade", want: deploy, didYouMean: deploy},
		{value: "pre-install;pre-upgrade", want: deploy, didYouMean: deploy},
		{value: "pre-install; pre-upgrade;", want: deploy, didYouMean: deploy},
		{value: "pre-install pre-upgrade", want: deploy, didYouMean: deploy},
		{value: "pre-install\npre-upgrade\n", want: deploy, didYouMean: deploy},
		{value: "- pre-install\n- pre-upgrade\n", want: deploy, didYouMean: deploy},
		{value: "pre-install|pre-upgrade", want: deploy, didYouMean: deploy},
		{value: "pre-install/pre-upgrade", want: deploy, didYouMean: deploy},
		{value: "pre-install and pre-upgrade", want: deploy, didYouMean: deploy},
		{value: "pre-install & pre-upgrade", want: deploy, didYouMean: deploy},
		{value: "pre install, pre upgrade", want: deploy, didYouMean: deploy},
		{value: "pre install pre upgrade", want: deploy, didYouMean: deploy},
		{value: `["pre-install"]`, want: "pre-install", didYouMean: "pre-install"},
		{value: `["pre-install", "pre-upgrade"]`, want: deploy, didYouMean: deploy},
		{value: `[pre-install,pre-upgrade]`, want: deploy, didYouMean: deploy},
		{value: `"pre-install"`, want: "pre-install", didYouMean: "pre-install"},
		{value: `'pre-install','pre-upgrade'`, want: deploy, didYouMean: deploy},
		{value: "pre-install,pre-deploy", want: deploy, didYouMean: deploy},
		{value: "test-success,pre-uninstall", want: "test,pre-delete", didYouMean: "pre-delete"},
		{value: "preinstall,preupgrade", want: deploy, didYouMean: deploy},
		// Only the author knows.
		{value: "install", alternatives: []string{"pre-install", "post-install"}},
		{value: "upgrade", alternatives: []string{"pre-upgrade", "post-upgrade"}},
		{value: "delete", alternatives: []string{"pre-delete", "post-delete"}},
		{value: "uninstall", alternatives: []string{"pre-delete", "post-delete"}},
		{value: "rollback", alternatives: []string{"pre-rollback", "post-rollback"}},
		{value: "install,upgrade", alternatives: []string{deploy, afterDeploy}},
		{value: "test,install", alternatives: []string{"test,pre-install", "test,post-install"}},
		// No guess is sound.
		{value: ""},
		{value: " "},
		{value: ","},
		{value: "[]"},
		{value: "*"},
		{value: "true"},
		{value: "on"},
		{value: "yes"},
		{value: "crd-install"},
		{value: "crd_install"},
		{value: "crd-install,pre-install"},
		{value: "Sync"},
		{value: "SyncFail"},
		{value: "Skip"},
		{value: "deploy"},
		{value: "pre"},
		{value: "post"},
		{value: "pre-test"},
		{value: "pre-release"},
		{value: "pre-start"},
		{value: "pre-hook"},
		{value: "text"},
		{value: "rest"},
		{value: "reinstall"},
		{value: "foo"},
		{value: "pre-install,foo"},
		{value: "install then upgrade"},
		{value: "hook-succeeded"},
		{value: "before-hook-creation"},
		{value: "poinstall"},
		{value: "{{ .Values.hook }}"},
		{value: strings.Repeat("pre-install ", 2000) + "x"},
	} {
		got := suggestEvents(test.value)
		if got.Value != test.want || got.DidYouMean != test.didYouMean || !cmp.Equal(got.Alternatives, test.alternatives) {
			t.Errorf("suggestEvents(%q)\n got %q %q %q\nwant %q %q %q", quoteRaw(test.value),
				got.Value, got.DidYouMean, got.Alternatives, test.want, test.didYouMean, test.alternatives)
		}
	}
}

func TestSuggestEventsSaysWhatIsWrong(t *testing.T) {
	for value, want := range map[string]string{
		"pre-install;pre-upgrade": "Helm separates events by commas only",
		"pre-install pre-upgrade": "Helm separates events by commas only",
		"pre install":             "",
		"pre-install, foo":        "",
		`["pre-install"]`:         "Helm reads a text here, not a list",
		"- pre-install":           "Helm reads a text here, not a list",
		`"pre-install"`:           "the quotes are part of the value",
	} {
		if got := suggestEvents(value).Why; got != want {
			t.Errorf("suggestEvents(%q).Why = %q, want %q", value, got, want)
		}
	}
	for value, want := range map[string]string{"Sync": "ordinary resources", "SyncFail": "no counterpart", "test-failure": "is gone", "test": "", "presync": ""} {
		if got := suggestEvents(value).Note; !strings.Contains(got, want) || want == "" && got != "" {
			t.Errorf("suggestEvents(%q).Note = %q, want %q in it", value, got, want)
		}
	}
}

func TestSuggestPolicies(t *testing.T) {
	for value, want := range map[string]string{
		"hook-success":                          "hook-succeeded",
		"hook-succeded":                         "hook-succeeded",
		"HookSucceeded":                         "hook-succeeded",
		"hook-failure":                          "hook-failed",
		"before-hook-create":                    "before-hook-creation",
		"BeforeHookCreation":                    "before-hook-creation",
		"before-hook-creation;hook-succeeded":   "before-hook-creation,hook-succeeded",
		"before-hook-creation hook-succeeded":   "before-hook-creation,hook-succeeded",
		"hook-succeeded,hook-succeeded,":        "hook-succeeded",
		`["hook-succeeded", "hook-failed"]`:     "hook-succeeded,hook-failed",
		"hook-succeeded,before-hook-creaton":    "hook-succeeded,before-hook-creation",
		"":                                      "",
		"never":                                 "",
		"keep":                                  "",
		"false":                                 "",
		"hook-completed":                        "",
		"after-hook-creation-and-something":     "",
		"hook-succeeded,never":                  "",
		"pre-install":                           "",
		"*":                                     "",
		"before-hook-creation,hook-succeeded,-": "",
	} {
		if got := suggestPolicies(value, knownPolicies[:]); got != want {
			t.Errorf("suggestPolicies(%q) = %q, want %q", value, got, want)
		}
	}
	if got := suggestPolicies("before-hook", knownPolicies[1:]); got != "" {
		t.Errorf("before-hook-creation is no output log policy, but suggested as %q", got)
	}
}

func TestTypingErrors(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "abc", 3},
		{"abc", "", 3},
		{"weight", "weight", 0},
		{"weigth", "weight", 1},
		{"weigt", "weight", 1},
		{"weigght", "weight", 1},
		{"wright", "weight", 1},
		{"kitten", "sitting", 3},
	} {
		if got := typingErrors(test.a, test.b); got != test.want {
			t.Errorf("typingErrors(%q, %q) = %d, want %d", test.a, test.b, got, test.want)
		}
	}
}

// someValue draws annotation values as people write them, and anything else.
func someValue() *rapid.Generator[string] {
	piece := rapid.SampledFrom([]string{
		"pre-install", "post-upgrade", "test", "test-success", "test-failure", "crd-install", "pre-uninstall", "install", "upgrade",
		"pre", "post", "hook-succeeded", "hook-success", "before-hook-creation", "PreSync", "", " ", ",", ";", "\n", "[", "]", `"`, "'", "-", "_", "and", "é", "\x00",
	})
	return rapid.OneOf(
		rapid.String(),
		rapid.Map(rapid.SliceOfN(piece, 0, 8), func(pieces []string) string { return strings.Join(pieces, "") }),
		rapid.Map(rapid.SliceOfN(piece, 0, 8), func(pieces []string) string { return strings.Join(pieces, ",") }),
	)
}

// checkSuggestions fails where a suggestion is something that Helm would drop or ignore.
func checkSuggestions(t interface{ Fatalf(string, ...any) }, value string) {
	s := suggestEvents(value)
	for _, candidate := range append([]string{s.Value, s.DidYouMean}, s.Alternatives...) {
		if candidate == "" {
			continue
		}
		events, unknown, ok := splitEvents(candidate)
		if !ok {
			t.Fatalf("suggestEvents(%q) gives %q, but Helm does not know %q", value, candidate, unknown)
		}
		for i, event := range events {
			if slices.Contains(events[:i], event) {
				t.Fatalf("suggestEvents(%q) gives %q, which runs twice", value, candidate)
			}
		}
	}
	if (s.Value == "") != (s.DidYouMean == "") || s.Value != "" && s.Alternatives != nil {
		t.Fatalf("suggestEvents(%q) is at odds with itself: %+v", value, s)
	}
	policies := suggestPolicies(value, knownPolicies[:])
	if policies == "" {
		return
	}
	for _, policy := range strings.Split(policies, ",") {
		if !slices.Contains(knownPolicies[:], DeletePolicy(policy)) {
			t.Fatalf("suggestPolicies(%q) gives %q", value, policies)
		}
	}
}

func TestSuggestionsAreAlwaysValid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkSuggestions(t, someValue().Draw(t, "value")) })
}

func FuzzSuggest(f *testing.F) {
	for _, seed := range []string{"post-install, pre-uninstall", `["pre-install"]`, "pre install;post\ninstall", ",", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) { checkSuggestions(t, value) })
}

// What Helm reads, the suggestion repeats.
func TestSuggestEventsAgreesWithHelm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.Map(rapid.SliceOfN(rapid.SampledFrom(everyEvent[:]), 1, 5), func(events []Event) string {
			var words []string
			for _, event := range events {
				words = append(words, string(event))
			}
			return strings.Join(words, " , ")
		}).Draw(t, "value")
		events, _, _ := splitEvents(value)
		if got := suggestEvents(value); got.Value != joinEvents(events) {
			t.Fatalf("suggestEvents(%q) = %+v", value, got)
		}
	})
}
