package link

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/couchbase/gocb/v2"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

const (
	batchSize = 500 // operations that are sent at once
	writers   = 64  // durable writes of one call that are under way at once
)

// inBulk does n operations that may be repeated at will, many at once. make
// returns the operation of an index afresh for each try, and settle what became of
// it; that there is no document is no error.
func (c *Collection) inBulk(ctx context.Context, what kind, n int, make func(int) gocb.BulkOp, settle func(int) error) error {
	for from := 0; from < n; from += batchSize {
		size := min(batchSize, n-from)
		k, err := c.begin(ctx, what, size, activeBound)
		if err != nil {
			return err
		}
		err = k.batch(from, size, make, settle)
		k.end(err)
		if err != nil {
			return err
		}
	}
	return nil
}

func (k *call) batch(from, size int, create func(int) gocb.BulkOp, settle func(int) error) error {
	open := make([]int, size)
	for i := range open {
		open[i] = from + i
	}
	operations := make([]gocb.BulkOp, 0, size)
	for len(open) > 0 {
		if err := k.next(); err != nil {
			return err
		}
		operations = operations[:0]
		for _, i := range open {
			operations = append(operations, create(i))
		}
		options := &gocb.BulkOpOptions{Timeout: k.timeout(activeTry), Transcoder: raw()}
		if err := k.in.documents.Do(operations, options); err != nil {
			return k.in.place.explain(err)
		}
		var err error
		if open, err = k.settle(open, settle); err != nil {
			return err
		}
	}
	return nil
}

// settle returns those of the operations that must be tried again.
func (k *call) settle(open []int, settle func(int) error) ([]int, error) {
	left := open[:0]
	for _, i := range open {
		err := settle(i)
		if _, ours := errors.AsType[*monitor.Error](err); ours {
			return nil, err
		}
		switch k.failed(err) {
		case done, absent:
		case final:
			return nil, k.in.place.explain(err)
		default:
			left = append(left, i)
		}
	}
	return left, nil
}

// each calls do for 0 to n-1, many at once, until one fails, and returns the first
// error.
func each(n int, do func(int) error) error {
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var wait sync.WaitGroup
	for range min(n, writers) {
		wait.Go(func() {
			for failed.Load() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := do(i); err != nil {
					failed.CompareAndSwap(nil, &err)
				}
			}
		})
	}
	wait.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}

func notOurs(err error) error {
	return monitor.Wrap(monitor.Internal, err, "a document was written by another program: remove it")
}

// expiry returns in how long a document that is kept until the instant expires;
// 0: never. What is over already goes after a second.
func (l *Link) expiry(until time.Time) time.Duration {
	const relative = 30 * 24 * time.Hour // beyond it the client sends an instant by the system's clock
	if until.IsZero() {
		return 0
	}
	left := max(until.Sub(l.options.Clock()), time.Second)
	if left < relative {
		return left
	}
	return max(time.Until(until), relative)
}
