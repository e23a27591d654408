package bench

import (
	"bytes"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Work is what is given to the program in test/bench/compare.
type Work struct {
	// Pairs is how often each pair of commands runs.
	Pairs int
	// Env is the commands' whole environment.
	Env   []string
	Cases []Case
}

// Case is two commands that answer the same question.
type Case struct {
	Name         string
	Ours, Theirs []string
}

// Result is what the two commands of a case took.
type Result struct {
	Case
	OursTook, TheirsTook Usage
}

// Usage is what a command took: the median of its runs.
type Usage struct {
	Wall time.Duration
	// CPU is user and system time together.
	CPU time.Duration
	// Memory is the largest resident set in bytes.
	Memory int64
}

// Compare runs the two commands of a case in turn, first the one ahead, then the other, so that what slows the
// machine down for a while strikes both. The first run of each only warms the file cache.
//
// Linux counts the memory of the process that forked into the one that it becomes (kernel/exec: exec_mmap), so a
// caller must be smaller than what it measures.
func Compare(c Case, pairs int, env []string) (Result, error) {
	var ours, theirs []Usage
	for i := range pairs + 1 {
		commands := [][]string{c.Ours, c.Theirs}
		took := make([]Usage, 2)
		for k := range commands {
			at := (i + k) % 2
			usage, err := run(commands[at], env)
			if err != nil {
				return Result{}, fmt.Errorf("%s: %w", c.Name, err)
			}
			took[at] = usage
		}
		if i > 0 {
			ours, theirs = append(ours, took[0]), append(theirs, took[1])
		}
	}
	return Result{Case: c, OursTook: median(ours), TheirsTook: median(theirs)}, nil
}

// run runs a command, which must succeed and print something.
func run(command, env []string) (Usage, error) {
	cmd := exec.Command(command[0], command[1:]...)
	var counter counter
	var stderr bytes.Buffer
	cmd.Env, cmd.Stdout, cmd.Stderr = env, &counter, &stderr
	began := time.Now()
	err := cmd.Run()
	wall := time.Since(began)
	if err != nil {
		return Usage{}, fmt.Errorf("%s: %w\n%s", strings.Join(command, " "), err, stderr.String())
	}
	if counter == 0 {
		return Usage{}, fmt.Errorf("%s printed nothing", strings.Join(command, " "))
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return Usage{}, fmt.Errorf("this system does not tell what %s took", command[0])
	}
	return Usage{Wall: wall, CPU: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), Memory: int64(usage.Maxrss) << 10}, nil
}

type counter int64

func (c *counter) Write(text []byte) (int, error) {
	*c += counter(len(text))
	return len(text), nil
}

func median(runs []Usage) Usage {
	return Usage{
		Wall:   middle(runs, func(u Usage) time.Duration { return u.Wall }),
		CPU:    middle(runs, func(u Usage) time.Duration { return u.CPU }),
		Memory: middle(runs, func(u Usage) int64 { return u.Memory }),
	}
}

func middle[T ~int64](runs []Usage, of func(Usage) T) T {
	if len(runs) == 0 {
		return 0
	}
	values := make([]T, 0, len(runs))
	for _, one := range runs {
		values = append(values, of(one))
	}
	slices.Sort(values)
	return (values[(len(values)-1)/2] + values[len(values)/2]) / 2
}
