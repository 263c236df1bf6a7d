// Package couchbasetest stands in for a Couchbase node, in the process of a test
// or of a program: it speaks the part of the protocols that this repository's
// driver uses, over real sockets, and is written for it.
//
// It is no server. It has one node with 1,024 vbuckets, all in memory: no
// replicas (a majority is reached at once, where a bucket is said to have any),
// no disk, no rebalance, no failover, no index that works, and no limit but those
// that are named here. SQL++ is answered for the statements of the registry alone,
// over the stored documents: a statement that asks for something else
// gets other rows, but how a server would plan it is not seen. What it answers was
// written down from the client's source and the server's documents. What a test
// shows on it is how the driver uses the protocols and bears their faults; that a
// server keeps its own promises is for the run against a real cluster to show.
package couchbasetest
