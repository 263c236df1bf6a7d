package statements

import (
	"fmt"
	"strings"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
)

// Index is an index that statements are served by. Its definition never changes:
// another one is another index, of another name.
type Index struct {
	Name       string
	Collection string // of the metadata bucket
	Keys       string // what it is ordered by, and what it covers
	Where      string // what it holds; empty: every document of the collection
}

// Indexes returns every index that the statements need. Names, keys and what
// they are good for:
//
//   - incidents of all namespaces, newest first, and those of one namespace or one
//     endpoint;
//   - open incidents, which are few among many, of all namespaces and of one. Those
//     of one endpoint are found among its incidents.
func Indexes() []Index {
	const open = "open = TRUE"
	all := "started DESC, id, `namespace`, endpoint, open"
	namespace := "`namespace`, started DESC, id, endpoint, open"
	return []Index{
		{Name: "ix_incidents_time", Collection: layout.Incidents, Keys: all},
		{Name: "ix_incidents_namespace", Collection: layout.Incidents, Keys: namespace},
		{Name: "ix_incidents_endpoint", Collection: layout.Incidents, Keys: "endpoint, started DESC, id, `namespace`, open"},
		{Name: "ix_incidents_open", Collection: layout.Incidents, Keys: all, Where: open},
		{Name: "ix_incidents_open_namespace", Collection: layout.Incidents, Keys: namespace, Where: open},
	}
}

// Retired returns indexes of earlier versions that nothing needs any more. None
// is there yet: this is the first version.
func Retired() []Index { return nil }

// MaxReplicas is the most replicas that an index can have.
const MaxReplicas = 3

// IndexStates reads which indexes there are in a scope of a bucket, and in which
// state: deferred, building, online and others.
func IndexStates() Statement {
	return Statement{
		Name: "index states",
		Text: "SELECT i.name, i.keyspace_id, i.state FROM system:indexes AS i" +
			" WHERE i.bucket_id = $bucket AND i.scope_id = $scope",
		Params: []string{"bucket", "scope"}, ReadOnly: true, Timeout: 20 * time.Second,
	}
}

// Create makes the definition of the index if it is not there. Nothing is in it
// until it is built. The replicas are from 0 to MaxReplicas.
func (i Index) Create(replicas int) Statement {
	text := "CREATE INDEX " + i.Name + " IF NOT EXISTS ON " + i.Collection + "(" + i.Keys + ")"
	if i.Where != "" {
		text += " WHERE " + i.Where
	}
	text += ` WITH {"defer_build": true`
	if replicas > 0 {
		text += fmt.Sprintf(`, "num_replica": %d`, min(replicas, MaxReplicas))
	}
	return Statement{Name: "create " + i.Name, Text: text + "}", Timeout: time.Minute}
}

// Drop removes the index.
func (i Index) Drop() Statement {
	return Statement{Name: "drop " + i.Name, Text: "DROP INDEX " + i.Name + " ON " + i.Collection, Timeout: time.Minute}
}

// Build begins to fill indexes of one collection, and does not wait for it.
func Build(collection string, indexes []Index) Statement {
	var names []string
	for _, index := range indexes {
		names = append(names, index.Name)
	}
	return Statement{
		Name: "build " + strings.Join(names, ", "), Timeout: time.Minute,
		Text: "BUILD INDEX ON " + collection + "(" + strings.Join(names, ", ") + ")",
	}
}
