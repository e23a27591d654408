package oracle

import (
	"flag"
	"os"
	"testing"
)

// checks is how many lives of each kind TestGenerated plays unless -rapid.checks says otherwise: three
// kinds of 400 lives, each over two generated charts.
const checks = "400"

func TestMain(m *testing.M) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	if !given {
		if err := flag.Set("rapid.checks", checks); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
