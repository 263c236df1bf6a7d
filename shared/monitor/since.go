package monitor

// Since returns the endpoints that were put after the catalog had the revision.
func (c Catalog) Since(revision int64) []Endpoint {
	var fresh []Endpoint
	for i := range c.Endpoints {
		if c.Endpoints[i].Revision > revision {
			fresh = append(fresh, c.Endpoints[i])
		}
	}
	return fresh
}
