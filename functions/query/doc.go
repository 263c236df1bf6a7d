// Package query answers people and programs: the API, the live stream, the
// dashboard's files, the metrics.
//
//	tail -> query -> HTTP
//
// Query keeps every endpoint with its health, its newest result and its last
// 60 cells in memory, about 1 KB each. It learns of results and incidents from
// the host's tail, of health from the states that alert saves, and of what is
// watched from the catalog. Lists, search and counts never touch the store;
// only history and incidents do.
//
// The memory has one lock. Writers hold it for one event, readers while they
// copy what they show (about 500 bytes an endpoint); nothing is encoded and
// nothing is read from the store under it. So ten thousand results a second go
// in while lists of ten thousand endpoints are read.
//
// While the store does not answer, what is in memory is answered on: endpoints,
// their health and newest results, counters, the live stream, and the incidents
// that are open. Such an answer says since when it is stale (stale_since), as does
// the live event counts. History, results, notices and incidents that are over are
// refused as unavailable, within seconds. Once all states have been read again,
// answers are not stale any more. So query stays ready without a store; whether
// this process is to serve then is for its host to say (Ready, Loaded).
//
// A server that hosts query sets its timeouts for reading headers and idle
// connections; it sets none for writing, since the live stream bounds its own
// writes. It stops by ending Run first, which ends the live streams.
package query
