package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

const (
	queueLength = 256 // writes that wait; beyond it callers wait to queue
	groupLength = 64  // writes that share a transaction at most
)

// errClosed answers calls after Close.
var errClosed = monitor.Errorf(monitor.Unavailable, "the store is closed")

// job is one write. Its outcome is known once it is taken: until then the
// caller may withdraw it.
type job struct {
	do    func(tx *tx) error
	taken atomic.Bool
	done  chan error
}

func (j *job) take() bool { return !j.taken.Swap(true) }

// writer runs all writes of the process, one after the other, those that wait
// together in one transaction.
type writer struct {
	db      *sql.DB
	tx      *tx
	jobs    chan *job
	closing chan struct{}
	stopped chan struct{}
	refusal atomic.Pointer[error] // why the file took nothing, last time; nil: it did
}

func newWriter(db *sql.DB, conn *sql.Conn) *writer {
	return &writer{
		db: db, tx: newTx(conn),
		jobs:    make(chan *job, queueLength),
		closing: make(chan struct{}),
		stopped: make(chan struct{}),
	}
}

// submit runs do within a transaction and returns once that has been committed
// or given up. It waits in the queue as long as ctx allows; from then on it
// returns the outcome.
func (w *writer) submit(ctx context.Context, do func(tx *tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j := &job{do: do, done: make(chan error, 1)}
	select {
	case <-w.closing:
		return errClosed
	default:
	}
	select {
	case w.jobs <- j:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.closing:
		return errClosed
	}
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done():
		if j.take() {
			return ctx.Err()
		}
	case <-w.stopped:
		if j.take() {
			return errClosed
		}
	}
	return <-j.done
}

// run serves jobs until close, then those that are queued, and stops.
func (w *writer) run(m *metrics) {
	defer close(w.stopped)
	for {
		select {
		case j := <-w.jobs:
			w.group(j, m)
		case <-w.closing:
			for {
				select {
				case j := <-w.jobs:
					w.group(j, m)
				default:
					return
				}
			}
		}
	}
}

// group runs the job and those that wait behind it.
func (w *writer) group(first *job, m *metrics) {
	var jobs []*job
	for next := first; next != nil; next = w.next(len(jobs)) {
		if next.take() {
			jobs = append(jobs, next)
		}
	}
	if len(jobs) > 0 {
		began := time.Now()
		w.commit(jobs)
		m.commit.Observe(time.Since(began).Seconds())
	}
}

func (w *writer) next(taken int) *job {
	if taken >= groupLength {
		return nil
	}
	select {
	case j := <-w.jobs:
		return j
	default:
		return nil
	}
}

// commit runs the jobs in one transaction and tells each its outcome. Where
// the engine refuses one of them, it fails alone: the others run again, each
// by itself.
func (w *writer) commit(jobs []*job) {
	if err := w.tx.begin(); err != nil {
		w.note(err)
		answer(jobs, func(int) error { return err })
		return
	}
	outcomes := make([]error, len(jobs))
	for i, j := range jobs {
		outcomes[i] = w.tx.nested(j.do)
		if !refused(outcomes[i]) {
			continue
		}
		w.tx.rollback()
		w.note(outcomes[i])
		jobs[i].done <- outcomes[i]
		for other, j := range jobs {
			if other != i {
				w.commit([]*job{j})
			}
		}
		return
	}
	err := w.tx.commit()
	if err != nil || slices.Contains(outcomes, nil) {
		w.note(err)
	}
	answer(jobs, func(i int) error {
		if outcomes[i] != nil {
			return outcomes[i]
		}
		return err
	})
}

// note remembers whether the file takes what is written to it.
func (w *writer) note(err error) {
	switch {
	case err == nil:
		w.refusal.Store(nil)
	case unwritable(err):
		w.refusal.Store(&err)
	}
}

// refused tells an error of the engine from an answer of the job.
func refused(err error) bool {
	var known *monitor.Error
	return err != nil && !errors.As(err, &known)
}

func answer(jobs []*job, outcome func(i int) error) {
	for i, j := range jobs {
		j.done <- outcome(i)
	}
}

// close lets the queue run dry and closes the connection.
func (w *writer) close() error {
	close(w.closing)
	<-w.stopped
	err := w.tx.close()
	if failed := w.db.Close(); err == nil {
		err = failed
	}
	return err
}
