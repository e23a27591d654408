package apiserver

import (
	"fmt"
	"strconv"
	"time"
)

// What becomes of a Job or Pod stands in annotations of the pod template, or of the Pod.
const (
	// AnnotationOutcome is succeed (the default), fail, or never.
	AnnotationOutcome = "e2e.helm-hooks/outcome"
	// AnnotationAfter is how long it runs, such as 300ms.
	AnnotationAfter = "e2e.helm-hooks/after"
	// AnnotationExitCode is that of a failing container, 1 by default.
	AnnotationExitCode = "e2e.helm-hooks/exit-code"
	// AnnotationLog is what its containers have written.
	AnnotationLog = "e2e.helm-hooks/log"
	// AnnotationGoneAfter is how long it takes to vanish once it is deleted. A Job needs FinalizerSlow too.
	AnnotationGoneAfter = "e2e.helm-hooks/gone-after"
	// FinalizerSlow keeps a Job for as long as AnnotationGoneAfter says.
	FinalizerSlow = "e2e.helm-hooks/slow"
)

// The outcomes.
const (
	Succeed = "succeed"
	Fail    = "fail"
	Never   = "never"
)

// Fate is what becomes of a Job or Pod.
type Fate struct {
	Outcome   string
	After     time.Duration
	ExitCode  int32
	Log       string
	GoneAfter time.Duration
}

func readFate(annotations map[string]string) (Fate, error) {
	fate := Fate{Outcome: Succeed, ExitCode: 1, Log: annotations[AnnotationLog]}
	if outcome, ok := annotations[AnnotationOutcome]; ok {
		fate.Outcome = outcome
	}
	if fate.Outcome != Succeed && fate.Outcome != Fail && fate.Outcome != Never {
		return fate, fmt.Errorf("annotation %s is %q: valid are %s, %s and %s", AnnotationOutcome, fate.Outcome, Succeed, Fail, Never)
	}
	for name, field := range map[string]*time.Duration{AnnotationAfter: &fate.After, AnnotationGoneAfter: &fate.GoneAfter} {
		if text, ok := annotations[name]; ok {
			var err error
			if *field, err = time.ParseDuration(text); err != nil {
				return fate, fmt.Errorf("annotation %s: %w", name, err)
			}
		}
	}
	if text, ok := annotations[AnnotationExitCode]; ok {
		code, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			return fate, fmt.Errorf("annotation %s: %w", AnnotationExitCode, err)
		}
		fate.ExitCode = int32(code)
	}
	return fate, nil
}

// Decide settles the fate of the Jobs and Pods of a name, for charts that carry no such annotations. It comes
// before what their annotations say.
func (s *Server) Decide(namespace, name string, fate Fate) {
	if fate.Outcome == "" {
		fate.Outcome = Succeed
	}
	if fate.ExitCode == 0 {
		fate.ExitCode = 1
	}
	s.keeper.mu.Lock()
	defer s.keeper.mu.Unlock()
	s.keeper.decided[namespace+"/"+name] = fate
}

func (k *keeper) fate(namespace, name string, annotations map[string]string) (Fate, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if fate, ok := k.decided[namespace+"/"+name]; ok {
		return fate, nil
	}
	return readFate(annotations)
}
