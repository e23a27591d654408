package cli

import "fmt"

// validateFlux refuses what has no answer where helm-controller decides what runs.
func (o *planOptions) validateFlux() error {
	if o.engine.Name != "flux" {
		return nil
	}
	const decides = "helm-controller decides what comes next"
	switch f := o.failure; {
	case f.life:
		return &hintError{fmt.Errorf("--life has no meaning under --engine flux: %s", decides), "the plan itself shows what runs when; --fail shows what follows a failure"}
	case len(f.then) > 0:
		return &hintError{fmt.Errorf("--then has no meaning under --engine flux: %s", decides), "--fail shows what follows a failure"}
	case f.matrix:
		return &hintError{fmt.Errorf("--matrix lists ways out by hand, and under --engine flux %s", decides), "--fail KIND/NAME plays one failure to its end"}
	case len(f.interrupt) > 0:
		return &hintError{fmt.Errorf("--interrupt has no meaning under --engine flux: nobody presses Ctrl-C"), "--kill lets helm-controller die"}
	}
	return nil
}
