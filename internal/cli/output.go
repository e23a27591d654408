package cli

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

// readExpression takes the expression of jsonpath-file=FILE and go-template-file=FILE from the file, as kubectl does.
func readExpression(output string) (string, error) {
	for _, format := range []string{"jsonpath", "go-template"} {
		path, found := strings.CutPrefix(output, format+"-file=")
		if !found {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return "", fmt.Errorf("read the expression of -o %s-file: %w", format, err)
		}
		return format + "=" + string(text), nil
	}
	return output, nil
}

// completeOutput offers formats; behind one that takes an expression no blank is put.
func completeOutput(formats []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		var words []string
		directive := cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
		for _, format := range formats {
			if !strings.HasPrefix(format, typed) {
				continue
			}
			words = append(words, format)
			if !strings.HasSuffix(format, "=") {
				directive = cobra.ShellCompDirectiveNoFileComp
			}
		}
		return words, directive
	}
}

// formatsUsage is the help of --output. It must not end in an equals sign: cobra then takes the one flag that it has to
// offer for a NAME= that wants its value at once (completions.go getCompletions), and fish stumbles.
func formatsUsage(formats []string) string {
	return "output format: " + strings.ReplaceAll(strings.Join(formats, ", "), "=", "=EXPRESSION")
}
