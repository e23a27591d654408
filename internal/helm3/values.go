package helm3

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"strings"

	"helm.sh/helm/v3/pkg/strvals"
	yamlutil "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"

	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
)

// Values merges values files and --set flags as MergeValues of v3 and v4 pkg/cli/values/options.go: files
// first, then --set-json, --set, --set-string, --set-file, --set-literal.
func Values(options ValueOptions) (map[string]any, error) {
	base := map[string]any{}
	if options.Base != nil {
		base = sdk.CopyValues(options.Base)
	}
	for _, name := range options.Files {
		data, err := options.read(name)
		if err != nil {
			return nil, err
		}
		values, err := parseValues(data, options.Helm4)
		if err != nil {
			return nil, fmt.Errorf("failed to parse %s: %w", name, err)
		}
		base = merge(base, values)
	}
	for _, text := range options.SetJSON {
		var err error
		if base, err = options.setJSON(base, text); err != nil {
			return nil, err
		}
	}
	for _, text := range options.Set {
		if err := options.accept(strvals.ParseInto(text, base)); err != nil {
			return nil, fmt.Errorf("failed parsing --set data: %w", err)
		}
	}
	for _, text := range options.SetString {
		if err := options.accept(strvals.ParseIntoString(text, base)); err != nil {
			return nil, fmt.Errorf("failed parsing --set-string data: %w", err)
		}
	}
	for _, text := range options.SetFile {
		reader := func(name []rune) (any, error) {
			data, err := options.read(string(name))
			if err != nil {
				return nil, err
			}
			return string(data), nil
		}
		if err := options.accept(strvals.ParseIntoFile(text, base, reader)); err != nil {
			return nil, fmt.Errorf("failed parsing --set-file data: %w", err)
		}
	}
	for _, text := range options.SetLiteral {
		if err := options.accept(strvals.ParseLiteralInto(text, base)); err != nil {
			return nil, fmt.Errorf("failed parsing --set-literal data: %w", err)
		}
	}
	return base, nil
}

// SetValue is --set of Helm 4, or with asString --set-string, into values.
func SetValue(values map[string]any, text string, asString bool) error {
	options := ValueOptions{Helm4: true}
	if asString {
		return options.accept(strvals.ParseIntoString(text, values))
	}
	return options.accept(strvals.ParseInto(text, values))
}

// accept lets pass what Helm 4 lets pass: an index that is cut off, as in a[0 (v4 pkg/strvals/parser.go:
// parse takes the wrapped end of the text for the end). Everything else is equal in both.
func (options ValueOptions) accept(err error) error {
	if options.Helm4 && errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func (options ValueOptions) setJSON(base map[string]any, text string) (map[string]any, error) {
	if options.Helm4 && strings.HasPrefix(strings.TrimSpace(text), "{") {
		var object map[string]any
		if err := json.Unmarshal([]byte(strings.TrimSpace(text)), &object); err != nil {
			return nil, fmt.Errorf("failed parsing --set-json data JSON: %s", text)
		}
		return merge(base, object), nil
	}
	if err := options.accept(strvals.ParseJSON(text, base)); err != nil {
		return nil, fmt.Errorf("failed parsing --set-json data %s", text)
	}
	return base, nil
}

// parseValues reads one values file: the whole text for Helm 3, every document of it for Helm 4 (v4
// pkg/chart/v2/loader/load.go: LoadValues).
func parseValues(data []byte, helm4 bool) (map[string]any, error) {
	values := map[string]any{}
	if !helm4 {
		err := yaml.Unmarshal(data, &values)
		return values, err
	}
	if len(data) > 0 && data[len(data)-1] != '\n' {
		data = append(bytes.Clone(data), '\n') // the reader can lose an unterminated last line (helm/helm#32506)
	}
	reader := yamlutil.NewYAMLReader(bufio.NewReader(bytes.NewReader(data)))
	for {
		raw, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return values, nil
		}
		if err != nil {
			return nil, fmt.Errorf("error reading yaml document: %w", err)
		}
		document := map[string]any{}
		if err := yaml.Unmarshal(raw, &document); err != nil {
			return nil, fmt.Errorf("cannot unmarshal yaml document: %w", err)
		}
		values = merge(values, document)
	}
}

// merge is mergeMaps of v3 pkg/cli/values/options.go: tables are merged, everything else is replaced.
func merge(a, b map[string]any) map[string]any {
	out := maps.Clone(a)
	if out == nil {
		out = map[string]any{}
	}
	for key, value := range b {
		if table, ok := value.(map[string]any); ok {
			if old, ok := out[key].(map[string]any); ok {
				out[key] = merge(old, table)
				continue
			}
		}
		out[key] = value
	}
	return out
}

// read is readFile of v3 pkg/cli/values/options.go: standard input, a URL for which there is a getter,
// else a file.
func (options ValueOptions) read(name string) ([]byte, error) {
	if options.Open != nil {
		if data, ok := options.Open(name); ok {
			return data, nil
		}
	}
	if strings.TrimSpace(name) == "-" {
		if options.Stdin == nil {
			return nil, errors.New("values are to come from standard input, but there is none")
		}
		return io.ReadAll(options.Stdin)
	}
	u, err := url.Parse(name)
	if err != nil {
		return nil, err
	}
	get, err := getters{settings: options.Settings, stderr: options.Stderr}.forScheme(u.Scheme)
	if err != nil {
		return os.ReadFile(name)
	}
	return get(name, access{from: name})
}
