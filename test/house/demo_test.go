package house

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/helm-hooks/helm-hooks/testdata"
)

// Files whose names begin with a dot or an underscore are left out by go:embed unless it is told otherwise.
func TestTheWholeDemoChartIsEmbedded(t *testing.T) {
	onDisk := os.DirFS(filepath.Join(root, "testdata", "charts", "shop"))
	files := 0
	err := fs.WalkDir(onDisk, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files++
		want, err := fs.ReadFile(onDisk, path)
		if err != nil {
			return err
		}
		if got, err := fs.ReadFile(testdata.Shop(), path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not embedded as it is: %v", path, err)
		}
		return nil
	})
	if err != nil || files == 0 {
		t.Fatalf("%d files: %v", files, err)
	}
}
