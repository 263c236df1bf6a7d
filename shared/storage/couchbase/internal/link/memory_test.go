package link_test

import (
	"runtime"
	"testing"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
)

// TestALinkIsSmall is not parallel: it counts what the whole process allocates.
func TestALinkIsSmall(t *testing.T) {
	node := couchbasetest.Prepared(t, couchbasetest.Options{})
	const most = 16 << 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	warm(t, node)
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > most {
		t.Errorf("a link and its first read took %d MiB, want %d at most", took>>20, most>>20)
	}
}
