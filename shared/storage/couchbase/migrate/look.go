package migrate

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/couchbase/gocb/v2"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/statements"
)

// sight is what there is.
type sight struct {
	cluster     cluster
	buckets     map[string]gocb.BucketSettings
	scopes      map[string]map[string]bool // by bucket: the collections of our scope; missing: no such scope
	indexes     map[string]string          // by name: the state
	version     int                        // of the layout; 0: none is written
	versionMark int64                      // the CAS of the document that says it
}

// answering bounds each call to the cluster's management.
const answering = 20 * time.Second

// look asks the cluster what there is of what is wanted. It changes nothing.
func (r *run) look(ctx context.Context) (sight, error) {
	seen := sight{scopes: map[string]map[string]bool{}, indexes: map[string]string{}}
	if err := r.reach(ctx); err != nil {
		return sight{}, err
	}
	var err error
	if seen.cluster, err = r.lookAround(ctx); err != nil {
		return sight{}, err
	}
	seen.buckets, err = r.link.Cluster().Buckets().GetAllBuckets(&gocb.GetAllBucketsOptions{Context: ctx, Timeout: answering})
	if err = r.managed(err, "list the buckets"); err != nil {
		return sight{}, err
	}
	for bucket := range r.want.buckets() {
		if err := r.lookIn(ctx, bucket, &seen); err != nil {
			return sight{}, err
		}
	}
	return seen, nil
}

// lookAround asks which nodes there are, and what they are for.
func (r *run) lookAround(ctx context.Context) (cluster, error) {
	answer, err := r.link.Manage(ctx, "/pools/default")
	if err = r.managed(err, "ask for the nodes"); err != nil {
		return cluster{}, err
	}
	var all struct {
		Nodes []member `json:"nodes"`
	}
	if err := json.Unmarshal(answer, &all); err != nil {
		return cluster{}, monitor.Wrap(monitor.Internal, err, "what the cluster says of its nodes cannot be read")
	}
	return clusterOf(all.Nodes)
}

// reach makes sure that the cluster answers, once.
func (r *run) reach(ctx context.Context) error {
	if r.reached {
		return nil
	}
	err := r.link.Ready(ctx)
	r.reached = err == nil
	return r.linked(err)
}

// lookIn looks for the scope in a bucket, and, where it is that of metadata, for
// the indexes and the version.
func (r *run) lookIn(ctx context.Context, bucket string, seen *sight) error {
	if _, there := seen.buckets[bucket]; !there {
		return nil
	}
	scopes, err := r.link.Bucket(bucket).CollectionsV2().GetAllScopes(&gocb.GetAllScopesOptions{Context: ctx, Timeout: answering})
	if err = r.managed(err, "list the scopes of the bucket "+bucket); err != nil {
		return err
	}
	for _, scope := range scopes {
		if scope.Name != r.want.scope {
			continue
		}
		seen.scopes[bucket] = map[string]bool{}
		for _, collection := range scope.Collections {
			seen.scopes[bucket][collection.Name] = true
		}
	}
	if bucket != r.want.metadata || !seen.scopes[bucket][layout.Installation] {
		return nil
	}
	if err := r.lookForIndexes(ctx, seen); err != nil {
		return err
	}
	return r.lookForVersion(ctx, seen)
}

func (r *run) lookForIndexes(ctx context.Context, seen *sight) error {
	err := r.installation().Query(ctx, statements.IndexStates(),
		map[string]any{"bucket": r.want.metadata, "scope": r.want.scope},
		func(row []byte) error {
			var index struct{ Name, State string }
			if err := json.Unmarshal(row, &index); err != nil {
				return err
			}
			seen.indexes[index.Name] = index.State
			return nil
		})
	return r.asked(err, "list the indexes")
}

func (r *run) lookForVersion(ctx context.Context, seen *sight) error {
	found, err := r.installation().Get(ctx, layout.Schema)
	if err != nil || found.CAS == 0 {
		return r.linked(err)
	}
	var schema struct{ Version int }
	if err := json.Unmarshal(found.Body, &schema); err != nil {
		return monitor.Wrap(monitor.Invalid, err, "the document %s of %s.%s.%s says no version", layout.Schema, r.want.metadata, r.want.scope, layout.Installation)
	}
	seen.version, seen.versionMark = schema.Version, found.CAS
	return nil
}

// lines say how the wanted buckets are that there are.
func (s sight) lines(want wants) []string {
	var lines []string
	for bucket := range want.buckets() {
		if is, there := s.buckets[bucket]; there {
			lines = append(lines, fmt.Sprintf("bucket %s: %d MB on each node, replicas %d, %s", bucket, is.RAMQuotaMB, is.NumReplicas, is.StorageBackend))
		}
	}
	return lines
}
