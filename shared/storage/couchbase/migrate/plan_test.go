package migrate_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/couchbase/gocb/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/statements"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/migrate"
)

const (
	enterprise = "7.6.2-3721-enterprise"
	community  = "7.6.2-3721-community"
)

// twoBuckets are settings with metadata in one bucket, and results in it and
// another.
func twoBuckets() couchbase.Settings {
	return couchbase.Settings{Bucket: "meta", Buckets: []string{"results", "meta"}}
}

func TestPlan(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change  func(is *migrate.Sight)
		options migrate.Options
		want    []string
	}{
		"nothing where everything is in place": {func(*migrate.Sight) {}, migrate.Options{}, nil},
		"a bucket and what is in it": {
			func(is *migrate.Sight) { delete(is.Buckets, "results"); delete(is.Collections, "results") },
			migrate.Options{Create: true, Replicas: -1, Quota: 512},
			[]string{
				"create the bucket results: 512 MB on each node, replicas 1",
				"create the scope monitor of the bucket results",
				"create the collection tail of the bucket results, bounded",
				"create the collection shards of the bucket results",
				"create the collection windows of the bucket results, bounded",
				"create the collection rollups of the bucket results, bounded",
			},
		},
		"a bucket without replicas, where one node of three keeps documents": {
			func(is *migrate.Sight) {
				is.Nodes, is.Idle = is.Nodes[:1], []string{enterprise, enterprise}
				delete(is.Buckets, "results")
			},
			migrate.Options{Create: true, Replicas: -1},
			[]string{"create the bucket results: 256 MB on each node, replicas 0"},
		},
		"one collection": {
			func(is *migrate.Sight) {
				is.Collections["meta"] = slices.DeleteFunc(is.Collections["meta"], func(name string) bool { return name == "claims" })
			},
			migrate.Options{},
			[]string{"create the collection claims of the bucket meta, bounded"},
		},
		"no bounds in Community Edition": {
			func(is *migrate.Sight) {
				is.Nodes[0] = community
				is.Collections["results"] = []string{"shards", "windows", "rollups"}
			},
			migrate.Options{},
			[]string{"create the collection tail of the bucket results"},
		},
		"an index, built and awaited": {
			func(is *migrate.Sight) { delete(is.Indexes, "ix_incidents_time") },
			migrate.Options{IndexReplicas: 1},
			[]string{
				"create the index ix_incidents_time: replicas 1",
				"build the indexes of incidents",
				"wait for the indexes ix_incidents_time",
			},
		},
		"an index that waits to be built": {
			func(is *migrate.Sight) { is.Indexes["ix_incidents_open"] = "deferred" },
			migrate.Options{},
			[]string{"build the indexes of incidents", "wait for the indexes ix_incidents_open"},
		},
		"an index that is being built, or is scheduled": {
			func(is *migrate.Sight) {
				is.Indexes["ix_incidents_open"], is.Indexes["ix_incidents_time"] = "building", "scheduled for creation"
			},
			migrate.Options{},
			[]string{"wait for the indexes ix_incidents_time, ix_incidents_open"},
		},
		"an index of an earlier version": {
			func(is *migrate.Sight) {
				is.Retired = []statements.Index{{Name: "ix_old", Collection: "incidents"}, {Name: "ix_older", Collection: "incidents"}}
				is.Indexes["ix_old"] = "online"
			},
			migrate.Options{},
			[]string{"drop the index ix_old"},
		},
		"the version, last": {
			func(is *migrate.Sight) {
				is.Version = 0
				is.Indexes["ix_incidents_open"] = "building"
			},
			migrate.Options{},
			[]string{"wait for the indexes ix_incidents_open", "write the version of the layout: 1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			is := migrate.Whole(twoBuckets(), enterprise, enterprise)
			test.change(&is)
			got, err := migrate.Missing(twoBuckets(), is, test.options)
			if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
				t.Errorf("got error %v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestPlanOfNothing(t *testing.T) {
	t.Parallel()
	is := migrate.Whole(twoBuckets(), community)
	is.Buckets, is.Collections, is.Indexes, is.Version = nil, nil, nil, 0
	got, err := migrate.Missing(twoBuckets(), is, migrate.Options{Create: true, Replicas: -1})
	if err != nil || len(got) != 2+2+10+4+5+2+1 || got[0] != "create the bucket meta: 256 MB on each node, replicas 0" {
		t.Errorf("got %d steps (%v):\n%s", len(got), err, strings.Join(got, "\n"))
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	one := couchbase.Settings{Bucket: "meta", Buckets: []string{"meta"}}
	in := func(change func(*gocb.BucketSettings)) func(*migrate.Sight) {
		return func(is *migrate.Sight) {
			bucket := is.Buckets["meta"]
			change(&bucket)
			is.Buckets["meta"] = bucket
		}
	}
	for name, test := range map[string]struct {
		change  func(is *migrate.Sight)
		options migrate.Options
		want    string
	}{
		"a server that is too old": {
			func(is *migrate.Sight) { is.Nodes = []string{enterprise, "7.1.6-3955-enterprise"} },
			migrate.Options{},
			"the cluster runs Couchbase Server 7.1.6: the monitor needs 7.2 or later",
		},
		"a version that says nothing": {
			func(is *migrate.Sight) { is.Nodes = []string{"morpheus"} },
			migrate.Options{},
			`a node says that its version is "morpheus", and this program cannot read that`,
		},
		"a layout from the future": {
			func(is *migrate.Sight) { is.Version = 2 },
			migrate.Options{},
			"the cluster has layout 2, and this program knows 1: use the newer program",
		},
		"replicas of indexes in Community Edition": {
			func(is *migrate.Sight) { is.Nodes[0] = community },
			migrate.Options{IndexReplicas: 1},
			"replicas of indexes need Enterprise Edition, and the cluster runs Community Edition",
		},
		"a bucket that is not there": {
			func(is *migrate.Sight) { is.Buckets = nil },
			migrate.Options{},
			"the user sees no bucket meta: make it, or let the migration do so (-buckets)",
		},
		"a bucket in memory only": {
			in(func(b *gocb.BucketSettings) { b.BucketType = gocb.EphemeralBucketType }),
			migrate.Options{},
			"the bucket meta keeps everything in memory only (ephemeral): the monitor needs one of type couchbase",
		},
		"a bucket that forgets": {
			in(func(b *gocb.BucketSettings) { b.MaxExpiry = time.Hour }),
			migrate.Options{},
			"the bucket meta forgets everything after 1h0m0s (maxTTL), also what has to stay: set it to 0",
		},
		"a bucket with too many replicas": {
			in(func(b *gocb.BucketSettings) { b.NumReplicas = 3 }),
			migrate.Options{},
			"the bucket meta has 3 replicas: with more than 2 no write can wait for a majority",
		},
		"a bucket with more replicas than nodes": {
			in(func(b *gocb.BucketSettings) { b.NumReplicas = 1 }),
			migrate.Options{},
			"the bucket meta with replicas 1 needs 2 nodes with the data service, of which the cluster has 1: fewer replicas, or no write can wait for a majority",
		},
		"nodes that keep no documents": {
			func(is *migrate.Sight) { is.Buckets, is.Idle = nil, []string{enterprise, enterprise} },
			migrate.Options{Create: true, Replicas: 2},
			"the bucket meta with replicas 2 needs 2 nodes with the data service, of which the cluster has 1: fewer replicas, or no write can wait for a majority",
		},
		"a bucket that would have more replicas than nodes": {
			func(is *migrate.Sight) { is.Buckets = nil },
			migrate.Options{Create: true, Replicas: 2},
			"the bucket meta with replicas 2 needs 2 nodes with the data service, of which the cluster has 1: fewer replicas, or no write can wait for a majority",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			is := migrate.Whole(one, enterprise)
			test.change(&is)
			got, err := migrate.Missing(one, is, test.options)
			if monitor.CodeOf(err) != monitor.Invalid || err.Error() != test.want || got != nil {
				t.Errorf("got %v and error %v, want %s", got, err, test.want)
			}
		})
	}
}
