package docs

import (
	"flag"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what the commands print into the pages; look at the difference before it is committed")

func TestMain(m *testing.M) {
	if IsProgram() {
		os.Exit(Program())
	}
	os.Exit(m.Run())
}

var root = filepath.Join("..", "..")

func TestCommandsOfThePagesWork(t *testing.T) {
	pages, err := Pages(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		commands, err := ReadPage(root, page)
		if err != nil {
			t.Fatal(err)
		}
		if len(commands) == 0 {
			continue
		}
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			news := runAlone(t, page, commands)
			if !*update {
				for i, answer := range news {
					t.Errorf("%s shows\n%s\nbut the answer is\n%s", commands[i], strings.Join(commands[i].Shown, "\n"), strings.Join(answer, "\n"))
				}
				return
			}
			if err := Rewrite(root, page, news); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestExamplesOfTheHelpWork(t *testing.T) {
	self := NewWorld(t, root, "")
	total := 0
	for _, name := range []string{"plan", "explain", "lint", "status", "list", "diff"} {
		help, code := self.Run(t, Command{File: "help", Text: "helm-hooks " + name + " --help"})
		if code != 0 {
			t.Fatalf("help of %s: exit code %d", name, code)
		}
		commands := Examples(name, strings.Join(help, "\n"))
		total += len(commands)
		runAlone(t, "help of "+name, commands)
	}
	if total < 20 {
		t.Errorf("only %d examples were found", total)
	}
}

// runAlone runs what needs neither Helm nor a cluster. All else has its place elsewhere.
func runAlone(t *testing.T, page string, commands []Command) map[int][]string {
	t.Helper()
	var world *World
	news := map[int][]string{}
	for i, c := range commands {
		stage, _, known := Place(c)
		if !known {
			t.Errorf("%s: nobody knows where to run this; places in table.go says it", c)
		}
		if stage != Alone {
			continue
		}
		if runtime.GOOS == "windows" {
			t.Skip("commands are run by bash")
		}
		if missing := needed(c); missing != "" {
			t.Logf("%s: not run, there is no %s on PATH", c, missing)
			continue
		}
		if world == nil {
			world = NewWorld(t, root, page)
			world.StandIn(t, page)
		}
		if answer := world.Check(t, c, slices.Equal); answer != nil {
			news[i] = answer
		}
	}
	return news
}

// needed is a program of other people that a command pipes into and that is not here.
func needed(c Command) string {
	for _, program := range []string{"jq", "git"} {
		if strings.Contains(c.Text, "| "+program+" ") {
			if _, err := exec.LookPath(program); err != nil {
				return program
			}
		}
	}
	return ""
}

// What is read must be all there is: a block that is called otherwise would hide its commands.
func TestNoCommandIsOverlooked(t *testing.T) {
	pages, err := Pages(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(page)))
		if err != nil {
			t.Fatal(err)
		}
		read := map[int]bool{}
		for _, c := range Commands(page, string(text)) {
			read[c.Line] = true
		}
		for i, line := range strings.Split(string(text), "\n") {
			if trimmed := strings.TrimSpace(line); strings.HasPrefix(trimmed, "$ ") && !read[i+1] {
				t.Errorf("%s:%d: %s stands in no block called console", page, i+1, trimmed)
			}
		}
	}
}

func TestCommandsAreReadAndRewritten(t *testing.T) {
	const page = "# Page\n\n```console\n$ first   # exit code 2\none\n\ntwo\n\n$ second \\\n    --more\n$ third\n```\n\n    $ not this\n\n```sh\n$ nor this\n```\n\n````console\n$ fourth\n```\ninner\n```\n````\n"
	commands := Commands("p.md", page)
	var got []string
	for _, c := range commands {
		got = append(got, c.Text+" => "+strings.Join(c.Shown, "|"))
	}
	want := []string{"first   # exit code 2 => one||two", "second \\\n    --more => ", "third => ", "fourth => ```|inner|```"}
	if !slices.Equal(got, want) {
		t.Fatalf("%q, want %q", got, want)
	}
	if commands[0].ExitCode() != 2 || commands[1].ExitCode() != 0 {
		t.Errorf("exit codes %d and %d", commands[0].ExitCode(), commands[1].ExitCode())
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "p.md"), []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Rewrite(dir, "p.md", map[int][]string{0: {"three"}, 3: {"four", "five"}}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "p.md"))
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(strings.Replace(page, "one\n\ntwo\n", "three\n", 1), "```\ninner\n```\n````", "four\nfive\n````", 1)
	if string(text) != changed {
		t.Errorf("rewritten:\n%s\nwant\n%s", text, changed)
	}
}

var (
	pageLink   = regexp.MustCompile(`\]\(([^)\s:]+)\)`)
	heading    = regexp.MustCompile(`(?m)^#+ (.*)$`)
	notAnchors = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	fenced     = regexp.MustCompile("(?ms)^(```+)[^`\n]*\n.*?^```+$|`[^`\n]*`")
)

// anchors are those that GitHub gives a page's headings.
func anchors(text string) map[string]bool {
	all := map[string]bool{}
	for _, found := range heading.FindAllStringSubmatch(fenced.ReplaceAllStringFunc(text, func(code string) string {
		if strings.HasPrefix(code, "```") {
			return ""
		}
		return code
	}), -1) {
		all[strings.ReplaceAll(notAnchors.ReplaceAllString(strings.ToLower(found[1]), ""), " ", "-")] = true
	}
	return all
}

func TestLinksLeadSomewhere(t *testing.T) {
	pages, err := Pages(root)
	if err != nil {
		t.Fatal(err)
	}
	links := 0
	for _, page := range pages {
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(page)))
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range pageLink.FindAllStringSubmatch(fenced.ReplaceAllString(string(text), ""), -1) {
			links++
			target, anchor, _ := strings.Cut(found[1], "#")
			there := page
			if target != "" {
				there = path.Join(path.Dir(page), target)
			}
			data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(there)))
			if _, missing := os.Stat(filepath.Join(root, filepath.FromSlash(there))); missing != nil {
				t.Errorf("%s links to %s, which is not there", page, found[1])
				continue
			}
			if anchor != "" && (err != nil || !anchors(string(data))[anchor]) {
				t.Errorf("%s links to %s, and there is no such heading", page, found[1])
			}
		}
	}
	if links < 100 {
		t.Errorf("only %d links", links)
	}
}
