package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/api-endpoint-monitor/monitor/shared/storage"
	"github.com/api-endpoint-monitor/monitor/shared/storage/sqlite"
	"github.com/api-endpoint-monitor/monitor/shared/storage/storagetest"
)

func TestContract(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, func(t testing.TB) storagetest.Place {
		path := filepath.Join(t.TempDir(), "monitor.db")
		return func(t testing.TB) storage.Store {
			t.Helper()
			return openAt(t, path, sqlite.Options{})
		}
	})
}

// openAt opens the store at path, or ends the test.
func openAt(t testing.TB, path string, options sqlite.Options) *sqlite.Store {
	t.Helper()
	store, err := sqlite.Open(t.Context(), path, options)
	if err != nil {
		t.Fatalf("open %s: %v", path, err)
	}
	return store
}
