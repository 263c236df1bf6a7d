// Package node runs the stand-in for a Couchbase node as a process of its own:
// for people who want to see the monitor keep things in Couchbase where there is
// none, and for programs that measure what the monitor costs then.
package node
