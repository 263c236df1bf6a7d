package storagetest

import (
	"errors"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// check ends the test on an error.
func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("got error %q, want none", err)
	}
}

// must returns the value, and ends the test on an error.
func must[T any](value T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		check(t, err)
		return value
	}
}

func wantCode(t testing.TB, err error, want monitor.Code) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got error %v, want code %s", err, want)
	}
}

// wantSame compares two values; a list that is nil and one that is empty are
// the same.
func wantSame[T any](t testing.TB, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("got other than want (-want +got):\n%s", diff)
	}
}

// Together runs do n times at once, with the numbers from 0 on, and returns the
// errors in their order.
func Together(n int, do func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var running sync.WaitGroup
	for i := range n {
		running.Go(func() {
			<-start
			errs[i] = do(i)
		})
	}
	close(start)
	running.Wait()
	return errs
}

// WantOneWinner fails the test unless one of the errors is nil and each other one a
// monitor.Conflict.
func WantOneWinner(t testing.TB, errs []error) {
	t.Helper()
	winners := 0
	for _, err := range errs {
		if err == nil {
			winners++
			continue
		}
		wantCode(t, err, monitor.Conflict)
	}
	if winners != 1 {
		t.Errorf("got %d winners, want 1", winners)
	}
}
