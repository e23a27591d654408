package lint

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Configs finds and reads .helm-hooks.yaml files, each once.
type Configs struct {
	read map[string]configResult
}

type configResult struct {
	config Config
	err    error
}

// FindConfig gives the .helm-hooks.yaml that applies to a folder: the nearest one in it or above, up to
// the root of the repository (the folder with .git) or of the file system. Without one it gives the zero
// Config; one that is wrong is an error, and the Config then says only where it is.
func FindConfig(dir string) (Config, error) { return (&Configs{}).Find(dir) }

// Find is FindConfig for many folders of one tree.
func (c *Configs) Find(dir string) (Config, error) {
	above, err := filepath.Abs(dir)
	if err != nil {
		return Config{}, fmt.Errorf("look for %s: %w", ConfigName, err)
	}
	// shown is the folder as the user may have written it: the path that messages name.
	shown := dir
	for {
		path := filepath.Join(shown, ConfigName)
		config, found, err := c.load(above, path)
		if found || err != nil {
			return config, err
		}
		if exists(filepath.Join(above, ".git")) || filepath.Dir(above) == above {
			return Config{}, nil
		}
		above = filepath.Dir(above)
		if shown = filepath.Join(shown, ".."); filepath.IsAbs(dir) {
			shown = above
		}
	}
}

func (c *Configs) load(dir, shown string) (config Config, found bool, err error) {
	path := filepath.Join(dir, ConfigName)
	if known, ok := c.read[path]; ok {
		return known.config, true, known.err
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Config{}, false, nil
	}
	if err != nil {
		err = fmt.Errorf("read %s: %w", shown, err)
	} else {
		config, err = ParseConfig(shown, data)
	}
	config.Path, config.Dir = shown, dir
	if c.read == nil {
		c.read = map[string]configResult{}
	}
	c.read[path] = configResult{config, err}
	return config, true, err
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
