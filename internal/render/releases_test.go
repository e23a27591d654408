package render

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/helm-hooks/helm-hooks/test/schema"
)

// noon is when the answers of these tests are made.
func noon() time.Time { return time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC) }

func someReleases() Releases {
	now := noon()
	migrate := HookRun{
		Kind: "Job", Name: "migrate", Template: "shop/templates/migrate.yaml", Events: []string{"pre-upgrade"}, Phase: "Failed",
		Started: now.Add(-3*time.Hour - time.Minute), Completed: now.Add(-3 * time.Hour),
	}
	died := HookRun{Kind: "Job", Name: "warm", Template: "shop/templates/warm.yaml", Events: []string{"post-install", "post-upgrade"}, Phase: "Running", Started: now.Add(-26 * time.Hour)}
	working := died
	working.Running, working.Started = true, now.Add(-40*time.Second)
	broken := migrate
	broken.Name, broken.Completed = "\x1b[31mred\nline", time.Time{}
	shop := map[string]int{"install": 3, "upgrade": 2, "uninstall": 1, "test": 1}
	events := map[string]int{"pre-install": 2, "post-install": 1, "pre-upgrade": 2, "pre-delete": 1, "test": 1}
	return Releases{
		Context: "prod", Driver: "secrets", Now: now, Total: 9, Hidden: 2, Unread: 1,
		Items: []Release{
			{
				Namespace: "cart", Name: "cart", Revision: 7, Status: "deployed", Stored: 7, Deployed: 7, Chart: "cart", ChartVersion: "1.0.0", AppVersion: "3",
				FirstDeployed: now.Add(-900 * 24 * time.Hour), Updated: now.Add(-50 * time.Hour), Hooks: 5, Actions: shop, Events: events,
			},
			{
				Namespace: "flux-system", Name: "edge", Target: "edge", Revision: 2, Status: "pending-upgrade", Stored: 2, Deployed: 1, Chart: "edge", ChartVersion: "0.1.0",
				ApplyMethod: "ssa", Updated: now.Add(-time.Minute), Hooks: 1, Actions: map[string]int{"upgrade": 1}, Events: map[string]int{"post-upgrade": 1},
				Troubled: []HookRun{working}, Pending: &Pending{Since: now.Add(-time.Minute), LastSign: now.Add(-40 * time.Second)},
			},
			{
				Namespace: "shop", Name: "shop", Revision: 12, Status: "failed", Stored: 10, Deployed: 11, Chart: "shop", ChartVersion: "1.4.0", ApplyMethod: "csa",
				Updated: now.Add(-3*time.Hour - 2*time.Minute), Hooks: 5, Actions: shop, Events: events, Troubled: []HookRun{migrate, died},
			},
			{Namespace: "shop", Name: "torn", Revision: 3, Status: "uninstalling", Unread: true, Stored: 1, Pending: &Pending{Stuck: true}},
			{
				Namespace: "web", Name: "web", Revision: 1, Status: "pending-install", Stored: 1, Chart: "web", Hooks: 1, Actions: map[string]int{}, Events: map[string]int{},
				Updated: now.Add(-49 * time.Hour), Troubled: []HookRun{broken}, Pending: &Pending{Since: now.Add(-49 * time.Hour), LastSign: now.Add(-49 * time.Hour), Stuck: true},
			},
			{Namespace: "web", Name: "\x1b[2Jwipe", Revision: 1, Status: "odd\x1b]0;x\x07", Stored: 1, Updated: now.Add(time.Hour)},
		},
		Errors: []ReleaseError{
			{Namespace: "shop", Name: "torn", Object: "sh.helm.release.v1.torn.v3", Message: "record cut short", Hint: "look at it"},
			{Message: "list secrets: \x1b[31mtimeout"},
		},
	}
}

func Test_releases_golden(t *testing.T) {
	one := someReleases()
	one.Namespace, one.Items, one.Partial = "shop", one.Items[2:4], true
	empty := Releases{Context: "prod", Namespace: "shop", Driver: "configmaps", Selector: "team=x", Now: noon(), Items: []Release{}}
	unknown := empty
	unknown.Items, unknown.Errors = nil, []ReleaseError{{Message: "forbidden", Hint: "ask"}}
	for _, c := range []struct {
		name, format string
		releases     Releases
		style        Style
	}{
		{"all.txt", "table", someReleases(), Style{Unicode: true}},
		{"all-ascii.txt", "table", someReleases(), Style{}},
		{"all-color.txt", "table", someReleases(), Style{Unicode: true, Color: true}},
		{"all-wide.txt", "wide", someReleases(), Style{Unicode: true}},
		{"all-name.txt", "name", someReleases(), Style{}},
		{"all.json", "json", someReleases(), Style{}},
		{"all.yaml", "yaml", someReleases(), Style{}},
		{"one.txt", "table", one, Style{Unicode: true}},
		{"one-name.txt", "name", one, Style{}},
		{"empty.txt", "table", empty, Style{}},
		{"empty.json", "json", empty, Style{}},
		{"unknown.json", "json", unknown, Style{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			render, err := NewReleases(c.format)
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			if err := render(&got, c.releases, c.style); err != nil {
				t.Fatal(err)
			}
			golden(t, "releases/"+c.name, got.Bytes())
			if strings.ContainsAny(strings.NewReplacer("\x1b[1m", "", "\x1b[31m", "", "\x1b[33m", "", "\x1b[0m", "").Replace(got.String()), "\x1b\x07") {
				t.Error("a control character of a cluster comes through")
			}
			if c.format == "json" || c.format == "yaml" {
				text, err := yaml.YAMLToJSON(got.Bytes())
				if err != nil {
					t.Fatal(err)
				}
				schema.Validate(t, schema.Strict(t, "../../docs/schema", "releasehookslist"), text)
			}
		})
	}
}

func Test_an_unknown_format_of_releases_names_the_valid_ones(t *testing.T) {
	if _, err := NewReleases("tree"); err == nil || !strings.Contains(err.Error(), "table, wide, json, yaml, html, markdown, name, jsonpath=, go-template=") {
		t.Error(err)
	}
}

// Every key is there even where nothing is known.
func Test_releases_with_nothing_set_keep_to_the_schema(t *testing.T) {
	var out bytes.Buffer
	if err := ReleasesJSON(&out, Releases{Driver: "secrets", Items: []Release{{}}}, Style{}); err != nil {
		t.Fatal(err)
	}
	schema.Validate(t, schema.Strict(t, "../../docs/schema", "releasehookslist"), out.Bytes())
	var document map[string]any
	if err := json.Unmarshal(out.Bytes(), &document); err != nil {
		t.Fatal(err)
	}
	if hooks, err := json.Marshal(at(document, "items", 0, "hooks")); err != nil || string(hooks) != `{"byAction":{},"byEvent":{},"total":0}` {
		t.Errorf("%s, %v", hooks, err)
	}
}
