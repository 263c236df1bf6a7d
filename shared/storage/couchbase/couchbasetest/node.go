package couchbasetest

import (
	"testing"
	"time"
)

// Options say what a node is. The zero value is ready to use.
type Options struct {
	Clock    func() time.Time  // nil: the system's
	Users    map[string]string // name to password; nil: Administrator, password
	Buckets  []Bucket          // that it has from the start
	Replicas int               // that durable writes can count on; more are impossible
}

// Node is a stand-in for a cluster of one Couchbase node.
type Node struct {
	documents *Documents
}

// New starts a node on ports of 127.0.0.1 that are free.
func New(o Options) (*Node, error) {
	clock := o.Clock
	if clock == nil {
		clock = time.Now
	}
	n := &Node{documents: newDocuments(clock)}
	for _, b := range o.Buckets {
		if err := n.documents.CreateBucket(b); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// Start starts a node that is closed when the test ends.
func Start(t testing.TB, o Options) *Node {
	t.Helper()
	n, err := New(o)
	if err != nil {
		t.Fatalf("start the node: %v", err)
	}
	return n
}

// Documents is what the node keeps.
func (n *Node) Documents() *Documents { return n.documents }
