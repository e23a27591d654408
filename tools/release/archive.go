package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// archive is one packed platform, with what krew's manifest says about it.
type archive struct {
	platform
	File, URL, SHA256 string
}

// Exe is the name of the binary in the archive.
func (a archive) Exe() string { return name + a.exe() }

// entry is a file of an archive. Folders come of themselves.
type entry struct {
	name       string
	executable bool
	data       []byte
}

// source is a file of the checkout that goes into the archive's folder.
type source struct {
	from       string
	to         string // the same name where it is empty
	executable bool
	// pointer is what a copy at the archive's root has before names in the folder; nil where there is no copy.
	pointer []string
}

// contents lays an archive out so that one serves all: Helm 3, and Helm 4 from a URL, want plugin.yaml at the
// root; Helm 4 wants a local file to hold it in a folder of the plugin's name; krew takes what it is told; and the
// folder alone, unpacked by hand, is a plugin too. So the folder is the plugin, and the root has what points into it.
func contents(root, binary string, p platform, notices string) ([]entry, error) {
	program, err := os.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	all := []entry{
		{name: name + "/bin/" + name + p.exe(), executable: true, data: program},
		{name: name + "/THIRD_PARTY_NOTICES.txt", data: []byte(notices)},
	}
	files := []source{
		{from: "LICENSE"},
		{from: "README.md"},
		{from: "completion.yaml", pointer: []string{}},
		{from: "plugin.yaml", pointer: []string{`$HELM_PLUGIN_DIR/`, `$HELM_PLUGIN_DIR\`}},
	}
	if p.OS != "windows" { // these are for sh
		files = append(
			files,
			source{from: "plugin.complete", executable: true, pointer: []string{`$(dirname "$0")/`}},
			source{from: "scripts/plugin-install.sh", executable: true},
			source{from: "scripts/kubectl_complete-hooks", to: "bin/kubectl_complete-hooks", executable: true},
		)
	}
	for _, file := range files {
		data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file.from)))
		if err != nil {
			return nil, err
		}
		if file.to == "" {
			file.to = file.from
		}
		all = append(all, entry{name: name + "/" + file.to, executable: file.executable, data: data})
		if file.pointer == nil {
			continue
		}
		for _, prefix := range file.pointer {
			if !bytes.Contains(data, []byte(prefix)) {
				return nil, fmt.Errorf("%s does not contain %s: the archive's root cannot point into its folder", file.from, prefix)
			}
			data = bytes.ReplaceAll(data, []byte(prefix), []byte(prefix+name+prefix[len(prefix)-1:]))
		}
		all = append(all, entry{name: file.to, executable: file.executable, data: data})
	}
	return all, nil
}

// stamp is the time of every file: the oldest that each format and tool can take.
var stamp = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// pack writes entries as a gzipped tar file and returns its SHA-256. Nothing in it tells when, where or by whom.
func pack(file string, entries []entry) (string, error) {
	out, err := os.Create(file)
	if err != nil {
		return "", err
	}
	defer out.Close()
	sum := sha256.New()
	zipped, err := gzip.NewWriterLevel(io.MultiWriter(out, sum), gzip.BestCompression)
	if err != nil {
		return "", err
	}
	if err := writeTar(tar.NewWriter(zipped), entries); err != nil {
		return "", err
	}
	if err := zipped.Close(); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), out.Close()
}

// writeTar sorts the entries. Each folder has an entry of its own, once and before its files, and no name begins
// with "./": Helm 3 makes no folder that has none and fails over one that is there already.
func writeTar(to *tar.Writer, entries []entry) error {
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	folders := map[string]bool{".": true}
	for _, one := range entries {
		var missing []string
		for dir := path.Dir(one.name); !folders[dir]; dir = path.Dir(dir) {
			folders[dir] = true
			missing = append(missing, dir)
		}
		for _, dir := range slices.Backward(missing) {
			header := &tar.Header{Typeflag: tar.TypeDir, Name: dir + "/", Mode: 0o755, ModTime: stamp, Format: tar.FormatUSTAR}
			if err := to.WriteHeader(header); err != nil {
				return err
			}
		}
		header := &tar.Header{Typeflag: tar.TypeReg, Name: one.name, Mode: 0o644, Size: int64(len(one.data)), ModTime: stamp, Format: tar.FormatUSTAR}
		if one.executable {
			header.Mode = 0o755
		}
		if err := to.WriteHeader(header); err != nil {
			return err
		}
		if _, err := to.Write(one.data); err != nil {
			return err
		}
	}
	return to.Close()
}
