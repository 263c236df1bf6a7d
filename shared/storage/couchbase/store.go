// Package couchbase keeps everything in a Couchbase cluster, by one document for
// each thing that is read at once, and finds all of it by keys that can be
// computed. Only lists of incidents are found by SQL++, so that a monitor whose
// query or index service is away still checks, decides and tells.
package couchbase

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/link"
)

// Settings say which cluster and buckets to use.
type Settings struct {
	Link    link.Settings
	Bucket  string   // of metadata
	Buckets []string // of results
}

// Options bound a Store. The zero value is ready to use.
type Options struct {
	// Retention is how long raw results are kept, by due time; 0: 7 days.
	Retention time.Duration
	// Keep is how long rollups and claims are kept.
	Keep Keep
	// Clock tells the time; nil: the system's.
	Clock func() time.Time
	// Registry takes the store's metrics; nil: none are kept.
	Registry prometheus.Registerer
}

// Keep is how long rollups and claims are kept, counted from their end. Zero
// values stand for 48 hours, 90 days, 2 years and 7 days.
type Keep struct{ Minutes, Hours, Days, Claims time.Duration }

// Store keeps everything in one Couchbase cluster. It serves many goroutines.
type Store struct {
	settings Settings
	options  Options
	link     *link.Link
}
