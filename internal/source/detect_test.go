package source

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/helm-hooks/helm-hooks/internal/gitops"
)

const (
	oneRelease = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: shop, namespace: web}\nspec: {interval: 1m}\n"
	otherPlace = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: shop, namespace: prod}\nspec: {interval: 1m}\n"
	oneApp     = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: shop, namespace: argocd}\nspec: {}\n"
	deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, labels: {helm.toolkit.fluxcd.io/name: HelmRelease}}\n"
	repository = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {name: charts}\nspec: {url: https://charts.example.com}\n"
)

func TestDetect(t *testing.T) {
	for _, c := range []struct {
		name, object string
		documents    []string
		want         string
		err, hint    string
	}{
		{name: "rendered YAML", documents: []string{deployment}},
		{name: "one", documents: []string{oneRelease, repository}, want: "HelmRelease/shop of web"},
		{name: "an Application", documents: []string{oneApp}, want: "Application/shop of argocd"},
		{name: "with objects of a chart", documents: []string{oneRelease, deployment}},
		{name: "with Helm's comments", documents: []string{"# Source: a/templates/b.yaml\n" + oneRelease}},
		{name: "chosen among objects of a chart", object: "shop", documents: []string{oneRelease, deployment}, want: "HelmRelease/shop of web"},
		{name: "several", documents: []string{oneRelease, oneApp}, err: "x.yaml holds 2 objects that install something: HelmRelease/shop, Application/shop", hint: "--object HelmRelease/shop"},
		{name: "by kind", object: "application/shop", documents: []string{oneRelease, oneApp}, want: "Application/shop of argocd"},
		{name: "by namespace", object: "prod/shop", documents: []string{oneRelease, otherPlace}, want: "HelmRelease/shop of prod"},
		{name: "twice", object: "HelmRelease/shop", documents: []string{oneRelease, otherPlace}, err: "holds 2 of that name", hint: "HelmRelease/shop (prod/shop)"},
		{name: "no such name", object: "cart", documents: []string{oneRelease}, err: "--object cart: x.yaml holds no such", hint: "it holds HelmRelease/shop"},
		{name: "none at all", object: "cart", documents: []string{deployment}, err: "x.yaml holds no HelmRelease and no Application"},
		{name: "a name that is none", documents: []string{strings.Replace(oneRelease, "name: shop", "name: off", 1)}, err: "x.yaml, line 1: HelmRelease: metadata: name is true or false and should be a string"},
		{name: "a broken one among what was rendered", documents: []string{"# Source: a/b.yaml\n" + strings.Replace(oneRelease, "name: shop", "name: off", 1)}},
	} {
		found, err := Detect(strings.Join(c.documents, "---\n"), "x.yaml", c.object)
		var known *Error
		switch {
		case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
			t.Errorf("%s: %v", c.name, err)
		case c.hint != "" && (!errors.As(err, &known) || !strings.Contains(known.Hint, c.hint)):
			t.Errorf("%s: hint of %v", c.name, err)
		case c.err == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want == "" && found.Object != nil, c.want != "" && (found.Object == nil || found.Object.Ref()+" of "+found.Object.Namespace != c.want):
			t.Errorf("%s: %+v", c.name, found.Object)
		}
	}
}

func TestAStreamSaysWhatItDoesNotPlan(t *testing.T) {
	read, err := FromStream([]Input{{Name: "x.yaml", Reader: strings.NewReader(oneRelease + "---\n" + deployment)}}, StreamOptions{Given: "x.yaml"})
	if err != nil {
		t.Fatal(err)
	}
	if notes := strings.Join(read.Notes, "\n"); !strings.Contains(notes, "HelmRelease/shop is one of these objects") || !strings.Contains(notes, "helm hooks plan x.yaml --object HelmRelease/shop") {
		t.Error(notes)
	}
}

func TestWhereAPathOfARepositoryIsFound(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"charts/shop/Chart.yaml", "apps/charts/cart/Chart.yaml", "charts/cart/Chart.yaml", "packed/shop-1.0.0.tgz", "plain/values.yaml", ".git/HEAD"} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(dir, "charts"), filepath.Join(dir, "apps", "same")); err != nil {
		t.Skip(err)
	}
	t.Chdir(filepath.Join(dir, "apps"))
	folders := Folders("shop.yaml")
	for _, c := range []struct {
		path, want string
		others     int
	}{
		{"./charts/shop", "charts/shop", 0},
		{"charts/cart", "apps/charts/cart", 1},
		{"same/shop", "apps/same/shop", 0},
		{"packed/shop-1.0.0.tgz", "packed/shop-1.0.0.tgz", 0},
		{"plain", "", 0},
		{"../../charts/shop", "charts/shop", 0},
		{"nowhere", "", 0},
	} {
		found, _, others := inRepository(c.path, folders, isChart)
		full := ""
		if found != "" {
			var err error
			if full, err = filepath.Abs(found); err != nil {
				t.Fatal(err)
			}
			full, _ = filepath.Rel(dir, full)
		}
		if filepath.ToSlash(full) != c.want || len(others) != c.others {
			t.Errorf("%s: %s, and %v", c.path, full, others)
		}
	}
	for _, c := range []struct{ chart, path, want string }{
		{"../charts/shop", "charts/shop", dir},
		{"../charts/shop", "./charts/shop/", dir},
		{"../charts/shop", "elsewhere", dir}, // that of its Git repository
	} {
		got := rootOf(Target{Kind: KindChart, Ref: c.chart}, c.path)
		if full, err := filepath.Abs(got); err != nil || full != c.want {
			t.Errorf("%v: %s", c, got)
		}
	}
	if got := rootOf(Target{Kind: KindRepo, Ref: "a/b"}, "charts/shop"); got != "" {
		t.Error(got)
	}
}

// Of a chart that is no folder, the files are those inside it.
func TestFilesOfAChartInARepository(t *testing.T) {
	chart := place{target: Target{Kind: KindURL, Ref: "oci://registry.example.com/shop"}}
	files := valueFiles{chart: chart, inChart: true}
	err := files.resolve(gitops.Parameters{ValueFiles: []string{"values-prod.yaml", "/ci/a.yaml", "https://example.com/b.yaml", "values-prod.yaml"}, SetFile: []string{`a=x\,y.txt`}})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(files.files, " | "); got != "file of the chart: values-prod.yaml | file of the chart: ci/a.yaml | https://example.com/b.yaml" {
		t.Error(got)
	}
	if got := strings.Join(files.setFile, " | "); got != `a=file of the chart: x\,y.txt` {
		t.Error(got)
	}
	for _, name := range []string{"*.yaml", "**/a.yaml"} {
		if err := (&valueFiles{chart: chart, inChart: true}).resolve(gitops.Parameters{ValueFiles: []string{name}}); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestValueFilesStayInTheRepository(t *testing.T) {
	inRoot := place{target: Target{Kind: KindChart, Ref: filepath.Join("repo", "charts", "shop")}, root: "repo"}
	for name, want := range map[string]string{
		"../../values.yaml": filepath.Join("repo", "values.yaml"), "/values.yaml": filepath.Join("repo", "values.yaml"), "/../../values.yaml": filepath.Join("repo", "values.yaml"),
		"../../../values.yaml": "", "ftp://example.com/x.yaml": "",
	} {
		files := valueFiles{chart: inRoot}
		found, err := files.find(name)
		if want == "" && err == nil || want != "" && (err != nil || len(found) != 1 || found[0] != want) {
			t.Errorf("%s: %v, %v", name, found, err)
		}
	}
}

// What is named has its place there, not where a pattern takes it in too.
func TestTheOrderOfValueFiles(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.yaml", "b.yaml", "c.yaml"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files := valueFiles{chart: place{target: Target{Kind: KindChart, Ref: dir}}}
	if err := files.resolve(gitops.Parameters{ValueFiles: []string{"b.yaml", "*.yaml", "a.yaml", "none*.yaml", "gone.yaml"}, IgnoreMissing: true}); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range files.files {
		names = append(names, filepath.Base(file))
	}
	if got := strings.Join(names, " "); got != "b.yaml c.yaml a.yaml" {
		t.Error(got)
	}
	err := (&valueFiles{chart: place{target: Target{Kind: KindChart, Ref: dir}}}).resolve(gitops.Parameters{ValueFiles: []string{"none*.yaml"}})
	if err == nil || !strings.Contains(err.Error(), "no file is like none*.yaml") {
		t.Error(err)
	}
}
