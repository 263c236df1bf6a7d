// Package migrate prepares a Couchbase cluster for the monitor: buckets where it
// is asked to, the scope, its collections and the indexes.
//
// It looks at what is there, does what is missing, and looks again, until nothing
// is missing. So it may run as often as one likes, in several places at once, and
// may end at any point: the next run goes on from there. Once everything is in
// place it writes the version of the layout, which the monitor waits for.
package migrate
