package standalone_test

import (
	"strings"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/scripts/couchbase/node"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
)

// TestASecondMonitorSaysWhomItWaitsFor starts a monitor on a cluster that another
// one has.
func TestASecondMonitorSaysWhomItWaitsFor(t *testing.T) {
	t.Parallel()
	cluster := couchbasetest.Prepared(t, couchbasetest.Options{})
	held := couchbasetest.Place{Bucket: "monitor", Scope: "monitor", Collection: "installation"}
	lease := couchbasetest.Document{Key: "use", Value: []byte(`{"alone":true,"owner":"elsewhere:/data"}`)}
	if err := cluster.Documents().Put(held, lease); err != nil {
		t.Fatal(err)
	}
	program := build(t, "functions/standalone/cmd")[0]
	second := start(t, program, t.TempDir(), append(node.Settings(cluster), "MONITOR_ADDR="+mustFreeAddr(t))...)
	await(t, "the second monitor has said whom it waits for", time.Minute, func() bool {
		said := second.output.String()
		return strings.Contains(said, "level=WARN") && strings.Contains(said, "another monitor (elsewhere:/data)") && strings.Contains(said, "limit=32s")
	})
	if said := second.output.String(); strings.Contains(said, "dashboard") {
		t.Errorf("it said\n%s\nwant it to wait", said)
	}
	second.kill(t)
}
