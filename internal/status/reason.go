package status

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// Reason is why a hook failed, or does not come to an end.
type Reason struct {
	// Short fits behind a colon: "exit code 3".
	Short string
	// Text is a sentence.
	Text string
}

// reasonOf looks for the reason where it is most exact: in a container, then in the Job, then in the events.
func reasonOf(o ObjectFacts, run Run) *Reason {
	pods := o.Pods
	if o.Pod != nil {
		pods = []Pod{*o.Pod}
	}
	pod := culprit(pods)
	if o.Job != nil {
		return jobReason(o, pod, run)
	}
	switch {
	case pod != nil:
		return pod
	case o.Exists && progressOf(o) == Running && run.State == RunFailed:
		return gaveUp(o.Object, run)
	}
	return eventReason(o)
}

// jobReason adds to what its Pods say what the Job itself does.
func jobReason(o ObjectFacts, pod *Reason, run Run) *Reason {
	job := *o.Job
	switch {
	case job.Progress == Suspended:
		return &Reason{"suspended", "the Job is suspended (spec.suspend: true), so that it never ends"}
	case job.Reason == "DeadlineExceeded":
		r := &Reason{"DeadlineExceeded", "the Job ran longer than its activeDeadlineSeconds (DeadlineExceeded)"}
		if pod != nil {
			r.Text += "; " + pod.Text
		}
		return r
	case job.Progress == Failed && pod != nil:
		return &Reason{pod.Short, pod.Text + jobSuffix(job)}
	case job.Progress == Failed:
		text := job.Reason
		if job.Message != "" {
			text = sentencesColon(text, oneLine(job.Message))
		}
		if text == "" {
			text = "the Job failed and does not say why"
		}
		return &Reason{firstOf(job.Reason, "the Job failed"), text}
	case pod != nil:
		return pod
	case job.Progress == Running && run.State == RunFailed:
		if from := eventReason(o); from != nil {
			return from
		}
		return gaveUp(o.Object, run)
	case job.Progress == Succeeded:
		return nil
	}
	return eventReason(o)
}

func jobSuffix(job Job) string {
	switch {
	case job.Reason == "":
		return ""
	case job.Failed > 1:
		return fmt.Sprintf(" (%s after %s)", job.Reason, count(job.Failed, "failed Pod"))
	}
	return " (" + job.Reason + ")"
}

// gaveUp is what a timeout leaves: Helm has noted a failure, and the object goes on.
func gaveUp(o plan.Object, run Run) *Reason {
	text := "Helm gave up waiting: the " + o.Kind + " still runs"
	if took, ok := run.Took(); ok {
		text = fmt.Sprintf("Helm gave up waiting after %s: the %s still runs", took.Round(1e9), o.Kind)
	}
	return &Reason{"not done in time", text}
}

// culprit finds the Pod that tells most: a failed one before one that hangs, the newest first.
func culprit(pods []Pod) *Reason {
	sorted := slices.Clone(pods)
	slices.SortStableFunc(sorted, func(a, b Pod) int {
		return compareBool(a.Progress != Failed, b.Progress != Failed)
	})
	for _, p := range sorted {
		if r := podReason(p); r != nil {
			return r
		}
	}
	return nil
}

func podReason(p Pod) *Reason {
	if p.Progress == Succeeded {
		return nil
	}
	if p.Progress == Failed && p.Reason != "" {
		return &Reason{p.Reason, sentencesColon("Pod "+p.Name+": "+p.Reason, oneLine(p.Message))}
	}
	if p.Unscheduled != "" {
		return &Reason{"cannot be scheduled", sentencesColon("Pod "+p.Name+" cannot be scheduled", oneLine(p.Unscheduled))}
	}
	for _, c := range p.Containers {
		if r := containerReason(c); r != nil {
			return r
		}
	}
	if p.Progress == Failed {
		return &Reason{"its Pod failed", "Pod " + p.Name + " failed and does not say why"}
	}
	return nil
}

func containerReason(c Container) *Reason {
	name := "container " + c.Name
	if c.Init {
		name = "init " + name
	}
	switch {
	case c.State == terminated && c.Reason == "OOMKilled":
		return &Reason{"OOMKilled", fmt.Sprintf("%s used more memory than it may (OOMKilled, exit code %d)", name, c.ExitCode)}
	case c.State == terminated && (c.ExitCode != 0 || c.Signal != 0):
		short := exitWords(c)
		text := name + " ended with " + short
		if c.Reason != "" && c.Reason != "Error" {
			text += " (" + c.Reason + ")"
		}
		return &Reason{short, sentencesColon(text, firstLine(c.Message))}
	case c.State != waiting || c.Reason == "" || c.Reason == "PodInitializing" || c.Reason == "ContainerCreating":
		return nil
	case c.Restarts > 0:
		last := "exit code " + strconv.Itoa(c.LastExitCode)
		if c.LastReason == "OOMKilled" {
			last = c.LastReason
		}
		return &Reason{last, fmt.Sprintf("%s ends with %s again and again (%s, %s)", name, last, c.Reason, count(c.Restarts, "restart"))}
	}
	return &Reason{c.Reason, sentencesColon(name+" cannot start: "+c.Reason, oneLine(c.Message))}
}

func exitWords(c Container) string {
	if c.ExitCode == 0 {
		return "signal " + strconv.Itoa(c.Signal)
	}
	return "exit code " + strconv.Itoa(c.ExitCode)
}

// eventReason is the last warning.
func eventReason(o ObjectFacts) *Reason {
	for _, e := range slices.Backward(o.Events) {
		if e.Warning {
			return &Reason{e.Reason, sentencesColon("event "+e.Reason+" of "+e.Of, oneLine(e.Message))}
		}
	}
	return nil
}

func sentencesColon(said, more string) string {
	if more == "" {
		return said
	}
	return said + ": " + more
}

func firstOf(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}
