package couchbasetest

import (
	"cmp"
	"slices"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/statements"
)

// Cluster is what a node tells of itself over HTTP, and what it answers there. The
// zero value is ready to use.
type Cluster struct {
	Edition string // enterprise or community; "": enterprise
	Version string // "": 7.6.2
	Nodes   int    // that are listed; 0: 1. One of them is there.
	Idle    int    // of the nodes, those that are listed without the data service
	Memory  int    // MB that all buckets together may have; 0: 65536
	Reader  string // the user who may read and write documents, and may manage nothing; "": each may all
	// Statements are those that are answered beside the ones that define indexes;
	// nil: all of the registry.
	Statements []statements.Statement
}

func (c Cluster) community() bool { return c.Edition == "community" }

// implementation is the version as a server writes it.
func (c Cluster) implementation() string {
	return cmp.Or(c.Version, "7.6.2") + "-3721-" + cmp.Or(c.Edition, "enterprise")
}

func (c Cluster) nodes() int  { return max(1, c.Nodes) }
func (c Cluster) memory() int { return cmp.Or(c.Memory, 65536) }

// statement returns the statement that has the text.
func (c Cluster) statement(text string) (statements.Statement, bool) {
	known := c.Statements
	if known == nil {
		known = statements.All()
	}
	i := slices.IndexFunc(known, func(s statements.Statement) bool { return s.Text == text })
	if i < 0 {
		return statements.Statement{}, false
	}
	return known[i], true
}
