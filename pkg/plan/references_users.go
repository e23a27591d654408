package plan

// users tells which long-lived workloads of a chart need an object, by the object's key.
type users map[string][]Object

// usersOf reads the ordinary workloads of a revision. A Job is over before anything changes.
func usersOf(inventory *Inventory) users {
	found := users{}
	for i := range inventory.Resources {
		for _, one := range inventory.Resources[i].parts {
			if one.object.Kind == "Job" {
				continue
			}
			for _, r := range references(one) {
				key := identityKey(Parsed{}, r.object)
				found[key] = append(found[key], one.object)
			}
		}
	}
	return found
}

func (u users) of(object Object) []Object { return u[identityKey(Parsed{}, object)] }
