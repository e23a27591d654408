package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// checksumFile is in the form that `sha256sum -c` reads.
const checksumFile = "checksums.txt"

func checksums(dir string, files []string) ([]byte, error) {
	files = slices.Sorted(slices.Values(files))
	var b bytes.Buffer
	for _, file := range files {
		sum, err := sha256Of(filepath.Join(dir, file))
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "%s  %s\n", sum, file)
	}
	return b.Bytes(), nil
}

func sha256Of(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// publish copies what was made into the release folder, from which an older release goes first.
func publish(d *draft, to string) error {
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	for _, pattern := range []string{name + "-*", checksumFile, "hooks.yaml"} {
		old, err := filepath.Glob(filepath.Join(to, pattern))
		if err != nil {
			return err
		}
		for _, path := range old {
			if err := os.Remove(path); err != nil {
				return err
			}
		}
	}
	for _, file := range d.files {
		data, err := os.ReadFile(filepath.Join(d.dir, file))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, file), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}
