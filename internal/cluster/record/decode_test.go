package record

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	chart3 "helm.sh/helm/v3/pkg/chart"
	release3 "helm.sh/helm/v3/pkg/release"
	time3 "helm.sh/helm/v3/pkg/time"
	chart4 "helm.sh/helm/v4/pkg/chart/v2"
	common4 "helm.sh/helm/v4/pkg/release/common"
	release4 "helm.sh/helm/v4/pkg/release/v1"
)

var (
	began = time.Date(2026, 11, 3, 9, 30, 0, 123456789, time.UTC)
	ended = began.Add(7 * time.Second)
)

const hookText = "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: migrate\n"

func byHelm3() *release3.Release {
	return &release3.Release{
		Name: "shop", Namespace: "web", Version: 3, Manifest: "---\n# Source: shop/templates/a.yaml\nkind: ConfigMap\n",
		Info: &release3.Info{
			FirstDeployed: time3.Time{Time: began}, LastDeployed: time3.Time{Time: ended}, Description: "Upgrade complete",
			Status: release3.StatusDeployed, Notes: "thanks",
		},
		Chart: &chart3.Chart{
			Metadata: &chart3.Metadata{
				Name: "shop", Version: "1.4.0", AppVersion: "7", Dependencies: []*chart3.Dependency{{Name: "redis"}, {Name: "common"}},
			},
			Templates: []*chart3.File{{Name: "templates/a.yaml", Data: []byte("kind: ConfigMap")}},
			Values:    map[string]any{"replicas": 1},
		},
		Config: map[string]any{"replicas": 2},
		Hooks: []*release3.Hook{
			{
				Name: "migrate", Kind: "Job", Path: "shop/templates/migrate.yaml", Manifest: hookText, Weight: -5,
				Events:         []release3.HookEvent{release3.HookPreUpgrade, release3.HookPreInstall, release3.HookPreUpgrade},
				LastRun:        release3.HookExecution{StartedAt: time3.Time{Time: began}, CompletedAt: time3.Time{Time: ended}, Phase: release3.HookPhaseFailed},
				DeletePolicies: []release3.HookDeletePolicy{"", "typo", release3.HookFailed}, OutputLogPolicies: []release3.HookOutputLogPolicy{release3.HookOutputOnFailed},
			},
			{Name: "never", Kind: "Pod", Path: "shop/templates/test.yaml", Manifest: "kind: Pod", Events: []release3.HookEvent{release3.HookTest}},
		},
	}
}

func byHelm4() *release4.Release {
	return &release4.Release{
		Name: "shop", Namespace: "web", Version: 3, Manifest: "kind: ConfigMap\n", ApplyMethod: "ssa",
		Info: &release4.Info{
			FirstDeployed: began, LastDeployed: ended, Deleted: ended, Description: "Rollback to 1", Status: common4.StatusUninstalled, RollbackRevision: 1,
		},
		Chart: &chart4.Chart{Metadata: &chart4.Metadata{Name: "shop", Version: "1.4.0"}},
		Hooks: []*release4.Hook{{
			Name: "migrate", Kind: "Job", Path: "shop/templates/migrate.yaml", Manifest: hookText, Events: []release4.HookEvent{release4.HookPostDelete},
			LastRun: release4.HookExecution{StartedAt: began, Phase: release4.HookPhaseRunning},
		}},
	}
}

// pack is Helm's encodeRelease (v3 and v4 pkg/storage/driver/util.go).
func pack(t testing.TB, release any) []byte {
	t.Helper()
	text, err := json.Marshal(release)
	if err != nil {
		t.Fatal(err)
	}
	return packText(text)
}

func packText(text []byte) []byte {
	var buffer bytes.Buffer
	writer, _ := gzip.NewWriterLevel(&buffer, gzip.BestCompression)
	_, _ = writer.Write(text)
	_ = writer.Close()
	return []byte(base64.StdEncoding.EncodeToString(buffer.Bytes()))
}

func Test_what_helm_3_stores_is_read(t *testing.T) {
	got, err := Decode(pack(t, byHelm3()))
	if err != nil {
		t.Fatal(err)
	}
	want := &Release{
		Name: "shop", Namespace: "web", Revision: 3, Manifest: byHelm3().Manifest, Config: json.RawMessage(`{"replicas":2}`),
		Info:  Info{FirstDeployed: Time{began}, LastDeployed: Time{ended}, Description: "Upgrade complete", Status: "deployed"},
		Chart: Chart{Name: "shop", Version: "1.4.0", AppVersion: "7", Dependencies: []string{"redis", "common"}, Raw: got.Chart.Raw},
		Hooks: []Hook{
			{
				Name: "migrate", Kind: "Job", Path: "shop/templates/migrate.yaml", Manifest: hookText, Weight: -5,
				Events: []string{"pre-upgrade", "pre-install", "pre-upgrade"}, LastRun: LastRun{Time{began}, Time{ended}, "Failed"},
				DeletePolicies: []string{"", "typo", "hook-failed"}, OutputLogPolicies: []string{"hook-failed"},
			},
			{Name: "never", Kind: "Pod", Path: "shop/templates/test.yaml", Manifest: "kind: Pod", Events: []string{"test"}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var chart chart3.Chart
	if err := json.Unmarshal(got.Chart.Raw, &chart); err != nil || len(chart.Templates) != 1 {
		t.Errorf("the chart as it is stored: %v, %+v", err, chart)
	}
}

func Test_what_helm_4_stores_is_read(t *testing.T) {
	got, err := Decode(pack(t, byHelm4()))
	if err != nil {
		t.Fatal(err)
	}
	want := &Release{
		Name: "shop", Namespace: "web", Revision: 3, Manifest: "kind: ConfigMap\n", ApplyMethod: "ssa",
		Info: Info{
			FirstDeployed: Time{began}, LastDeployed: Time{ended}, Deleted: Time{ended}, Description: "Rollback to 1", Status: "uninstalled",
			RollbackRevision: 1,
		},
		Chart: Chart{Name: "shop", Version: "1.4.0", Raw: got.Chart.Raw},
		Hooks: []Hook{{
			Name: "migrate", Kind: "Job", Path: "shop/templates/migrate.yaml", Manifest: hookText, Events: []string{"post-delete"},
			LastRun: LastRun{StartedAt: Time{began}, Phase: "Running"},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func Test_records_that_cannot_be_read_say_why(t *testing.T) {
	whole := pack(t, byHelm3())
	text, err := json.Marshal(byHelm3())
	if err != nil {
		t.Fatal(err)
	}
	packed, err := base64.StdEncoding.DecodeString(string(whole))
	if err != nil {
		t.Fatal(err)
	}
	encode := func(data []byte) []byte { return []byte(base64.StdEncoding.EncodeToString(data)) }
	damaged := bytes.Clone(packed)
	damaged[len(damaged)/2] ^= 0xff
	wrongSum := bytes.Clone(packed)
	wrongSum[len(wrongSum)-6] ^= 0xff

	for _, c := range []struct {
		name  string
		data  []byte
		want  error
		words string
	}{
		{"empty", nil, ErrNoRelease, "it is empty"},
		{"cut in the middle of a letter group", whole[:len(whole)/4*4-2], ErrTruncated, "base64"},
		{"cut between letter groups", whole[:len(whole)/8*4], ErrTruncated, "gzip"},
		{"a stroke of the eraser", append([]byte("****"), whole[4:]...), ErrCorrupt, "base64"},
		{"flipped bits", encode(damaged), ErrCorrupt, ""},
		{"wrong checksum", encode(wrongSum), ErrCorrupt, "gzip"},
		{"JSON cut short", packText(text[:len(text)/2]), ErrTruncated, "unexpected end"},
		{"text instead of JSON", packText([]byte("hello")), ErrCorrupt, "invalid character"},
		{"JSON of something else", packText([]byte(`{"kind":"Secret"}`)), ErrNoRelease, "no name"},
		{"null", packText([]byte(`null`)), ErrNoRelease, "no name"},
		{"fields of other types", packText([]byte(`{"name":"x","info":{},"version":"three"}`)), ErrNoRelease, "version"},
		{"hooks that are no list", packText([]byte(`{"name":"x","info":{},"hooks":{}}`)), ErrNoRelease, "no list"},
		{"a hook that is null", packText([]byte(`{"name":"x","info":{},"hooks":[null]}`)), ErrCorrupt, "hook 0"},
		{"a time that is none", packText([]byte(`{"name":"x","info":{"deleted":"yesterday"}}`)), ErrNoRelease, "yesterday"},
		{"a bomb", packText(bytes.Repeat([]byte{' '}, maxUnpacked+1)), ErrTooLarge, "64 MiB"},
		{"a million hooks", packText([]byte(`{"name":"x","info":{},"hooks":[` + strings.Repeat("{},", 1_000_000) + `{}]}`)), ErrTooLarge, "10000"},
		{"a million events", packText([]byte(`{"name":"x","info":{},"hooks":[{"events":[` + strings.Repeat(`"",`, 1_000_000) + `""]}]}`)), ErrTooLarge, "10000"},
		{"brackets all the way down", packText([]byte(`{"name":"x","info":{},"config":` + strings.Repeat("[", 1_000_000))), ErrCorrupt, "depth"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Decode(c.data)
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.words) {
				t.Errorf("%v, want %q with %q; got %+v", err, c.want, c.words, got)
			}
		})
	}
}

func Test_the_first_records_of_helm_3_were_not_packed(t *testing.T) {
	text, err := json.Marshal(byHelm3())
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode([]byte(base64.StdEncoding.EncodeToString(text)))
	if err != nil || got.Name != "shop" {
		t.Errorf("%+v, %v", got, err)
	}
}

// FuzzDecode holds our reading of a record against Helm's: what Helm reads we read, and alike.
func FuzzDecode(f *testing.F) {
	for _, release := range []any{byHelm3(), byHelm4()} {
		text, err := json.Marshal(release)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`{"name":"x","info":{"first_deployed":"","deleted":null},"chart":null,"hooks":[{"events":null,"last_run":{"started_at":""}}]}`))
	f.Add([]byte(`{"NAME":"x","Info":{"Status":"failed"},"hooks":null,"version":1e1}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		packed := packText(text)
		got, err := Decode(packed)
		// Neither the text as it is nor half of its packed form may do harm.
		_, _ = Decode(text)
		_, _ = Decode(packed[:len(packed)/2])
		var theirs release4.Release
		if json.Unmarshal(text, &theirs) != nil || theirs.Name == "" || theirs.Info == nil || nullHook(theirs.Hooks) {
			return
		}
		if errors.Is(err, ErrTooLarge) || repeatedKey(text) {
			return
		}
		if err != nil {
			t.Fatalf("Helm reads it: %v", err)
		}
		if got.Name != theirs.Name || got.Namespace != theirs.Namespace || got.Revision != theirs.Version || got.Manifest != theirs.Manifest ||
			got.ApplyMethod != theirs.ApplyMethod || got.Info.Status != string(theirs.Info.Status) || len(got.Hooks) != len(theirs.Hooks) ||
			!got.Info.Deleted.Equal(theirs.Info.Deleted) || !got.Info.LastDeployed.Equal(theirs.Info.LastDeployed) {
			t.Fatalf("we read %+v, Helm %+v", got, theirs)
		}
		for i, hook := range theirs.Hooks {
			if ours := got.Hooks[i]; !sameHook(ours, hook) {
				t.Fatalf("hook %d: we read %+v, Helm %+v", i, ours, hook)
			}
		}
	})
}

func nullHook(hooks []*release4.Hook) bool {
	for _, hook := range hooks {
		if hook == nil {
			return true
		}
	}
	return false
}

func sameHook(ours Hook, theirs *release4.Hook) bool {
	words := func(list any) []string {
		var words []string
		for v, i := reflect.ValueOf(list), 0; i < v.Len(); i++ {
			words = append(words, v.Index(i).String())
		}
		return words
	}
	return ours.Name == theirs.Name && ours.Kind == theirs.Kind && ours.Path == theirs.Path && ours.Manifest == theirs.Manifest &&
		ours.Weight == theirs.Weight && ours.LastRun.Phase == string(theirs.LastRun.Phase) && ours.LastRun.StartedAt.Equal(theirs.LastRun.StartedAt) &&
		ours.LastRun.CompletedAt.Equal(theirs.LastRun.CompletedAt) &&
		reflect.DeepEqual(words(ours.Events), words(theirs.Events)) && reflect.DeepEqual(words(ours.DeletePolicies), words(theirs.DeletePolicies)) &&
		reflect.DeepEqual(words(ours.OutputLogPolicies), words(theirs.OutputLogPolicies))
}

// repeatedKey says whether an object names a key twice, in whatever case. Go then pours one value over the other,
// which no record that Helm wrote asks for.
func repeatedKey(text []byte) bool {
	decoder := json.NewDecoder(bytes.NewReader(text))
	type level struct {
		keys  map[string]bool
		isKey bool
	}
	var stack []level
	for {
		token, err := decoder.Token()
		if err != nil {
			return !errors.Is(err, io.EOF)
		}
		top := len(stack) - 1
		if delimiter, ok := token.(json.Delim); ok {
			switch delimiter {
			case '{':
				stack = append(stack, level{map[string]bool{}, true})
				continue
			case '[':
				stack = append(stack, level{})
				continue
			}
			stack = stack[:top]
			top--
		} else if top >= 0 && stack[top].keys != nil && stack[top].isKey {
			key := strings.ToLower(token.(string))
			if stack[top].keys[key] {
				return true
			}
			stack[top].keys[key], stack[top].isKey = true, false
			continue
		}
		if top >= 0 && stack[top].keys != nil {
			stack[top].isKey = true
		}
	}
}
