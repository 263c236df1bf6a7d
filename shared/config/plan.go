package config

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Plan returns what must change for the catalog to say what the files say: it
// puts what is new or differs and deletes what is gone, all sorted by key. A
// plan that has been carried out is followed by an empty one.
func Plan(current monitor.Catalog, wanted Definition) monitor.CatalogChange {
	var change monitor.CatalogChange
	change.PutEndpoints, change.DeleteEndpoints = differences(current.Endpoints, wanted.Endpoints)
	change.PutChannels, change.DeleteChannels = differences(current.Channels, wanted.Channels)
	return change
}

func differences[T interface{ Key() string }](current, wanted []T) (put []T, gone []string) {
	stored := make(map[string]T, len(current))
	for _, one := range current {
		stored[one.Key()] = one
	}
	for _, one := range wanted {
		if old, ok := stored[one.Key()]; !ok || !same(old, one) {
			put = append(put, one)
		}
		delete(stored, one.Key())
	}
	for key := range stored {
		gone = append(gone, key)
	}
	slices.Sort(gone)
	return put, gone
}

// same compares definitions as they are stored, without their revision.
func same[T any](a, b T) bool {
	first, err1 := json.Marshal(withoutRevision(a))
	second, err2 := json.Marshal(withoutRevision(b))
	return err1 == nil && err2 == nil && bytes.Equal(first, second)
}

func withoutRevision(value any) any {
	if e, ok := value.(monitor.Endpoint); ok {
		e.Revision = 0
		return e
	}
	return value
}
