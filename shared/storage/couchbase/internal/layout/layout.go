// Package layout says where everything lies in Couchbase: the scope, its
// collections, and how long what is in them is kept.
//
// The metadata bucket holds what people define, what is believed and who is
// told. The result buckets hold what checks saw; each namespace, and each shard,
// has one of them. Both may be the same bucket.
package layout

import (
	"slices"
	"time"
)

// Scope is the scope of each bucket, where the settings name no other.
const Scope = "monitor"

// Schema is the key of the document in Installation that says which version of
// the layout the cluster has, as {"version": 1}.
const Schema = "schema"

// Version is the version of the layout that this program works with.
const Version = 1

// The collections of the metadata bucket.
const (
	Installation = "installation" // the schema's version, which bucket a namespace is in, leases
	States       = "states"       // s:{shard}
	Incidents    = "incidents"    // i:{id}
	Notices      = "notices"      // n:{incident}:{sequence}:{channel}, of:{incident}, p:{shard}
	Claims       = "claims"       // c:{ten minutes}
	Catalog      = "catalog"      // revision, page:{n}, change:{revision}
)

// The collections of the result buckets.
const (
	Tail    = "tail"    // t:{shard}:{n}
	Shards  = "shards"  // f:{shard}, how far its tail is folded; l:{shard}, its latest results
	Windows = "windows" // w:{endpoint}@{location}:{start}
	Rollups = "rollups" // r:{tier}:{endpoint}@{location}:{start}
)

// Metadata returns the collections of the metadata bucket.
func Metadata() []string {
	return []string{Installation, States, Incidents, Notices, Claims, Catalog}
}

// Results returns the collections of each result bucket.
func Results() []string { return []string{Tail, Shards, Windows, Rollups} }

// Longest is how long documents of the collections that Expires names can be kept.
// Each is written with an end of its own, far before it; where the cluster can
// bound a whole collection, this bound is for what was written without one.
const Longest = 10 * 365 * 24 * time.Hour

// Expires reports whether all documents of the collection end by themselves.
func Expires(collection string) bool {
	return slices.Contains([]string{Claims, Tail, Windows, Rollups}, collection)
}
