package source

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"
)

// disk is an imagined disk: a path ending in / is a folder.
type disk []string

func (d disk) Stat(name string) (fs.FileInfo, error) {
	clean := strings.TrimSuffix(strings.TrimPrefix(name, "./"), "/")
	for _, entry := range d {
		if strings.TrimSuffix(entry, "/") == clean {
			return entryInfo{name: clean, dir: strings.HasSuffix(entry, "/")}, nil
		}
	}
	return nil, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrNotExist}
}

type entryInfo struct {
	name string
	dir  bool
}

func (e entryInfo) Name() string       { return e.name }
func (e entryInfo) Size() int64        { return 0 }
func (e entryInfo) Mode() fs.FileMode  { return 0o644 }
func (e entryInfo) ModTime() time.Time { return time.Time{} }
func (e entryInfo) IsDir() bool        { return e.dir }
func (e entryInfo) Sys() any           { return nil }

func TestClassify(t *testing.T) {
	world := disk{
		"shop/", "shop/Chart.yaml", "bare/", "notes", "out.yaml", "shop-1.0.0.tgz", "dir.yaml/", "dir.yaml/Chart.yaml",
		"charts/shop/", "charts/shop/Chart.yaml", "charts/out.txt", "kust/", "kust/kustomization.yaml",
		"/abs/shop/", "/abs/shop/Chart.yaml", "/home/me/shop/", "/home/me/shop/Chart.yaml", "../up/", "../up/Chart.yaml",
		"helmrelease/real/", "helmrelease/real/Chart.yaml", "stable/shop.yml",
	}
	here := append(disk{"./", "Chart.yaml"}, world...)
	for _, test := range []struct {
		name   string
		args   []string
		choice Choice
		disk   disk
		want   Target
		err    string
		hint   string
	}{
		{name: "a dash is standard input", args: []string{"-"}, want: Target{Kind: KindStdin, Ref: "-"}},
		{name: "./ is a path", args: []string{"./shop"}, want: Target{Kind: KindChart, Ref: "./shop"}},
		{name: "../ is a path", args: []string{"../up"}, want: Target{Kind: KindChart, Ref: "../up"}},
		{name: "/ is a path", args: []string{"/abs/shop"}, want: Target{Kind: KindChart, Ref: "/abs/shop"}},
		{name: "~ is the home folder", args: []string{"~/shop"}, want: Target{Kind: KindChart, Ref: "/home/me/shop"}},
		{name: "a missing ./ path never falls through", args: []string{"./release"}, err: "no such file or folder: ./release"},
		{name: "a missing ~ path never falls through", args: []string{"~/release"}, err: "no such file or folder: ~/release"},
		{name: "another user's home is not guessed", args: []string{"~you/shop"}, err: "no such file or folder: ~you/shop"},
		{name: ".tgz is a path", args: []string{"shop-1.0.0.tgz"}, want: Target{Kind: KindChart, Ref: "shop-1.0.0.tgz"}},
		{name: "a missing .tgz never falls through", args: []string{"shop-2.0.0.tgz"}, err: "no such file or folder: shop-2.0.0.tgz"},
		{name: ".yaml is rendered YAML", args: []string{"out.yaml"}, want: Target{Kind: KindFile, Ref: "out.yaml"}},
		{name: ".yml is rendered YAML", args: []string{"stable/shop.yml"}, want: Target{Kind: KindFile, Ref: "stable/shop.yml"}},
		{name: "a missing .json never falls through", args: []string{"x.json"}, err: "no such file or folder: x.json"},
		{name: "a chart in a folder that ends in .yaml", args: []string{"dir.yaml"}, want: Target{Kind: KindChart, Ref: "dir.yaml"}},
		{name: "Chart.yaml itself", args: []string{"shop/Chart.yaml"}, err: "shop/Chart.yaml is a chart's metadata, not rendered YAML", hint: "give the chart's folder: shop"},
		{name: "oci://", args: []string{"oci://r.example/charts/shop"}, want: Target{Kind: KindURL, Ref: "oci://r.example/charts/shop"}},
		{name: "https:// beats .tgz", args: []string{"https://r.example/shop.tgz"}, want: Target{Kind: KindURL, Ref: "https://r.example/shop.tgz"}},
		{name: "file://", args: []string{"file:///abs/shop"}, err: "file:///abs/shop: Helm reads no file URLs", hint: "give the path: /abs/shop"},
		{name: "helmrelease/NAME", args: []string{"helmrelease/shop"}, want: Target{Kind: KindHelmRelease, Ref: "shop"}},
		{name: "application/NAME", args: []string{"application/shop"}, want: Target{Kind: KindApplication, Ref: "shop"}},
		{
			name: "helmrelease/NAME with a folder of that name", args: []string{"helmrelease/real"},
			want: Target{Kind: KindHelmRelease, Ref: "real", Note: "for the path of that name here: ./helmrelease/real"},
		},
		{name: "helmrelease/ without a name is no such object", args: []string{"helmrelease/"}, err: "helmrelease/ lacks the name of the object"},
		{name: "an existing path with a slash", args: []string{"charts/shop"}, want: Target{Kind: KindChart, Ref: "charts/shop"}},
		{name: "an existing file with a slash", args: []string{"charts/out.txt"}, want: Target{Kind: KindFile, Ref: "charts/out.txt"}},
		{name: "no path with that slash: REPO/CHART", args: []string{"stable/shop"}, want: Target{Kind: KindRepo, Ref: "stable/shop"}},
		{name: "a slash at the end", args: []string{"shop/"}, want: Target{Kind: KindChart, Ref: "shop/"}},
		{
			name: "a folder here with Chart.yaml", args: []string{"shop"},
			want: Target{Kind: KindChart, Ref: "shop", Note: "shop is the chart in this folder; for the release of that name: --source-type release"},
		},
		{
			name: "a folder here without Chart.yaml", args: []string{"bare"},
			want: Target{Kind: KindRelease, Ref: "bare", Note: "bare is taken for a release: the folder of that name here has no Chart.yaml"},
		},
		{
			name: "a file here without an ending", args: []string{"notes"},
			want: Target{Kind: KindRelease, Ref: "notes", Note: "notes is taken for a release; for the file of that name here: ./notes"},
		},
		{name: "a word", args: []string{"web"}, want: Target{Kind: KindRelease, Ref: "web"}},
		{name: "a word with --repo", args: []string{"shop"}, choice: Choice{RepoURL: "https://r.example"}, want: Target{Kind: KindRepo, Ref: "shop"}},
		{name: "nothing, and a chart here", disk: here, want: Target{Kind: KindChart, Ref: ".", Given: "."}},
		{name: "a dot, and a chart here", args: []string{"."}, disk: here, want: Target{Kind: KindChart, Ref: "."}},
		{name: "nothing, and no chart here", err: "no SOURCE given, and there is no Chart.yaml in this folder", hint: "name a chart"},
		{name: "an empty string", args: []string{""}, err: "the SOURCE is an empty string", hint: "unset variable"},
		{name: "blanks", args: []string{" "}, err: "the SOURCE is an empty string"},
		{name: "two", args: []string{"a", "b"}, err: "one SOURCE at a time, but got 2: a, b"},
		{name: "a folder that is no chart", args: []string{"./bare"}, err: "./bare is not a chart: it has no Chart.yaml", hint: "cat ./bare/*.yaml"},
		{name: "a kustomization", args: []string{"./kust"}, err: "./kust is not a chart", hint: "kustomize build ./kust | helm hooks plan -"},
		{name: "a drive letter elsewhere", args: []string{`C:\shop`}, want: Target{Kind: KindRelease, Ref: `C:\shop`}},

		{name: "--source-type release for a folder", args: []string{"shop"}, choice: Choice{SourceType: "release"}, want: Target{Kind: KindRelease, Ref: "shop"}},
		{name: "--source-type release without a name", choice: Choice{SourceType: "release"}, disk: here, err: "no SOURCE given"},
		{name: "--source-type stream for a file", args: []string{"notes"}, choice: Choice{SourceType: "stream"}, want: Target{Kind: KindFile, Ref: "notes"}},
		{name: "--source-type stream for nothing", choice: Choice{SourceType: "stream"}, disk: here, want: Target{Kind: KindStdin, Ref: "-", Given: "-"}},
		{name: "--source-type stream for a folder", args: []string{"shop"}, choice: Choice{SourceType: "stream"}, err: "shop is a folder, rendered YAML is a file"},
		{name: "--source-type stream for a missing file", args: []string{"none"}, choice: Choice{SourceType: "stream"}, err: "no such file or folder: none"},
		{name: "--source-type chart for a folder", args: []string{"bare"}, choice: Choice{SourceType: "chart"}, want: Target{Kind: KindChart, Ref: "bare"}},
		{name: "--source-type chart for REPO/CHART", args: []string{"helmrelease/x"}, choice: Choice{SourceType: "chart"}, want: Target{Kind: KindRepo, Ref: "helmrelease/x"}},
		{name: "--source-type chart for a missing path", args: []string{"./none"}, choice: Choice{SourceType: "chart"}, err: "no such file or folder: ./none"},
		{name: "--source-type chart for a missing word", args: []string{"none"}, choice: Choice{SourceType: "chart"}, err: "no such file or folder: none"},
		{name: "--source-type chart for standard input", args: []string{"-"}, choice: Choice{SourceType: "chart"}, err: "a chart cannot be read from standard input"},
		{name: "an unknown --source-type", args: []string{"x"}, choice: Choice{SourceType: "job"}, err: `unknown source type "job": valid are chart, release, stream`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.disk == nil {
				test.disk = world
			}
			got, err := Classify(test.args, Env{Stat: test.disk.Stat, Home: "/home/me"}, test.choice)
			checkClassified(t, got, err, test.want, test.args, test.err, test.hint)
		})
	}
}

func checkClassified(t *testing.T, got Target, err error, want Target, args []string, wantErr, wantHint string) {
	t.Helper()
	if wantErr != "" {
		if err == nil || !strings.Contains(err.Error(), wantErr) {
			t.Fatalf("got %+v and error %v, want error %s", got, err, wantErr)
		}
		var hinted *Error
		if wantHint != "" && (!errors.As(err, &hinted) || !strings.Contains(hinted.Hint, wantHint)) {
			t.Errorf("no hint %q in %#v", wantHint, err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if want.Given == "" {
		want.Given = args[0]
	}
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestClassifyOnWindows(t *testing.T) {
	world := disk{`C:\shop`, `.\out`, `sub\out`, `C:shop`}
	for _, test := range []struct {
		arg  string
		want Target
		err  string
	}{
		{arg: `C:\shop`, want: Target{Kind: KindFile, Ref: `C:\shop`}},
		{arg: `C:shop`, want: Target{Kind: KindFile, Ref: `C:shop`}},
		{arg: `.\out`, want: Target{Kind: KindFile, Ref: `.\out`}},
		{arg: `sub\out`, want: Target{Kind: KindFile, Ref: `sub\out`}},
		{arg: `D:\none`, err: `no such file or folder: D:\none`},
		{arg: `sub\none`, err: `no such file or folder: sub\none`},
		{arg: "stable/shop", want: Target{Kind: KindRepo, Ref: "stable/shop"}},
		{arg: "web", want: Target{Kind: KindRelease, Ref: "web"}},
	} {
		t.Run(test.arg, func(t *testing.T) {
			got, err := Classify([]string{test.arg}, Env{Stat: world.Stat, Windows: true}, Choice{})
			checkClassified(t, got, err, test.want, []string{test.arg}, test.err, "")
		})
	}
}
