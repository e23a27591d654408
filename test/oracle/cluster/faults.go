package cluster

import (
	"k8s.io/cli-runtime/pkg/resource"

	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
)

// strikes are the faults of a step and what they have done in it.
type strikes struct {
	faults []scenario.Fault
	// times is how often each fault has struck, last the call in which it did so last.
	times, last []int
	call        int
}

// SetFaults replaces the faults that strike from now on.
func (c *Cluster) SetFaults(faults []scenario.Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.strikes = strikes{faults: faults, times: make([]int, len(faults)), last: make([]int, len(faults))}
}

// Strike says whether a fault that fits strikes now. It is for the faults of ordinary resources, which
// strike whole calls before they reach the cluster; those of hooks strike single requests.
func (c *Cluster) Strike(fits func(scenario.Fault) bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.strikes.find(fits)
}

func (s *strikes) find(fits func(scenario.Fault) bool) bool {
	for i, f := range s.faults {
		if !fits(f) {
			continue
		}
		if s.times[i] == 0 || s.last[i] != s.call {
			if f.Times > 0 && s.times[i] >= f.Times {
				continue
			}
			s.times[i]++
			s.last[i] = s.call
		}
		return true
	}
	return false
}

// fault says whether a fault strikes the object now. Only hooks' requests have faults here.
func (c *Cluster) fault(k key, prefix, at string) bool {
	if !c.scope.Hook {
		return false
	}
	name := k.name
	if prefix != "" {
		name = ""
	}
	return c.strikes.find(func(f scenario.Fault) bool {
		return f.At == at && f.Object == k.kind+"/"+name && (f.Event == "" || f.Event == c.scope.Event)
	})
}

// Watch looks at an object as one who waits for it: whether it exists and, for a Job or Pod, its state. One
// that has only begun to run ends now, unless one of the signals strikes first.
func (c *Cluster) Watch(info *resource.Info, signals []string) (state State, found bool, signal string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := keyOf(info)
	o, found := c.objects[k]
	if !found {
		return "", false, ""
	}
	begun := o.fresh
	o.fresh = false
	if begun || o.state == Running {
		for _, signal := range signals {
			if c.fault(k, o.prefix, signal) {
				o.state, o.stopped = Running, true
				return o.state, true, signal
			}
		}
	}
	switch {
	case !begun || neverEnds(k, o.content):
	case c.fault(k, o.prefix, scenario.AtTimeout):
		o.state = Running
	case c.fault(k, o.prefix, scenario.AtWait):
		o.state = Failed
	}
	return o.state, true, ""
}

// Settle lets what Helm was waiting for when it was stopped come to its end by itself.
func (c *Cluster) Settle() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for k, o := range c.objects {
		if o.stopped && !neverEnds(k, o.content) {
			o.state = Finished
		}
		o.stopped = false
	}
}
