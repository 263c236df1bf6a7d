package layout_test

import (
	"testing"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
)

// TestExpires holds the bound of whole collections to those whose documents all
// end: anything else would be forgotten while it is needed.
func TestExpires(t *testing.T) {
	t.Parallel()
	want := map[string]bool{layout.Claims: true, layout.Tail: true, layout.Windows: true, layout.Rollups: true}
	for _, collection := range append(layout.Metadata(), layout.Results()...) {
		if got := layout.Expires(collection); got != want[collection] {
			t.Errorf("%s: got %t, want %t", collection, got, want[collection])
		}
	}
}
