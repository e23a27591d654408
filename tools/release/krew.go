package main

import (
	"bytes"
	"path/filepath"
	"text/template"
)

// krewManifest fills krew/hooks.yaml.tmpl in. The file has to be called as the plugin is.
func krewManifest(root, version string, archives []archive) ([]byte, error) {
	manifest, err := template.New("hooks.yaml.tmpl").Option("missingkey=error").ParseFiles(filepath.Join(root, "krew", "hooks.yaml.tmpl"))
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = manifest.Execute(&b, map[string]any{"Version": "v" + version, "Archives": archives})
	return b.Bytes(), err
}
