package sqlite

import (
	"cmp"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Options bound a Store. The zero value is ready to use.
type Options struct {
	// Retention is how long raw results are kept, by due time; 0: 7 days.
	Retention time.Duration
	// Disk is how many bytes the database may use; beyond it the oldest raw
	// results go first. 0: 10 GB.
	Disk int64
	// Busy is how long a write waits for another process; 0: 5 s.
	Busy time.Duration
	// Registry takes the store's metrics; nil: none are kept.
	Registry prometheus.Registerer
}

func (o Options) withDefaults() Options {
	o.Retention = cmp.Or(o.Retention, 7*24*time.Hour)
	o.Disk = cmp.Or(o.Disk, 10_000_000_000)
	o.Busy = cmp.Or(o.Busy, 5*time.Second)
	o.Registry = cmp.Or[prometheus.Registerer](o.Registry, prometheus.NewRegistry())
	return o
}
