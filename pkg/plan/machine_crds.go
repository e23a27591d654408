package plan

import (
	"fmt"
	"slices"
)

// installCRDs creates the files of crds/ before anything else: v3 and v4 pkg/action/install.go
// installCRDs. Helm 3 passes over a CRD that exists; Helm 4 applies it. They are never upgraded nor
// deleted, and belong to nobody. Flux does it in Helm's stead, by options.CRDs, before an upgrade too
// (helm-controller 1.6.3 internal/action/crds.go applyCRDs).
func (m *machine) installCRDs(files []CRDFile, number int, serverSide bool, options Options) error {
	if options.CRDs != "" {
		files = definitionsOnly(files)
	}
	if len(files) == 0 || options.SkipCRDs || options.CRDs == crdsSkip {
		return nil
	}
	op := OpCreate
	if serverSide {
		op = OpApply
	}
	phase := m.begin(phaseCRDs, number)
	// made are those of files that were not passed over: Helm waits for no others.
	var all, made []Object
	for _, file := range files {
		operation := Operation{Op: op, Phase: phaseCRDs, Revision: number, Objects: file.Objects}
		if file.Problem != "" {
			phase.Result, phase.Error = Failed, file.Problem
			err := fmt.Errorf("failed to install CRD %s: %s", file.Path, file.Problem)
			if file.Problem == errNoObjects.Error() && !m.rules.waiters {
				return &refusal{m.emitResult(operation, err)}
			}
			return &refusal{err}
		}
		if slices.ContainsFunc(file.Objects, func(o Object) bool { return o.Name == "" }) {
			err := fmt.Errorf("failed to install CRD %s: %w", file.Path, errNameless)
			return &refusal{m.emitResult(operation, err)}
		}
		for _, object := range file.Objects {
			key := identityKey(Parsed{}, object)
			_, exists := m.state.world.get(key)
			if !exists && m.unseen(key) {
				operation.Prediction = Likely
			}
			if exists && !serverSide && options.CRDs != crdsReplace {
				operation.Result = Skipped
				operation.Error = quoted(object) + " already exists"
				continue
			}
			m.state.world.put(key, placed{object: object, condition: live})
		}
		all = append(all, file.Objects...)
		if operation.Result != Skipped {
			made = append(made, file.Objects...)
		}
		m.emit(operation)
	}
	phase.count(all)
	waited := len(made) > 0 && (m.rules.crdWaitForced && options.CRDs == "" || waits(options))
	phase.Waited = waited
	if waited {
		m.emit(Operation{Op: OpWait, Phase: phaseCRDs, Revision: number, Objects: made})
	}
	return nil
}

// definitionsOnly leaves out what stands in crds/ without being a definition, as Flux does.
func definitionsOnly(files []CRDFile) []CRDFile {
	var kept []CRDFile
	for _, file := range files {
		objects := slices.DeleteFunc(slices.Clone(file.Objects), func(o Object) bool {
			return o.Kind != "CustomResourceDefinition" || o.group() != "apiextensions.k8s.io"
		})
		if len(objects) > 0 || file.Problem != "" {
			file.Objects = objects
			kept = append(kept, file)
		}
	}
	return kept
}
