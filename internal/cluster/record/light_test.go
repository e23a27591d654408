package record

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	chart3 "helm.sh/helm/v3/pkg/chart"
)

// lightened is what Light leaves of a record.
func lightened(r *Release) *Release {
	light := *r
	light.Manifest, light.Config, light.Chart.Raw, light.Chart.Dependencies = "", nil, nil, nil
	light.Hooks = nil
	for _, hook := range r.Hooks {
		hook.Manifest = ""
		light.Hooks = append(light.Hooks, hook)
	}
	return &light
}

func Test_Light_reads_the_same_but_for_what_is_large(t *testing.T) {
	var light Light
	for range 2 { // what one record leaves behind does not show in the next
		for _, release := range []any{byHelm3(), byHelm4()} {
			data := pack(t, release)
			whole, err := Decode(data)
			if err != nil {
				t.Fatal(err)
			}
			got, err := light.Decode(data)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(lightened(whole), got); diff != "" {
				t.Error(diff)
			}
		}
	}
	text, err := json.MarshalIndent(byHelm3(), "\t", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got, err := light.Decode([]byte(base64.StdEncoding.EncodeToString(text)))
	if err != nil || got.Name != "shop" || len(got.Hooks) != 2 || got.Chart.Version != "1.4.0" {
		t.Errorf("not packed, with blanks: %+v, %v", got, err)
	}
}

func Test_Light_refuses_what_Decode_refuses_for_the_same_reason(t *testing.T) {
	var light Light
	whole := pack(t, byHelm3())
	text, err := json.Marshal(byHelm3())
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"empty":                               nil,
		"cut in the middle of a letter group": whole[:len(whole)/4*4-2],
		"cut between letter groups":           whole[:len(whole)/8*4],
		"a stroke of the eraser":              append([]byte("****"), whole[4:]...),
		"JSON cut short":                      packText(text[:len(text)/2]),
		"cut in a string":                     packText([]byte(`{"name":"x`)),
		"cut behind a key":                    packText([]byte(`{"name"`)),
		"cut behind a comma":                  packText([]byte(`{"name":"x",`)),
		"text instead of JSON":                packText([]byte("hello")),
		"something behind the end":            packText([]byte(`{"name":"x","info":{}} {}`)),
		"a key without quotes":                packText([]byte(`{name:"x"}`)),
		"a comma too many":                    packText([]byte(`{"name":"x","info":{},"hooks":[{},]}`)),
		"JSON of something else":              packText([]byte(`{"kind":"Secret"}`)),
		"a list":                              packText([]byte(`[{"name":"x"}]`)),
		"null":                                packText([]byte(`null`)),
		"no text at all":                      packText([]byte("  ")),
		"fields of other types":               packText([]byte(`{"name":"x","info":{},"version":"three"}`)),
		"hooks that are no list":              packText([]byte(`{"name":"x","info":{},"hooks":{}}`)),
		"a chart that is none":                packText([]byte(`{"name":"x","info":{},"chart":"shop"}`)),
		"a hook that is null":                 packText([]byte(`{"name":"x","info":{},"hooks":[null]}`)),
		"a bomb":                              packText(bytes.Repeat([]byte{' '}, maxUnpacked+1)),
		"a bomb in the manifest":              packText([]byte(`{"manifest":"` + strings.Repeat("x", maxUnpacked) + `","name":"x"}`)),
		"a million hooks":                     packText([]byte(`{"name":"x","info":{},"hooks":[` + strings.Repeat("{},", 1_000_000) + `{}]}`)),
		"lists all the way down":              packText([]byte(`{"name":"x","info":{},"hooks":` + strings.Repeat("[", 1_000_000))),
	} {
		t.Run(name, func(t *testing.T) {
			_, theirs := Decode(data)
			_, ours := light.Decode(data)
			for _, reason := range []error{ErrTooLarge, ErrTruncated, ErrCorrupt, ErrNoRelease} {
				// A text that is both cut short and nested too deep is refused for either.
				if errors.Is(theirs, reason) != errors.Is(ours, reason) && name != "lists all the way down" || ours == nil {
					t.Errorf("%v, Decode says %v", ours, theirs)
				}
			}
		})
	}
}

func Test_what_is_large_is_never_held(t *testing.T) {
	release := byHelm3()
	release.Manifest = strings.Repeat("kind: ConfigMap\n", 1<<20)
	release.Chart.Files = []*chart3.File{{Name: "big", Data: bytes.Repeat([]byte("x"), 8<<20)}}
	data := pack(t, release)
	var light Light
	held := func() uint64 {
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.TotalAlloc
	}
	before := held()
	if _, err := light.Decode(data); err != nil {
		t.Fatal(err)
	}
	if used := held() - before; used > 2<<20 {
		t.Errorf("%d bytes for a record of %d", used, len(data))
	}
}

// FuzzLight holds the light reading against the whole one.
func FuzzLight(f *testing.F) {
	for _, release := range []any{byHelm3(), byHelm4()} {
		text, err := json.Marshal(release)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`{"NAME":"x","Info":{"Status":"failed","NOTES":1},"hooks":[{"events":["test"],"MANIFEST":"y"}],"chart":{"metadata":{"name":"c"}}}`))
	f.Add([]byte(` { "name" : "x\\\"}" , "info" : { } , "config" : { "a" : [ 1 , "]" ] } , "version" : 3 } `))
	f.Fuzz(func(t *testing.T, text []byte) {
		packed := packText(text)
		var light Light
		got, err := light.Decode(packed)
		_, _ = light.Decode(text)
		_, _ = light.Decode(packed[:len(packed)/2])
		whole, problem := Decode(packed)
		if problem != nil {
			return
		}
		if err != nil {
			t.Fatalf("Decode reads it: %v", err)
		}
		want := lightened(whole)
		if strings.Contains(string(text), `\u`) {
			// A key in escapes is another way to write a name that is not looked for.
			want.Chart, got.Chart = Chart{}, Chart{}
		}
		got.Info.Description, want.Info.Description = "", ""
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	})
}
