package helm3

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// getterPlugin is a program that fetches URLs of a scheme that Helm does not know, such as s3:// or
// secrets:// (v3 pkg/getter/plugingetter.go). Only plugin.yaml of the form that both Helms load is read;
// Helm 4's own form (apiVersion v1) is passed over.
type getterPlugin struct {
	name, dir, command string
	settings           Settings
	stderr             io.Writer
}

// findGetterPlugin looks through the plugin folders for one that offers the scheme. A plugin that cannot
// be read is passed over: this tool fetches charts, it is not the one to report a broken plugin.
func findGetterPlugin(folders, scheme string) (getterPlugin, bool) {
	if scheme == "" {
		return getterPlugin{}, false
	}
	for _, folder := range filepath.SplitList(folders) {
		files, err := filepath.Glob(filepath.Join(folder, "*", "plugin.yaml"))
		if err != nil {
			continue
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				continue
			}
			var meta struct {
				Name        string `json:"name"`
				Downloaders []struct {
					Protocols []string `json:"protocols"`
					Command   string   `json:"command"`
				} `json:"downloaders"`
			}
			if yaml.Unmarshal(data, &meta) != nil {
				continue
			}
			for _, downloader := range meta.Downloaders {
				if slices.Contains(downloader.Protocols, scheme) {
					return getterPlugin{name: meta.Name, dir: filepath.Dir(file), command: downloader.Command}, true
				}
			}
		}
	}
	return getterPlugin{}, false
}

// get runs the program with Helm's arguments and environment. Unlike Helm it leaves its own process's
// environment alone.
func (p getterPlugin) get(href string, how access) ([]byte, error) {
	words := strings.Split(p.command, " ")
	args := append(slices.Clone(words[1:]), how.certFile, how.keyFile, how.caFile, href)
	program := exec.Command(filepath.Join(p.dir, words[0]), args...)
	program.Env = append(os.Environ(),
		"HELM_PLUGIN_NAME="+p.name,
		"HELM_PLUGIN_DIR="+p.dir,
		"HELM_PLUGINS="+p.settings.Plugins,
		"HELM_REGISTRY_CONFIG="+p.settings.RegistryConfig,
		"HELM_REPOSITORY_CACHE="+p.settings.RepositoryCache,
		"HELM_REPOSITORY_CONFIG="+p.settings.RepositoryConfig,
		"HELM_PLUGIN_USERNAME="+how.username,
		"HELM_PLUGIN_PASSWORD="+how.password,
		fmt.Sprintf("HELM_PLUGIN_PASS_CREDENTIALS_ALL=%t", how.passCredentialsAll),
	)
	var out bytes.Buffer
	program.Stdout, program.Stderr = &out, p.stderr
	if err := program.Run(); err != nil {
		return nil, fmt.Errorf("plugin %q fetching %s: %w", p.name, href, err)
	}
	return out.Bytes(), nil
}
