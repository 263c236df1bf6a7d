package migrate

import (
	"cmp"
	"errors"
	"iter"
	"slices"
	"strings"

	"github.com/couchbase/gocb/v2"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/statements"
)

// wants is what there has to be in the end.
type wants struct {
	metadata string
	results  []string
	scope    string
	indexes  []statements.Index
	retired  []statements.Index
	version  int
}

func wanted(s couchbase.Settings) wants {
	return wants{
		metadata: s.Bucket, results: s.Buckets, scope: cmp.Or(s.Link.Scope, layout.Scope),
		indexes: statements.Indexes(), retired: statements.Retired(), version: layout.Version,
	}
}

// buckets yields each bucket and the collections that it has to have, in order.
func (w wants) buckets() iter.Seq2[string, []string] {
	return func(yield func(string, []string) bool) {
		first := layout.Metadata()
		if slices.Contains(w.results, w.metadata) {
			first = append(first, layout.Results()...)
		}
		if !yield(w.metadata, first) {
			return
		}
		rest := slices.Compact(slices.Sorted(slices.Values(w.results)))
		for _, bucket := range rest {
			if bucket != w.metadata && !yield(bucket, layout.Results()) {
				return
			}
		}
	}
}

// The limits of buckets and indexes.
const (
	minQuota         = 100 // MB
	maxReplicas      = 2
	maxIndexReplicas = statements.MaxReplicas
)

// plan says what is missing, in the order in which it has to be done. Nothing is
// when all is in place. Invalid: what is there cannot be worked with.
func plan(want wants, seen sight, options Options) ([]step, error) {
	if err := acceptable(want, seen, options); err != nil {
		return nil, err
	}
	var steps []step
	for bucket, collections := range want.buckets() {
		if _, there := seen.buckets[bucket]; !there {
			steps = append(steps, step{what: aBucket, bucket: bucket, quota: quota(options), replicas: replicas(seen.cluster, options)})
		}
		has, there := seen.scopes[bucket]
		if !there {
			steps = append(steps, step{what: aScope, bucket: bucket, scope: want.scope})
		}
		for _, collection := range collections {
			if !has[collection] {
				bounded := seen.cluster.enterprise && layout.Expires(collection)
				steps = append(steps, step{what: aCollection, bucket: bucket, collection: collection, bounded: bounded})
			}
		}
	}
	steps = append(steps, indexSteps(want, seen, options)...)
	if seen.version < want.version {
		steps = append(steps, step{what: theVersion, bucket: want.metadata, mark: seen.versionMark})
	}
	return steps, nil
}

// indexSteps makes the indexes that are missing, builds together all that are not
// built, waits for them, and drops what nothing needs.
func indexSteps(want wants, seen sight, options Options) []step {
	var steps []step
	var collections []string
	empty, awaited := map[string][]statements.Index{}, []string{}
	for _, index := range want.indexes {
		state := seen.indexes[index.Name]
		if state == "" {
			steps = append(steps, step{what: anIndex, bucket: want.metadata, index: index, replicas: options.IndexReplicas})
		}
		if state == "" || state == "deferred" {
			if empty[index.Collection] == nil {
				collections = append(collections, index.Collection)
			}
			empty[index.Collection] = append(empty[index.Collection], index)
		}
		if state != "online" {
			awaited = append(awaited, index.Name)
		}
	}
	for _, collection := range collections {
		steps = append(steps, step{what: aBuild, bucket: want.metadata, collection: collection, indexes: empty[collection]})
	}
	if len(awaited) > 0 {
		steps = append(steps, step{what: aWait, bucket: want.metadata, awaited: awaited})
	}
	for _, index := range want.retired {
		if seen.indexes[index.Name] != "" {
			steps = append(steps, step{what: aDrop, bucket: want.metadata, index: index})
		}
	}
	return steps
}

// acceptable names everything that the monitor cannot work with.
func acceptable(want wants, seen sight, options Options) error {
	var faults []error
	fault := func(wrong bool, format string, args ...any) {
		if wrong {
			faults = append(faults, monitor.Errorf(monitor.Invalid, format, args...))
		}
	}
	has := seen.cluster
	fault(has.before(oldest()), "the cluster runs Couchbase Server %s: the monitor needs %d.%d or later", has.version, oldest().major, oldest().minor)
	fault(!has.enterprise && options.IndexReplicas > 0, "replicas of indexes need Enterprise Edition, and the cluster runs Community Edition")
	fault(seen.version > want.version, "the cluster has layout %d, and this program knows %d: use the newer program", seen.version, want.version)
	var missing []string
	for bucket := range want.buckets() {
		is, there := seen.buckets[bucket]
		switch {
		case there:
			faults = append(faults, usable(bucket, is, has))
		case options.Create:
			faults = append(faults, durable(bucket, replicas(has, options), has))
		default:
			missing = append(missing, bucket)
		}
	}
	fault(len(missing) > 0, "the user sees no bucket %s: make it, or let the migration do so (-buckets)", strings.Join(missing, ", "))
	return errors.Join(faults...)
}

// usable names what the monitor cannot work with in a bucket that is there.
func usable(name string, is gocb.BucketSettings, in cluster) error {
	switch {
	case is.BucketType != gocb.CouchbaseBucketType:
		return monitor.Errorf(monitor.Invalid, "the bucket %s keeps everything in memory only (%s): the monitor needs one of type couchbase", name, is.BucketType)
	case is.MaxExpiry > 0:
		return monitor.Errorf(monitor.Invalid, "the bucket %s forgets everything after %s (maxTTL), also what has to stay: set it to 0", name, is.MaxExpiry)
	default:
		return durable(name, int(is.NumReplicas), in)
	}
}

// durable refuses replicas with which no write could wait for a majority.
func durable(name string, replicas int, in cluster) error {
	needed := replicas + 1 - replicas/2
	switch {
	case replicas > maxReplicas:
		return monitor.Errorf(monitor.Invalid, "the bucket %s has %d replicas: with more than %d no write can wait for a majority", name, replicas, maxReplicas)
	case in.data < needed:
		return monitor.Errorf(monitor.Invalid, "the bucket %s with replicas %d needs %d nodes with the data service, of which the cluster has %d: fewer replicas, or no write can wait for a majority", name, replicas, needed, in.data)
	default:
		return nil
	}
}

func quota(options Options) int {
	if options.Quota == 0 {
		return usualQuota
	}
	return options.Quota
}

func replicas(in cluster, options Options) int {
	if options.Replicas >= 0 {
		return options.Replicas
	}
	return min(in.data-1, 1)
}
