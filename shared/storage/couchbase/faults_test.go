package couchbase_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/couchbase/gocbcore/v10/memd"
	"golang.org/x/sync/errgroup"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
)

// mishap is what happens to the n-th operation of a call. One that the process
// outlives must not be noticed by who called.
type mishap struct {
	fault couchbasetest.Fault
	dies  bool // the process ends with it
}

func mishaps() map[string]mishap {
	return map[string]mishap{
		"try again":                 {couchbasetest.Fault{Times: 1, Status: memd.StatusTmpFail}, false},
		"broken off before":         {couchbasetest.Fault{Times: 1, Break: true}, false},
		"broken off after":          {couchbasetest.Fault{Times: 1, Break: true, Applied: true}, false},
		"maybe durable":             {couchbasetest.Fault{Times: 1, Status: memd.StatusSyncWriteAmbiguous, Applied: true}, false},
		"maybe durable, but not":    {couchbasetest.Fault{Times: 1, Status: memd.StatusSyncWriteAmbiguous}, false},
		"the process dies before":   {couchbasetest.Fault{Break: true}, true},
		"the process dies after":    {couchbasetest.Fault{Break: true, Applied: true}, true},
		"the request is lost":       {couchbasetest.Fault{Times: 1, Lost: true}, false},
		"the answer to it was lost": {couchbasetest.Fault{Times: 1, Lost: true, Applied: true}, false},
	}
}

// documentOps are the operations that a mishap happens to.
func documentOps() []memd.CmdCode {
	return []memd.CmdCode{memd.CmdGet, memd.CmdAdd, memd.CmdReplace, memd.CmdDelete}
}

// deed is a call as a function makes it: what it finds done, it leaves.
type deed struct {
	before func(ctx context.Context, s *couchbase.Store) error // what is there already; nil: nothing
	do     func(ctx context.Context, s *couchbase.Store) error
	done   func(ctx context.Context, s *couchbase.Store) error // says what is missing, or there twice
}

func TestMishapsLoseNothingAndDoubleNothing(t *testing.T) {
	t.Parallel()
	for name, what := range deeds() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			count := operations(t, what)
			kinds := slices.Sorted(maps.Keys(mishaps()))
			errs := make([]error, count*len(kinds))
			var all errgroup.Group
			all.SetLimit(atOnce)
			for i := range errs {
				all.Go(func() error {
					kind, n := kinds[i/count], i%count
					if err := outlive(t, what, mishaps()[kind], n); err != nil {
						errs[i] = fmt.Errorf("%s, at operation %d of %d: %w", kind, n+1, count, err)
					}
					return nil
				})
			}
			_ = all.Wait()
			if err := errors.Join(errs...); err != nil {
				t.Fatal(err)
			}
			fmt.Printf("fault: %-32s operations %3d, mishaps %4d, lost=0, doubled=0\n", name, count, len(errs))
		})
	}
}

// atOnce is how many mishaps of one deed happen at a time: each has a node and two
// clients, whose calls have 5 s.
const atOnce = 16

// outlive suffers the mishap. A machine that stands still uses up the time that a
// call has, so one that had none left suffers it again, from the beginning; a call
// that always notices it does so each time, and one that notices it sooner than a
// single try may last was not short of time.
func outlive(t *testing.T, what deed, happens mishap, n int) error {
	t.Helper()
	const tries, oneTry = 10, time.Second
	for try := 1; ; try++ {
		from := time.Now()
		err := suffer(t, what, happens, n)
		if try == tries || !errors.Is(err, monitor.Unavailable) || time.Since(from) < oneTry {
			return err
		}
	}
}

// operations returns how many operations the deed takes when all goes well.
func operations(t *testing.T, what deed) int {
	t.Helper()
	node := prepared(t)
	store := opened(t, node)
	check(t, made(t.Context(), store, what))
	armed := node.Faults().Add(couchbasetest.Fault{Ops: documentOps()})
	check(t, what.do(t.Context(), store))
	count := armed.Met()
	check(t, what.done(t.Context(), store))
	if count == 0 {
		t.Fatal("got no operations, want some")
	}
	return count
}

func made(ctx context.Context, store *couchbase.Store, what deed) error {
	if _, err := store.CatalogRevision(ctx); err != nil || what.before == nil {
		return err
	}
	return what.before(ctx, store)
}

// suffer does the deed with the mishap at operation n, and again by another
// process.
func suffer(t *testing.T, what deed, happens mishap, n int) error {
	t.Helper()
	node := prepared(t)
	store, other := opened(t, node), opened(t, node)
	if err := made(t.Context(), store, what); err != nil {
		return err
	}
	ctx, dies := context.WithCancel(t.Context())
	defer dies()
	fault := happens.fault
	fault.Ops, fault.Skip = documentOps(), n
	if happens.dies {
		fault.Before = dies
	}
	node.Faults().Add(fault)
	err := what.do(ctx, store)
	node.Faults().Clear()
	switch {
	case err == nil:
		if err := what.done(t.Context(), other); err != nil {
			return fmt.Errorf("the call was well: %w", err)
		}
	case !happens.dies:
		return fmt.Errorf("the call noticed it: %w", err)
	case !errors.Is(err, monitor.Unavailable):
		return fmt.Errorf("got error %w, want one that is unavailable", err)
	}
	if err := what.do(t.Context(), other); err != nil {
		return fmt.Errorf("done again: %w", err)
	}
	return what.done(t.Context(), other)
}
