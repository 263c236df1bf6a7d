// Package storagetest holds what every storage driver promises, each promise
// once, as a sentence. What it does not test, functions do not rely on.
package storagetest

import (
	"testing"

	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

// Place opens the store of one test. Opening it again, after Close, finds what
// was kept.
type Place func(t testing.TB) storage.Store

// Run holds a driver to the promises. New returns a place of the test's own
// with nothing in it.
func Run(t *testing.T, newPlace func(t testing.TB) Place) {
	t.Helper()
	for _, group := range []map[string]func(t *testing.T, open Place){
		tailTests, foldTests, historyTests, stateTests, incidentTests,
		noticeTests, claimTests, catalogTests, storeTests,
	} {
		for promise, test := range group {
			t.Run(promise, func(t *testing.T) {
				t.Parallel()
				test(t, newPlace(t))
			})
		}
	}
}

// with makes a test of one that needs one open store.
func with(test func(t *testing.T, store storage.Store)) func(t *testing.T, open Place) {
	return func(t *testing.T, open Place) {
		t.Helper()
		test(t, opened(t, open))
	}
}

// opened returns an open store that is closed when the test ends.
func opened(t testing.TB, open Place) storage.Store {
	t.Helper()
	store := open(t)
	t.Cleanup(func() { check(t, store.Close()) })
	return store
}

// reopened closes the store and opens its place again.
func reopened(t testing.TB, open Place, store storage.Store) storage.Store {
	t.Helper()
	check(t, store.Close())
	return opened(t, open)
}
