package plan

import "slices"

// stock renders and classifies each revision once, however many runs ask for it. It serves one call of
// Make or Run and is not shared.
type stock struct {
	engine  Engine
	release Release
	render  Render
	// readings are the documents that revisions have in common, or have with the records of a live release.
	readings *readings
	made     map[Fields]Inventory
	// postRender is Flux's postRenderStrategy; empty is no post-renderer.
	postRender string
	// different are the renders that differ from one another, with what they were classified as.
	different []classified
}

type classified struct {
	rendered  Rendered
	inventory Inventory
}

func newStock(engine Engine, release Release, render Render) *stock {
	return &stock{engine: engine, release: release, render: render, readings: newReadings(release), made: map[Fields]Inventory{}}
}

func (s *stock) get(fields Fields) (Inventory, error) {
	if inventory, ok := s.made[fields]; ok {
		return inventory, nil
	}
	rendered, err := s.render(fields)
	if err != nil {
		return Inventory{}, err
	}
	inventory, err := s.inventory(rendered)
	if err != nil {
		return Inventory{}, err
	}
	s.made[fields] = inventory
	return inventory, nil
}

// inventory classifies a render, unless it is one that is known already: one render may serve several revisions.
func (s *stock) inventory(rendered Rendered) (Inventory, error) {
	for _, known := range s.different {
		if sameRender(known.rendered, rendered) {
			return known.inventory, nil
		}
	}
	inventory, err := s.classify(rendered)
	if err != nil {
		return Inventory{}, err
	}
	s.different = append(s.different, classified{rendered, inventory})
	return inventory, nil
}

func (s *stock) classify(rendered Rendered) (Inventory, error) {
	if s.postRender != "" {
		rendered.Documents = takenApart(rendered.Documents, s.postRender)
	}
	return classify(rendered, s.engine, s.readings)
}

func sameRender(a, b Rendered) bool {
	return slices.Equal(a.Documents, b.Documents) && slices.EqualFunc(a.CRDs, b.CRDs, func(a, b CRDFile) bool {
		return a.Path == b.Path && slices.Equal(a.Documents, b.Documents)
	})
}

// sameInventory tells whether two inventories come from one render.
func sameInventory(a, b Inventory) bool {
	return oneSlice(a.Resources, b.Resources) && oneSlice(a.Hooks, b.Hooks) && oneSlice(a.Dropped, b.Dropped) && oneSlice(a.CRDs, b.CRDs)
}

func oneSlice[T any](a, b []T) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}
