package migrate

import (
	"slices"

	"github.com/couchbase/gocb/v2"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/statements"
)

// Sight is what a test says that there is.
type Sight struct {
	Nodes       []string // their versions
	Idle        []string // the versions of those without the data service
	Buckets     map[string]gocb.BucketSettings
	Collections map[string][]string // of the scope, by bucket
	Indexes     map[string]string   // states by name
	Version     int
	Retired     []statements.Index
}

// Whole returns the sight of a cluster where everything is in place.
func Whole(settings couchbase.Settings, nodes ...string) Sight {
	whole := Sight{
		Nodes: nodes, Buckets: map[string]gocb.BucketSettings{}, Collections: map[string][]string{},
		Indexes: map[string]string{}, Version: layout.Version,
	}
	for bucket, collections := range wanted(settings).buckets() {
		whole.Buckets[bucket] = gocb.BucketSettings{Name: bucket, BucketType: gocb.CouchbaseBucketType}
		whole.Collections[bucket] = collections
	}
	for _, index := range statements.Indexes() {
		whole.Indexes[index.Name] = "online"
	}
	return whole
}

// Missing returns what is to be done, in words.
func Missing(settings couchbase.Settings, is Sight, options Options) ([]string, error) {
	want := wanted(settings)
	want.retired = append(want.retired, is.Retired...)
	var nodes []member
	for _, version := range is.Nodes {
		nodes = append(nodes, member{Membership: "active", Version: version, Services: []string{"index", "kv"}})
	}
	for _, version := range is.Idle {
		nodes = append(nodes, member{Membership: "active", Version: version, Services: []string{"index", "n1ql"}})
	}
	cluster, err := clusterOf(nodes)
	if err != nil {
		return nil, err
	}
	seen := sight{cluster: cluster, buckets: is.Buckets, scopes: map[string]map[string]bool{}, indexes: is.Indexes, version: is.Version}
	for bucket, collections := range is.Collections {
		seen.scopes[bucket] = map[string]bool{}
		for collection := range slices.Values(collections) {
			seen.scopes[bucket][collection] = true
		}
	}
	steps, err := plan(want, seen, options)
	var lines []string
	for _, step := range steps {
		line := step.would()
		if step.bounded {
			line += ", bounded"
		}
		lines = append(lines, line)
	}
	return lines, err
}
