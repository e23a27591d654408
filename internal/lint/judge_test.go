package lint

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

func Test_ignored_objects_are_findings(t *testing.T) {
	s := judged(t, chart(t, files{"templates/a.yaml": job("a", "helm.sh/hook: pre-instal")}), nil)
	f := one(t, s, "HH001")
	if f.Severity != plan.SeverityError || f.File != "./chart/templates/a.yaml" || f.Line != 6 || f.Object.Name != "a" || f.Fix == "" {
		t.Errorf("%+v", f)
	}
}

func Test_a_dropped_crd_that_crds_installs_is_a_note(t *testing.T) {
	crd := "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: gadgets.example.com\n"
	rest := "spec:\n  group: example.com\n  scope: Namespaced\n  names: {kind: Gadget, plural: gadgets}\n"
	s := judged(t, chart(t, files{
		"crds/gadgets.yaml": crd + rest, "templates/gadgets.yaml": crd + "  annotations:\n    helm.sh/hook: crd-install\n" + rest,
	}), nil)
	if f := one(t, s, "HH002"); f.Severity != plan.SeverityInfo || !strings.Contains(f.Message, "crds/gadgets.yaml") {
		t.Errorf("%+v", f)
	}
}

func Test_levels_change_what_counts(t *testing.T) {
	dir := chart(t, files{"templates/a.yaml": job("a", "helm.sh/hook: pre-instal")})
	if s := judged(t, dir, Rules{"HH001": Off}); len(of(s, "HH001")) != 0 {
		t.Error("a rule that is off is reported")
	}
	if f := one(t, judged(t, dir, Rules{"HH001": Info}), "HH001"); f.Severity != plan.SeverityInfo {
		t.Errorf("%+v", f)
	}
}

func Test_findings_say_under_which_values_they_show(t *testing.T) {
	dir := chart(t, files{
		"values.yaml": "event: pre-install\non: false\n",
		"templates/a.yaml": job("a", "helm.sh/hook: {{ .Values.event }}") + "---\n" +
			"{{- if .Values.on }}\n" + job("b", "helm.sh/hook: pre-instal") + "{{- end }}\n",
		"templates/c.yaml": job("c", "helm.sh/hook: post-instal"),
	})
	s := judged(t, dir, nil,
		ValuesSet{Name: "plain"}, ValuesSet{Name: "typo", Set: []string{"event=pre-instal"}}, ValuesSet{Name: "on", Set: []string{"on=true"}})
	if !slices.Equal(s.Sets, []string{"plain", "typo", "on"}) {
		t.Errorf("%v", s.Sets)
	}
	want := map[string][]string{"a": {"typo"}, "b": {"on"}, "c": nil}
	for _, f := range of(s, "HH001") {
		sets, known := want[f.Object.Name]
		if !known || !slices.Equal(f.Sets, sets) || (sets == nil) != (f.Sets == nil) {
			t.Errorf("%s: %v, want %v", f.Object.Name, f.Sets, sets)
		}
		delete(want, f.Object.Name)
	}
	if len(want) > 0 {
		t.Errorf("not found: %v", want)
	}
}

func Test_two_lines_are_two_findings(t *testing.T) {
	dir := chart(t, files{
		"values.yaml":      "on: false\n",
		"templates/a.yaml": job("a", "{{- if .Values.on }}", "helm.sh/hook: pre-instal", "{{- else }}", "helm.sh/hook: pre-instal", "{{- end }}", "{{- if .Values.on }}", "on: a", "{{- else }}", "off: a", "{{- end }}"),
	})
	s := judged(t, dir, nil, ValuesSet{Name: "off"}, ValuesSet{Name: "on", Set: []string{"on=true"}})
	all := of(s, "HH001")
	// The two branches are equal, so no line is certain: one finding for both.
	if len(all) != 1 || all[0].Line != 0 || !strings.Contains(all[0].Note, "more than one place") {
		t.Errorf("%+v", all)
	}
	dir = chart(t, files{
		"values.yaml":      "on: false\n",
		"templates/a.yaml": job("a", "{{- if .Values.on }}", "helm.sh/hook: pre-instal", "on: a", "{{- else }}", "off: a", "helm.sh/hook: pre-instal", "{{- end }}"),
	})
	all = of(judged(t, dir, nil, ValuesSet{Name: "off"}, ValuesSet{Name: "on", Set: []string{"on=true"}}), "HH001")
	if len(all) != 2 || all[0].Line != 7 || all[1].Line != 11 || !slices.Equal(all[0].Sets, []string{"on"}) || !slices.Equal(all[1].Sets, []string{"off"}) {
		t.Errorf("%+v", all)
	}
}

func Test_an_install_and_an_upgrade_from_different_lines_have_no_line(t *testing.T) {
	dir := chart(t, files{
		"templates/a.yaml": "{{- if .Release.IsInstall }}\n" + job("a", "helm.sh/hook: post-install,post-upgrade", "helm.sh/hook-weight: \"x\"") +
			"{{- else }}\n" + job("a", "helm.sh/hook-weight: \"x\"", "helm.sh/hook: post-install,post-upgrade") + "{{- end }}\n",
	})
	for _, f := range of(judged(t, dir, nil), "HH003") {
		if f.Line != 0 || f.Note == "" {
			t.Errorf("%+v", f)
		}
	}
}

func Test_subcharts(t *testing.T) {
	dir := chart(t, files{
		"Chart.yaml":                      "apiVersion: v2\nname: shop\nversion: 1.4.0\ndependencies:\n  - name: queue\n    alias: mail\n    version: 0.1.0\n  - name: cache\n    version: 0.1.0\n",
		"charts/queue/Chart.yaml":         "apiVersion: v2\nname: queue\nversion: 0.1.0\n",
		"charts/queue/templates/a.yaml":   job("{{ .Chart.Name }}", "helm.sh/hook: pre-instal"),
		"charts/cache-0.1.0/unpacked.txt": "",
	})
	if err := os.RemoveAll("chart/charts/cache-0.1.0"); err != nil {
		t.Fatal(err)
	}
	pack(t, "chart/charts/cache-0.1.0.tgz", "cache", files{
		"Chart.yaml": "apiVersion: v2\nname: cache\nversion: 0.1.0\n", "templates/b.yaml": job("b", "helm.sh/hook: pre-instal"),
	})
	s := judged(t, dir, nil)
	all := of(s, "HH001")
	if len(all) != 2 {
		t.Fatalf("%+v", all)
	}
	packed, unpacked := all[0], all[1]
	if packed.File != "./chart/Chart.yaml" || packed.Line != 8 || packed.Note != "in the packed subchart cache: shop/charts/cache/templates/b.yaml" {
		t.Errorf("%+v", packed)
	}
	if unpacked.File != "./chart/charts/queue/templates/a.yaml" || unpacked.Line != 6 || unpacked.Note != "" {
		t.Errorf("%+v", unpacked)
	}
}

func Test_a_packed_chart_is_its_archive(t *testing.T) {
	t.Chdir(t.TempDir())
	pack(t, "shop.tgz", "shop", files{
		"Chart.yaml": "apiVersion: v2\nname: shop\nversion: 0.1.0\n", "templates/a.yaml": job("a", "helm.sh/hook: pre-instal"),
	})
	f := one(t, judged(t, "./shop.tgz", nil), "HH001")
	if f.File != "./shop.tgz" || f.Line != 0 || f.Note != "in the archive: shop/templates/a.yaml" {
		t.Errorf("%+v", f)
	}
}

// pack makes a chart archive.
func pack(t *testing.T, path, name string, all files) {
	t.Helper()
	var out bytes.Buffer
	packed := gzip.NewWriter(&out)
	archive := tar.NewWriter(packed)
	for file, text := range all {
		if err := archive.WriteHeader(&tar.Header{Name: name + "/" + file, Mode: 0o644, Size: int64(len(text))}); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if err := packed.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func Test_exit_codes(t *testing.T) {
	found := func(severity plan.Severity, suppressed bool) Source {
		f := Finding{Finding: plan.Finding{Severity: severity}}
		if suppressed {
			f.Suppressed = &Suppression{}
		}
		return Source{Findings: []Finding{f}}
	}
	for _, c := range []struct {
		name   string
		report Report
		want   int
	}{
		{"nothing", Report{}, 0},
		{"an error", Report{Sources: []Source{found(plan.SeverityError, false)}}, 2},
		{"a warning is not enough", Report{Sources: []Source{found(plan.SeverityWarning, false)}}, 0},
		{"a warning is enough", Report{FailOn: "warning", Sources: []Source{found(plan.SeverityWarning, false)}}, 2},
		{"a note is enough", Report{FailOn: "info", Sources: []Source{found(plan.SeverityInfo, false)}}, 2},
		{"never", Report{FailOn: FailNever, Sources: []Source{found(plan.SeverityError, false)}}, 0},
		{"suppressed", Report{Sources: []Source{found(plan.SeverityError, true)}}, 0},
		{"1 beats 2", Report{Sources: []Source{found(plan.SeverityError, false)}, Errors: []Problem{{}}}, 1},
		{"1 also when findings never fail", Report{FailOn: FailNever, Errors: []Problem{{}}}, 1},
	} {
		if got := c.report.ExitCode(); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}
