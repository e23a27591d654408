package plan

func lintFindings(_ *player, _ []Inventory) ([]Finding, error) { return nil, nil }
