package lint

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func Test_charts_are_found_below_a_folder(t *testing.T) {
	t.Chdir(t.TempDir())
	chart := "name: x\n"
	write(t, "repo", files{
		"charts/shop/Chart.yaml": chart, "charts/shop/charts/cache/Chart.yaml": chart, "charts/shop/templates/Chart.yaml": chart,
		"charts/shop/examples/small/Chart.yaml": chart, "charts/common/Chart.yaml": "name: common\ntype: library\n",
		"deep/er/and/deeper/web/Chart.yaml": chart, ".hidden/a/Chart.yaml": chart, "charts/odd/Chart.yaml/x": "a folder",
	})
	if err := os.Symlink("shop", filepath.FromSlash("repo/charts/link")); err != nil {
		t.Skip(err)
	}
	want := []Discovered{
		{Path: "./repo/charts/common", Library: true},
		{Path: "./repo/charts/shop"},
		{Path: "./repo/charts/shop/examples/small"},
		{Path: "./repo/deep/er/and/deeper/web"},
	}
	got, err := Discover("./repo")
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	for i := range want {
		want[i].Path = want[i].Path[2:]
	}
	if got, err = Discover("repo"); err != nil || !cmp.Equal(want, got) {
		t.Errorf("%+v, %v", got, err)
	}
	t.Chdir("repo")
	if got, err = Discover("."); err != nil || len(got) != 4 || got[0].Path != "./charts/common" {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err = Discover("charts/shop"); err != nil || got[0].Path != filepath.Join("charts", "shop") {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err = Discover("nowhere"); err == nil {
		t.Error("a folder that is not there is accepted")
	}
}
