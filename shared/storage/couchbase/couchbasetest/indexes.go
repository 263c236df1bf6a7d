package couchbasetest

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest/internal/sqlpp"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/statements"
)

// index is the definition of an index and how far it is. It holds nothing: what
// SELECT says is found in the documents themselves.
type index struct {
	sqlpp.Index
	place  Place
	of     uint32 // the collection's UID
	state  string // deferred, building or online
	polls  int    // readings of its state until it is online
	queued bool   // to be built after those that are
}

// Index is an index as it is now.
type Index struct {
	Place
	Name      string
	Keys      []string // as they were written; DESC stands behind its key
	Condition string   // empty: none
	Replicas  int
	State     string // deferred, building or online
}

// Indexes returns all indexes, by bucket, scope, collection and name. It is no
// reading of their states that builds wait for.
func (w *Web) Indexes() []Index {
	w.indexes.mu.Lock()
	defer w.indexes.mu.Unlock()
	w.indexes.forget()
	var all []Index
	for _, i := range w.indexes.all {
		all = append(all, Index{i.place, i.Name, slices.Clone(i.Keys), i.Condition, i.Replicas, i.state})
	}
	slices.SortFunc(all, func(a, b Index) int {
		return cmp.Or(cmp.Compare(a.Bucket, b.Bucket), cmp.Compare(a.Scope, b.Scope),
			cmp.Compare(a.Collection, b.Collection), cmp.Compare(a.Name, b.Name))
	})
	return all
}

// indexes are those of a cluster.
type indexes struct {
	documents *Documents
	cluster   Cluster

	mu    sync.Mutex
	all   []*index
	polls int // readings that each build takes
}

// run carries a definition out in a scope.
func (x *indexes) run(d sqlpp.Definition, bucket, scope string) error {
	place := Place{bucket, scope, d.Collection}
	of, ok := x.documents.collectionUID(place)
	if !ok {
		return sqlpp.Errorf(12003, "Keyspace not found in CB datastore: default:%s.%s.%s", bucket, scope, d.Collection)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.forget()
	switch d.Verb {
	case "CREATE":
		return x.create(d, place, of)
	case "BUILD":
		return x.build(d, place)
	default:
		return x.drop(d, place)
	}
}

// prepare makes every index of the registry in a bucket, built.
func (x *indexes) prepare(bucket string) error {
	for _, wanted := range statements.Indexes() {
		d, _, err := sqlpp.Define(wanted.Create(0).Text)
		if err != nil {
			return err
		}
		d.Deferred = false
		if err := x.run(d, bucket, layout.Scope); err != nil {
			return err
		}
	}
	return nil
}

// create makes a definition, and builds it at once unless that is put off.
func (x *indexes) create(d sqlpp.Definition, place Place, of uint32) error {
	if x.find(place, d.Names[0]) != nil {
		if d.Maybe {
			return nil
		}
		return sqlpp.Errorf(4300, "The index %s already exists.", d.Names[0])
	}
	switch {
	case d.Index.Replicas > 0 && x.cluster.community():
		return sqlpp.Errorf(5000, "Fails to create index. Index Replica not supported in non-Enterprise Edition")
	case d.Divided && x.cluster.community():
		return sqlpp.Errorf(5000, "Fails to create index. Index Partition is not supported in non-Enterprise Edition")
	case d.Index.Replicas >= x.cluster.nodes():
		return sqlpp.Errorf(5000, "Fails to create index.  There are not enough indexer nodes to create index with replica count of %d",
			d.Index.Replicas)
	}
	made := index{Index: d.Index, place: place, of: of, state: "online"}
	if d.Deferred {
		made.state = "deferred"
	}
	x.all = append(x.all, &made)
	return nil
}

// build begins to fill indexes. While others of the bucket are being filled, these
// wait for them, and the client is told so by an error, as by a server.
func (x *indexes) build(d sqlpp.Definition, place Place) error {
	var wanted []*index
	for _, name := range d.Names {
		found := x.find(place, name)
		switch {
		case found == nil:
			return sqlpp.Errorf(12016, "Index Not Found - cause: GSI index %s not found.", name)
		case found.state != "deferred":
			return sqlpp.Errorf(5000, "BuildIndexes - cause: Build index fails. Index %s is already built or being built", name)
		}
		wanted = append(wanted, found)
	}
	busy := slices.ContainsFunc(x.all, func(i *index) bool { return i.state == "building" && i.place.Bucket == place.Bucket })
	for _, i := range wanted {
		i.polls, i.queued = x.polls, busy
		if !busy {
			i.begin()
		}
	}
	if busy {
		return sqlpp.Errorf(5000, "BuildIndexes - cause: Build index fails. %s will retry building in the background for reason: "+
			"Build Already In Progress. Keyspace %s.", strings.Join(d.Names, ", "), place.Bucket)
	}
	return nil
}

func (i *index) begin() {
	i.queued, i.state = false, "building"
	if i.polls == 0 {
		i.state = "online"
	}
}

func (x *indexes) drop(d sqlpp.Definition, place Place) error {
	if x.find(place, d.Names[0]) == nil {
		if d.Maybe {
			return nil
		}
		return sqlpp.Errorf(12016, "Index Not Found - cause: GSI index %s not found.", d.Names[0])
	}
	x.all = slices.DeleteFunc(x.all, func(i *index) bool { return i.place == place && i.Name == d.Names[0] })
	return nil
}

// poll returns all indexes with their states of now, and lets builds go on.
func (x *indexes) poll() []index {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.forget()
	var shown []index
	for _, i := range x.all {
		shown = append(shown, *i)
	}
	building := map[string]bool{}
	for _, i := range x.all {
		if i.state != "building" {
			continue
		}
		if i.polls--; i.polls <= 0 {
			i.state = "online"
		} else {
			building[i.place.Bucket] = true
		}
	}
	for _, i := range x.all {
		if i.queued && !building[i.place.Bucket] {
			i.begin()
		}
	}
	slices.SortFunc(shown, func(a, b index) int { return cmp.Compare(a.Name, b.Name) })
	return shown
}

// serving returns the index of the name that a scope has, if it is online.
func (x *indexes) serving(bucket, scope, name string) (index, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.forget()
	for _, i := range x.all {
		if i.Name == name && i.place.Bucket == bucket && i.place.Scope == scope && i.state == "online" {
			return *i, true
		}
	}
	return index{}, false
}

func (x *indexes) find(place Place, name string) *index {
	for _, i := range x.all {
		if i.place == place && i.Name == name {
			return i
		}
	}
	return nil
}

// forget drops the indexes of collections that are no more.
func (x *indexes) forget() {
	x.all = slices.DeleteFunc(x.all, func(i *index) bool {
		of, ok := x.documents.collectionUID(i.place)
		return !ok || of != i.of
	})
}

// collectionUID returns the UID of a collection that is there.
func (d *Documents) collectionUID(p Place) (uint32, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	held, err := d.place(p)
	if err != nil {
		return 0, false
	}
	return held.settings.UID, true
}

func (x *indexes) setPolls(n int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.polls = n
}
