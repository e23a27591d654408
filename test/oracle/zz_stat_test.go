package oracle

import (
	"fmt"
	"regexp"
	"sort"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestStat(t *testing.T) {
	for _, helm := range []string{"3", "4", ""} {
		errs := map[string]int{}
		steps, fails, ops, n := 0, 0, 0, 0
		var took time.Duration
		re := regexp.MustCompile(`"[^"]*"|[a-z0-9-]+/[a-z0-9./_-]+|\d+`)
		rapid.Check(t, func(t *rapid.T) {
			sc := GenerateScenario(t, helm)
			start := time.Now()
			res, err := Run(sc)
			took += time.Since(start)
			if err != nil {
				t.Fatal(err)
			}
			n++
			for i, s := range res.Steps {
				steps++
				ops += len(s.Ops)
				if s.Err != "" {
					fails++
					e := re.ReplaceAllString(s.Err, "X")
					if len(e) > 110 { e = e[:110] }
					errs[sc.Steps[i].Action+": "+e]++
				}
			}
		})
		fmt.Println("helm", helm, n, "scenarios", steps, "steps", fails, "fails", ops, "ops", took/time.Duration(n))
		var ks []string
		for k := range errs {
			ks = append(ks, k)
		}
		sort.Slice(ks, func(i, j int) bool { return errs[ks[i]] > errs[ks[j]] })
		for i, k := range ks {
			if i > 28 { break }
			fmt.Println("   ", errs[k], k)
		}
	}
}
