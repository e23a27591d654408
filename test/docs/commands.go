// Package docs reads the command lines out of README, docs/ and the help texts, and runs them: what people copy from
// there has to work, and what stands under a command has to be what it prints. The test in this package runs those that
// need nothing but our program; test/e2e runs all of a file that has others, with real Helms on a real API server.
package docs

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Command is a line that begins with "$ " in a fenced block called console, or an example of a help text.
type Command struct {
	// File is the page, below the root with slashes; for a help text it is "help of COMMAND".
	File string
	// Line is that of the command in the page.
	Line int
	// Text is the command with its comment, over several lines where lines end in a backslash.
	Text string
	// Shown are the lines below it, without the blank ones at the end.
	Shown []string
	// first and last are the indexes of the page's lines that hold Shown.
	first, last int
}

// String is where the command stands.
func (c Command) String() string { return fmt.Sprintf("%s:%d: %s", c.File, c.Line, c.Text) }

var saidCode = regexp.MustCompile(`#.*\bexit code (\d+)`)

// ExitCode is what the comment beside the command says, else 0.
func (c Command) ExitCode() int {
	if found := saidCode.FindStringSubmatch(c.Text); found != nil {
		if code, err := strconv.Atoi(found[1]); err == nil {
			return code
		}
	}
	return 0
}

var fence = regexp.MustCompile("^(`{3,})(.*)$")

// Commands are those of a page, in its order.
func Commands(file, text string) []Command {
	var all []Command
	var shut string // of the block that we are in
	inside := false
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if found := fence.FindStringSubmatch(line); found != nil && (shut == "" || line == shut) {
			if shut != "" {
				shut, inside = "", false
				continue
			}
			shut, inside = found[1], found[2] == "console"
			continue
		}
		if !inside {
			continue
		}
		if command, ok := strings.CutPrefix(line, "$ "); ok {
			c := Command{File: file, Line: i + 1, Text: command}
			for strings.HasSuffix(c.Text, `\`) && i+1 < len(lines) {
				i++
				c.Text += "\n" + lines[i]
			}
			c.first, c.last = i+1, i+1
			all = append(all, c)
			continue
		}
		if len(all) > 0 && all[len(all)-1].last == i {
			last := &all[len(all)-1]
			last.Shown = append(last.Shown, line)
			last.last++
		}
	}
	for i := range all {
		c := &all[i]
		for len(c.Shown) > 0 && c.Shown[len(c.Shown)-1] == "" {
			c.Shown = c.Shown[:len(c.Shown)-1]
			c.last--
		}
	}
	return all
}

// Pages are the files whose commands are read, below root with slashes.
func Pages(root string) ([]string, error) {
	var pages []string
	for _, pattern := range []string{"README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/*.md", "docs/recipes/*.md", "docs/topics/*.md", "docs/rules/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		if err != nil {
			return nil, err
		}
		for _, path := range found {
			inside, err := filepath.Rel(root, path)
			if err != nil {
				return nil, err
			}
			pages = append(pages, filepath.ToSlash(inside))
		}
	}
	return pages, nil
}

// ReadPage gives the commands of a page.
func ReadPage(root, page string) ([]Command, error) {
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(page)))
	if err != nil {
		return nil, err
	}
	return Commands(page, string(text)), nil
}

// Examples are the commands under "Examples:" in a help text.
func Examples(name, help string) []Command {
	_, rest, found := strings.Cut(help, "\nExamples:\n")
	if !found {
		return nil
	}
	var all []Command
	for i, line := range strings.Split(rest, "\n") {
		if line != "" && !strings.HasPrefix(line, " ") {
			break
		}
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			all = append(all, Command{File: "help of " + name, Line: i + 1, Text: line})
		}
	}
	return all
}

// Rewrite puts new answers below the commands of a page. The keys are indexes into what ReadPage gives.
func Rewrite(root, page string, answers map[int][]string) error {
	path := filepath.Join(root, filepath.FromSlash(page))
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	lines := strings.Split(string(text), "\n")
	commands := Commands(page, string(text))
	for i := len(commands) - 1; i >= 0; i-- {
		if answer, ok := answers[i]; ok {
			lines = slices.Replace(lines, commands[i].first, commands[i].last, answer...)
		}
	}
	return os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o644)
}
