package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/sqlite"
)

// locked opens a store and takes the lock of its file away from it.
func locked(t *testing.T, options sqlite.Options) (store *sqlite.Store, unlock func()) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "monitor.db")
	store = openAt(t, path, options)
	t.Cleanup(func() { check(t, store.Close()) })
	return store, lock(t, path)
}

// lock takes the lock of a file, as another process would.
func lock(t *testing.T, path string) (unlock func()) {
	t.Helper()
	db := rawAt(t, path)
	must(db.ExecContext(t.Context(), "BEGIN IMMEDIATE"))(t)
	return func() { must[sql.Result](db.ExecContext(context.Background(), "ROLLBACK"))(t) }
}

// until waits for a condition that is to come true soon.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	patience := time.After(time.Minute)
	for !holds() {
		select {
		case <-tick.C:
		case <-patience:
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

func TestLock(t *testing.T) {
	t.Parallel()
	t.Run("that outlasts the patience is unavailable, and reads go on", func(t *testing.T) {
		t.Parallel()
		store, unlock := locked(t, sqlite.Options{Busy: 20 * time.Millisecond})
		for range 2 {
			wantFault(t, store.AppendTail(t.Context(), 0, now, []byte("x")), monitor.Unavailable, "locked by another process")
		}
		check(t, store.Ready(t.Context()))
		unlock()
		check(t, store.AppendTail(t.Context(), 0, now, []byte("x")))
		if rows := must(store.TailRows(t.Context(), 0, 0, 10))(t); len(rows) != 1 {
			t.Errorf("got %d rows, want the one that was acknowledged", len(rows))
		}
	})
	t.Run("that ends in time is waited for", func(t *testing.T) {
		t.Parallel()
		store, unlock := locked(t, sqlite.Options{Busy: time.Minute})
		done := make(chan error, 1)
		go func() { done <- store.AppendTail(t.Context(), 0, now, []byte("x")) }()
		unlock()
		check(t, <-done)
	})
	t.Run("holds no caller longer than it wants to wait", func(t *testing.T) {
		t.Parallel()
		metrics := prometheus.NewRegistry()
		store, unlock := locked(t, sqlite.Options{Busy: time.Minute, Registry: metrics})
		first := make(chan error, 1)
		go func() { first <- store.AppendTail(t.Context(), 0, now, []byte("first")) }()
		ctx, cancel := context.WithCancel(t.Context())
		second := make(chan error, 1)
		until(t, "the first write holds the writer", func() bool {
			return metric(t, metrics, "monitor_storage_queue_length") == 0
		})
		go func() { second <- store.AppendTail(ctx, 0, now, []byte("second")) }()
		until(t, "a write waits", func() bool { return metric(t, metrics, "monitor_storage_queue_length") > 0 })
		cancel()
		for range 2 { // the first one's outcome is awaited, the second one's is not
			select {
			case err := <-second:
				if !errors.Is(err, context.Canceled) {
					t.Errorf("got error %v, want %v", err, context.Canceled)
				}
				unlock()
			case err := <-first:
				check(t, err)
			}
		}
		if rows := must(store.TailRows(t.Context(), 0, 0, 10))(t); len(rows) != 1 {
			t.Errorf("got %d rows, want 1", len(rows))
		}
	})
}

func TestGroup(t *testing.T) {
	t.Parallel()
	const writes, group = 200, 64 // the first group holds 64 at most, the rest waits
	metrics := prometheus.NewRegistry()
	store, unlock := locked(t, sqlite.Options{Busy: time.Minute, Registry: metrics})
	answers := make(chan error, writes)
	for i := range writes {
		go func() {
			if i%2 == 0 {
				_, err := store.SaveClaim(t.Context(), monitor.Claim{Slot: now, Run: fmt.Sprint(i)})
				answers <- err
			} else {
				answers <- store.AppendTail(t.Context(), 0, now, []byte("row"))
			}
		}()
	}
	until(t, "all but the first group wait", func() bool {
		return metric(t, metrics, "monitor_storage_queue_length") >= writes-group
	})
	unlock()
	conflicts := 0
	for range writes {
		if err := <-answers; errors.Is(err, monitor.Conflict) {
			conflicts++
		} else {
			check(t, err)
		}
	}
	if conflicts != writes/2-1 {
		t.Errorf("got %d conflicts, want %d: each write has its own answer", conflicts, writes/2-1)
	}
	if rows := must(store.TailRows(t.Context(), 0, 0, writes))(t); len(rows) != writes/2 {
		t.Errorf("got %d rows, want %d", len(rows), writes/2)
	}
	if commits := metric(t, metrics, "monitor_storage_commit_seconds"); commits > writes/10 {
		t.Errorf("got %v transactions for %d writes, want those that wait together in one", commits, writes)
	}
	if appends := metric(t, metrics, "monitor_storage_append_seconds"); appends != writes/2 {
		t.Errorf("got %v appends measured, want %d", appends, writes/2)
	}
	if size := metric(t, metrics, "monitor_storage_size_bytes"); size < 4096 {
		t.Errorf("got a size of %v bytes, want that of the database", size)
	}
}

// The first group holds 64 writes at most. Wherever the one that is too large
// comes to lie, others are in its group.
func TestGroupWithOneRefused(t *testing.T) {
	t.Parallel()
	const before, group, behind = 100, 64, 20
	metrics := prometheus.NewRegistry()
	path := filepath.Join(t.TempDir(), "monitor.db")
	store := openAt(t, path, sqlite.Options{Busy: time.Minute, Registry: metrics})
	defer func() { check(t, store.Close()) }()
	check(t, sqlite.LimitPages(store, 200))
	unlock := lock(t, path)
	answers := make(chan error, before+behind)
	writes := func(n int) {
		for range n {
			go func() { answers <- store.AppendTail(t.Context(), 0, now, []byte("small")) }()
		}
	}
	waiting := func(n float64) {
		until(t, "the writes wait", func() bool { return metric(t, metrics, "monitor_storage_queue_length") >= n })
	}
	writes(before)
	waiting(before - group)
	large := make(chan error, 1)
	go func() { large <- store.AppendTail(t.Context(), 0, now, make([]byte, 4_000_000)) }()
	writes(behind)
	waiting(before - group + behind)
	unlock()
	wantFault(t, <-large, monitor.Unavailable, "no room")
	for range before + behind {
		check(t, <-answers)
	}
	if rows := must(store.TailRows(t.Context(), 0, 0, 1000))(t); len(rows) != before+behind {
		t.Errorf("got %d rows, want each of the %d small ones once", len(rows), before+behind)
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	t.Run("keeps what was acknowledged, whoever is writing", testCloseWhileWriting)
	t.Run("finishes the writes that wait", testCloseFinishes)
}

func testCloseFinishes(t *testing.T) {
	t.Parallel()
	const writes, group = 100, 64
	metrics := prometheus.NewRegistry()
	path := filepath.Join(t.TempDir(), "monitor.db")
	store := openAt(t, path, sqlite.Options{Busy: time.Minute, Registry: metrics})
	unlock := lock(t, path)
	answers := make(chan error, writes)
	for range writes {
		go func() { answers <- store.AppendTail(t.Context(), 0, now, []byte("row")) }()
	}
	until(t, "writes wait", func() bool {
		return metric(t, metrics, "monitor_storage_queue_length") >= writes-group
	})
	closed := make(chan error, 1)
	go func() { closed <- store.Close() }()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	until(t, "the store is closing", func() bool {
		return !errors.Is(store.AppendTail(gone, 0, now, nil), context.Canceled)
	})
	unlock()
	check(t, <-closed)
	accepted := 0
	for range writes {
		if err := <-answers; err == nil {
			accepted++
		} else {
			wantFault(t, err, monitor.Unavailable, "closed")
		}
	}
	if accepted < writes-group {
		t.Errorf("got %d writes finished, want at least the %d that waited", accepted, writes-group)
	}
}

func testCloseWhileWriting(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "monitor.db")
	store := openAt(t, path, sqlite.Options{})
	const writers = 20
	kept := make([]int, writers)
	started := make(chan struct{}, writers)
	var running sync.WaitGroup
	for i := range writers {
		running.Go(func() {
			for n := 0; ; n++ {
				if n == 1 {
					started <- struct{}{}
				}
				err := store.AppendTail(t.Context(), i, now, []byte("row"))
				if errors.Is(err, monitor.Unavailable) {
					return
				}
				check(t, err)
				kept[i]++
			}
		})
	}
	for range writers {
		<-started
	}
	check(t, store.Close())
	running.Wait()
	store = openAt(t, path, sqlite.Options{})
	defer func() { check(t, store.Close()) }()
	for i, want := range kept {
		if rows := must(store.TailRows(t.Context(), i, 0, 1<<20))(t); len(rows) != want {
			t.Errorf("got %d rows of writer %d, want the %d that were acknowledged", len(rows), i, want)
		}
	}
}
