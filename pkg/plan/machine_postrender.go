package plan

import "cmp"

// postRendered refuses what Flux's post-renderers do not take: they are kustomize, which wants each object once
// (sigs.k8s.io/kustomize/api resmap/reswrangler.go Append, kyaml resid.Equals). There is always one, which adds the
// labels of the HelmRelease (helm-controller 1.6.3 internal/postrender/build.go).
func postRendered(inventory Inventory, options Options) error {
	switch options.PostRender {
	case postRenderCombined:
		return onceOnly("files", inventory.Resources, inventory.Hooks)
	case postRenderSeparate:
		return cmp.Or(onceOnly("hooks", nil, inventory.Hooks), onceOnly("files", inventory.Resources, nil))
	case postRenderNoHooks:
		return onceOnly("files", inventory.Resources, nil)
	}
	return nil
}

// onceOnly finds an object that is there twice, or has no name (generateName).
func onceOnly(what string, resources []Resource, hooks []Hook) error {
	seen := map[Object]bool{}
	once := func(parts []part) error {
		for _, one := range parts {
			id := one.object
			if given, _ := metadata(one.body)["namespace"].(string); id.Namespace != "" && (given == "" || given == "default") {
				// To kustomize no namespace is the same as default.
				id.Namespace = "default"
			}
			if one.nameless {
				return refuse("error while running post render on %s: missing metadata.name in object %s", what, one.object.Kind)
			}
			if seen[id] {
				return refuse("error while running post render on %s: may not add resource with an already registered id: %s", what, one.object.Ref())
			}
			seen[id] = true
		}
		return nil
	}
	for i := range resources {
		if err := once(resources[i].parts); err != nil {
			return err
		}
	}
	for i := range hooks {
		if err := once(hooks[i].parts); err != nil {
			return err
		}
	}
	return nil
}
