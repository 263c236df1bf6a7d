// Package layout says where everything lies in Couchbase: the scope, its
// collections, and how long what is in them is kept.
//
// The metadata bucket holds what people define, what is believed and who is
// told. The result buckets hold what checks saw; each namespace, and each shard,
// has one of them. Both may be the same bucket.
package layout

// Scope is the one scope of each bucket.
const Scope = "monitor"

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
