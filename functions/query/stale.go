package query

import (
	"context"
	"errors"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

const (
	answerWithin = 20 * time.Second // that reads of the store have for one request
	hurryWithin  = 3 * time.Second  // the same while the store is known not to answer
)

// staleness says how old what is in memory may be.
type staleness struct {
	asOf  monitor.Instant // when the last whole look at the store began
	stale bool            // it is older than it should be, since the store does not answer
}

// asOf returns when the last whole look at the store began, and whether that is
// too long ago.
func (m *memory) asOf() (at monitor.Instant, stale bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.staleness.asOf, m.staleness.stale
}

// lookedWhole notes when a whole look at the store began.
func (m *memory) lookedWhole(begun monitor.Instant) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.staleness.asOf = begun
}

// setStale says whether the memory is stale, and has live clients told.
func (m *memory) setStale(stale bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.staleness.stale, m.news.any = stale, true
}

// since returns since when the memory is stale; 0, if it is not.
func (s staleness) since() Moment {
	if !s.stale {
		return 0
	}
	return Moment(s.asOf)
}

// staleSince returns since when what is in memory is stale; 0, if it is not.
func (q *Query) staleSince() Moment {
	q.memory.mu.RLock()
	defer q.memory.mu.RUnlock()
	return q.memory.staleness.since()
}

// staleFor returns for how long the memory has been stale, in seconds.
func (q *Query) staleFor() float64 {
	since := q.staleSince()
	if since == 0 {
		return 0
	}
	return q.now().Sub(monitor.Instant(since)).Seconds()
}

// within returns the context of one request. While the store does not answer,
// nobody waits for it for long.
func (q *Query) within(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, stale := q.memory.asOf(); stale {
		return context.WithTimeout(ctx, hurryWithin)
	}
	return context.WithTimeout(ctx, answerWithin)
}

// unanswered tells whether the error says that the store did not answer.
func unanswered(err error) bool {
	return monitor.CodeOf(err) == monitor.Unavailable || errors.Is(err, context.DeadlineExceeded)
}

// waited returns the error of a request whose time is over as what it is.
func waited(ctx context.Context, err error) error {
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return err
	}
	return monitor.Wrap(monitor.Unavailable, err,
		"the store has not answered in time: try again later; endpoints, their health and what is open are answered from memory meanwhile")
}

func (q *Query) now() monitor.Instant { return monitor.At(q.clock()) }
