// Package sqlitetest opens a SQLite store for the tests of those who use one.
package sqlitetest

import (
	"path/filepath"
	"testing"

	"github.com/api-endpoint-monitor/monitor/shared/storage/sqlite"
)

// Open returns an empty store in a file of the test's own. It is closed when
// the test ends.
func Open(t testing.TB) *sqlite.Store {
	t.Helper()
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "monitor.db"), sqlite.Options{})
	if err != nil {
		t.Fatalf("open the store: %v", err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	return store
}
