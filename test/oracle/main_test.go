package oracle

import (
	"flag"
	"os"
	"strings"
	"testing"
)

// checks is how many lives of each kind TestGenerated plays unless -rapid.checks says otherwise: three
// kinds of 400 lives, each over two generated charts.
const checks = "400"

// seed makes these lives the same on every machine: a rare disagreement is for `make oracle` to find, which
// draws new lives each time, not for a test that others rely on.
const seed = "20261122"

// given says that -rapid flags were given; without them the tests of live releases play every fifth of their lives,
// as each takes several plans.
var given bool

func TestMain(m *testing.M) {
	flag.Parse()
	flag.Visit(func(f *flag.Flag) { given = given || strings.HasPrefix(f.Name, "rapid.") })
	if !given {
		for name, value := range map[string]string{"rapid.checks": checks, "rapid.seed": seed} {
			if err := flag.Set(name, value); err != nil {
				panic(err)
			}
		}
	}
	os.Exit(m.Run())
}
