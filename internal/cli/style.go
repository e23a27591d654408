package cli

import (
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/helm-hooks/helm-hooks/internal/render"
)

// colorModes are the values of --color.
var colorModes = []string{"auto", "always", "never"}

// chooseStyle decides about colour, characters and width. Colour needs a terminal that is not dumb and
// an environment without NO_COLOR, unless it is asked for.
func chooseStyle(color string, env Env) (render.Style, error) {
	if !slices.Contains(colorModes, color) {
		return render.Style{}, fmt.Errorf("--color %q: valid are %s", color, strings.Join(colorModes, ", "))
	}
	automatic := env.Terminal && env.get("NO_COLOR") == "" && env.get("TERM") != "dumb"
	style := render.Style{
		Color:   color == "always" || (color == "auto" && automatic),
		Unicode: speaksUnicode(env),
		Fold:    env.Terminal,
	}
	if env.Terminal {
		style.Width = env.Width
	}
	return style, nil
}

// speaksUnicode follows the locale as C programs do: LC_ALL, then LC_CTYPE, then LANG. Off a terminal
// and without any of them (containers, CI) the text is UTF-8, as everything there is.
func speaksUnicode(env Env) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := env.get(name); locale != "" {
			upper := strings.ToUpper(locale)
			return strings.Contains(upper, "UTF-8") || strings.Contains(upper, "UTF8")
		}
	}
	return runtime.GOOS == "windows" || !env.Terminal
}
