package explain

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// mostLines is how much of a chart a rule's page shows; more is only linked.
const mostLines = 80

// chartSections shows the two charts of a rule, one that it finds fault with and one that it does not.
func chartSections(charts fs.FS, rule string) (string, error) {
	var out strings.Builder
	for _, one := range []struct{ folder, title string }{
		{rule + "-bad", "A chart with this finding"},
		{rule + "-good", "The same chart without it"},
	} {
		templates, err := templatesOf(charts, one.folder)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&out, "\n## %s\n\n[testdata/charts/rules/%s](../../testdata/charts/rules/%s)\n", one.title, one.folder, one.folder)
		if lines := strings.Count(strings.Join(texts(templates), ""), "\n"); lines > mostLines {
			continue
		}
		for _, template := range templates {
			fmt.Fprintf(&out, "\n`%s`\n\n%s%s\n%s\n", template.Path, exampleFence, strings.TrimRight(template.Text, "\n"), fence)
		}
	}
	return out.String(), nil
}

// templatesOf reads what renders to objects, in the order of the paths. Partials and notes do not.
func templatesOf(charts fs.FS, folder string) ([]Page, error) {
	if _, err := fs.Stat(charts, folder); err != nil {
		return nil, err
	}
	var found []Page
	err := fs.WalkDir(charts, folder, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		inside := strings.TrimPrefix(name, folder+"/")
		top, _, _ := strings.Cut(inside, "/")
		shown := (top == "templates" || top == "crds") && !strings.HasPrefix(path.Base(name), "_")
		if ext := path.Ext(name); !shown || (ext != ".yaml" && ext != ".yml") {
			return nil
		}
		text, err := fs.ReadFile(charts, name)
		if err != nil {
			return err
		}
		found = append(found, Page{inside, string(text)})
		return nil
	})
	return found, err
}

func texts(pages []Page) []string {
	var all []string
	for _, one := range pages {
		all = append(all, one.Text)
	}
	return all
}
