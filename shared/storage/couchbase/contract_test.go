package couchbase_test

import (
	"testing"

	"github.com/api-endpoint-monitor/monitor/shared/storage"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase"
	"github.com/api-endpoint-monitor/monitor/shared/storage/storagetest"
)

var _ storage.Store = (*couchbase.Store)(nil)

func TestContractOnStandIn(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, func(t testing.TB) storagetest.Place {
		t.Helper()
		node := prepared(t)
		return func(t testing.TB) storage.Store {
			t.Helper()
			store, err := couchbase.Open(t.Context(), settingsOf(node), long())
			check(t, err)
			return store
		}
	})
}
