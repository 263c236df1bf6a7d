package node

import (
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
)

// bucket is the one that the settings name when nobody sets them.
const bucket = "monitor"

// New starts a node in this process. With bare it has no bucket; else it has all
// that the monitor needs. Close it.
func New(bare bool) (*couchbasetest.Node, error) {
	if bare {
		return couchbasetest.New(couchbasetest.Options{})
	}
	n, err := couchbasetest.New(couchbasetest.Options{Buckets: []couchbasetest.Bucket{{Name: bucket, Quota: 256}}})
	if err != nil {
		return nil, err
	}
	if err := n.Prepare(bucket); err != nil {
		n.Close()
		return nil, err
	}
	return n, nil
}

// Settings returns what makes a monitor keep everything on the node, as
// NAME=value.
func Settings(n *couchbasetest.Node) []string {
	return []string{
		"MONITOR_STORE=couchbase",
		"MONITOR_COUCHBASE=" + n.Address(),
		"MONITOR_COUCHBASE_USER=" + couchbasetest.DefaultUser,
		"MONITOR_COUCHBASE_PASSWORD=" + couchbasetest.DefaultPassword,
	}
}
