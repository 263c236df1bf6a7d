package couchbase

import (
	"cmp"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/link"
)

// Settings say which cluster and buckets to use.
type Settings struct {
	Link    link.Settings
	Bucket  string   `envconfig:"MONITOR_BUCKET" default:"monitor" desc:"Couchbase bucket of what people define, what is believed and who is told"`
	Buckets []string `envconfig:"MONITOR_BUCKETS" default:"monitor" desc:"Couchbase buckets of results, as name,name: each namespace and each shard stays in the one that it was given at first, so names may be added, and none left out"`
}

// maxBuckets is how many buckets a cluster may have
// (https://docs.couchbase.com/server/current/learn/clusters-and-availability/size-limitations.html).
const maxBuckets = 30

var bucketPattern = regexp.MustCompile(`^[A-Za-z0-9_%-][A-Za-z0-9_.%-]{0,99}$`)

// Check returns an Invalid error for every setting that cannot be.
func (s Settings) Check() error {
	faults := []error{s.Link.Check()}
	if !bucketPattern.MatchString(s.Bucket) {
		faults = append(faults, monitor.FieldErrorf("MONITOR_BUCKET", "must be 1 to 100 of A-Z a-z 0-9 _ . - %%, not a dot first, got %q", s.Bucket))
	}
	for _, name := range s.Buckets {
		if !bucketPattern.MatchString(name) {
			faults = append(faults, monitor.FieldErrorf("MONITOR_BUCKETS", "must be names of 1 to 100 of A-Z a-z 0-9 _ . - %%, not a dot first, got %q", name))
		}
	}
	if n := len(s.Buckets); n < 1 || n > maxBuckets {
		faults = append(faults, monitor.FieldErrorf("MONITOR_BUCKETS", "must name 1 to %d buckets, got %d", maxBuckets, n))
	}
	if sorted := slices.Sorted(slices.Values(s.Buckets)); len(slices.Compact(sorted)) < len(s.Buckets) {
		faults = append(faults, monitor.FieldErrorf("MONITOR_BUCKETS", "must name each bucket once, got %s", strings.Join(s.Buckets, ",")))
	}
	return errors.Join(faults...)
}

// all returns every bucket once.
func (s Settings) all() []string {
	if slices.Contains(s.Buckets, s.Bucket) {
		return s.Buckets
	}
	return append([]string{s.Bucket}, s.Buckets...)
}

// Options bound a Store. The zero value is ready to use.
type Options struct {
	// Retention is how long raw results are kept, by due time; 0: 7 days.
	Retention time.Duration
	// Keep is how long rollups and claims are kept.
	Keep Keep
	// Lease is how long a monitor that has ended without a word keeps others from
	// working with the cluster; 0: 30 s.
	Lease time.Duration
	// Clock tells the time; nil: the system's.
	Clock func() time.Time
	// Registry takes the store's metrics; nil: none are kept.
	Registry prometheus.Registerer
}

// Keep is how long rollups and claims are kept, counted from their end. Zero
// values stand for 48 hours, 90 days, 2 years and 7 days.
type Keep struct{ Minutes, Hours, Days, Claims time.Duration }

const day = 24 * time.Hour

// check returns an Invalid error for what would be kept longer than a collection
// can keep anything.
func (o Options) check() error {
	longest := max(o.Retention, o.Keep.Minutes, o.Keep.Hours, o.Keep.Days, o.Keep.Claims)
	if longest > layout.Longest {
		return monitor.FieldErrorf("MONITOR_RETENTION", "must be at most %s, got %s", monitor.Duration(layout.Longest), monitor.Duration(longest))
	}
	return nil
}

func (o Options) withDefaults() Options {
	o.Lease = cmp.Or(o.Lease, leaseLasts)
	o.Retention = cmp.Or(o.Retention, 7*day)
	o.Keep = Keep{
		Minutes: cmp.Or(o.Keep.Minutes, 2*day),
		Hours:   cmp.Or(o.Keep.Hours, 90*day),
		Days:    cmp.Or(o.Keep.Days, 2*365*day),
		Claims:  cmp.Or(o.Keep.Claims, 7*day),
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return o
}
