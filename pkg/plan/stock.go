package plan

// stock renders and classifies each revision once, however many runs ask for it. It serves one call of
// Make or Run and is not shared.
type stock struct {
	engine  Engine
	release Release
	render  Render
	made    map[Fields]Inventory
	// same finds renders that gave the very same documents.
	same map[*Document]Inventory
}

func newStock(engine Engine, release Release, render Render) *stock {
	return &stock{engine: engine, release: release, render: render, made: map[Fields]Inventory{}, same: map[*Document]Inventory{}}
}

func (s *stock) get(fields Fields) (Inventory, error) {
	if inventory, ok := s.made[fields]; ok {
		return inventory, nil
	}
	rendered, err := s.render(fields)
	if err != nil {
		return Inventory{}, err
	}
	if len(rendered.Documents) > 0 {
		// One render that serves several revisions hands out one and the same slice.
		if inventory, ok := s.same[&rendered.Documents[0]]; ok {
			s.made[fields] = inventory
			return inventory, nil
		}
	}
	inventory, err := Classify(rendered, s.release, s.engine)
	if err != nil {
		return Inventory{}, err
	}
	s.made[fields] = inventory
	if len(rendered.Documents) > 0 {
		s.same[&rendered.Documents[0]] = inventory
	}
	return inventory, nil
}
