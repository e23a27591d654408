package live

// At is the release as it was when a stored revision was its newest.
func (r *Release) At(revision int) (*Release, error) {
	stored, err := r.Revision(revision)
	if err != nil {
		return nil, err
	}
	then := *r
	then.Newest = stored
	if stored.Namespace != "" {
		then.Namespace = stored.Namespace
	}
	return &then, nil
}
