package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	command := func() { os.Exit(run()) }
	testscript.Main(m, map[string]func(){"helm-hooks": command, "kubectl-hooks": command})
}

func TestScripts(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join(root, "testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			home := filepath.Join(env.WorkDir, "home")
			if err := os.Mkdir(home, 0o755); err != nil {
				return err
			}
			env.Setenv("HOME", home)
			env.Setenv("USERPROFILE", home)
			env.Setenv("LC_ALL", "C.UTF-8")
			env.Setenv("ROOT", root)
			env.Setenv("CHARTS", filepath.Join(root, "testdata", "charts"))
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"succeeds": succeeds, "fails": fails, "code": code, "pack": pack, "bomb": bomb, "cut": cut,
		},
	})
}

// exitCode runs a command and keeps what it prints for stdout, stderr and cmp.
func exitCode(ts *testscript.TestScript, args []string) int {
	if len(args) == 0 {
		ts.Fatalf("no command")
	}
	err := ts.Exec(args[0], args[1:]...)
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	ts.Fatalf("%v", err)
	return 0
}

// succeeds runs a command that has an answer and nothing else to say.
func succeeds(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("the opposite of succeeds is fails")
	}
	if code := exitCode(ts, args); code != 0 {
		ts.Fatalf("exit code %d\n%s", code, ts.ReadFile("stderr"))
	}
	if ts.ReadFile("stdout") == "" || ts.ReadFile("stderr") != "" {
		ts.Fatalf("stdout has %d bytes, stderr %q", len(ts.ReadFile("stdout")), ts.ReadFile("stderr"))
	}
}

// fails runs a command that ends in an error: exit code 1, words on stderr, nothing on stdout.
func fails(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("the opposite of fails is succeeds")
	}
	code, stdout, stderr := exitCode(ts, args), ts.ReadFile("stdout"), ts.ReadFile("stderr")
	if code != 1 || stdout != "" || !strings.HasPrefix(stderr, "error: ") {
		ts.Fatalf("exit code %d, stdout %q, stderr %q", code, stdout, stderr)
	}
	if strings.Contains(stderr, "Usage:") {
		ts.Fatalf("the error is buried under the usage text:\n%s", stderr)
	}
}

// code runs a command whose exit code is the first argument.
func code(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := exitCode(ts, args[1:]); got != want || neg {
		ts.Fatalf("exit code %d, want %d\n%s", got, want, ts.ReadFile("stderr"))
	}
}

// pack FOLDER FILE makes a chart archive of a folder.
func pack(ts *testscript.TestScript, _ bool, args []string) {
	folder := ts.MkAbs(args[0])
	base := filepath.Base(folder)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), archive(ts, func(add func(name string, data []byte)) error {
		return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			inside, err := filepath.Rel(folder, path)
			add(base+"/"+filepath.ToSlash(inside), data)
			return err
		})
	}), 0o644))
}

// bomb FILE makes a chart archive that is small and unpacks to much.
func bomb(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), archive(ts, func(add func(name string, data []byte)) error {
		add("bomb/Chart.yaml", []byte("apiVersion: v2\nname: bomb\nversion: 0.1.0\n"))
		zeroes := make([]byte, 4<<20)
		for i := range 64 {
			add("bomb/templates/"+strconv.Itoa(i)+".yaml", zeroes)
		}
		return nil
	}), 0o644))
}

// cut FILE BYTES leaves only the beginning of a file.
func cut(ts *testscript.TestScript, _ bool, args []string) {
	size, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), size))
}

func archive(ts *testscript.TestScript, fill func(add func(name string, data []byte)) error) []byte {
	var out bytes.Buffer
	packed := gzip.NewWriter(&out)
	files := tar.NewWriter(packed)
	ts.Check(fill(func(name string, data []byte) {
		ts.Check(files.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(data))}))
		_, err := files.Write(data)
		ts.Check(err)
	}))
	ts.Check(files.Close())
	ts.Check(packed.Close())
	return out.Bytes()
}
