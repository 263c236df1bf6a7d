package probe

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/expect"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// keepEntry is how long an endpoint is remembered after its last slot, beyond
// two of its intervals.
const keepEntry = 10 * time.Minute

// book remembers the endpoints that this process checks, over all slots.
type book struct {
	mu      sync.Mutex
	entries map[entryKey]*entry
	swept   monitor.Instant
}

type entryKey struct{ endpoint, location string }

// entry is one endpoint as seen from one location. Whoever holds it (see take)
// alone may touch what stands below busy.
type entry struct {
	key   string
	until monitor.Instant // guarded by the book: forgotten after it
	seats []seat          // guarded by the book: its rounds at work
	dealt dealings

	waiting *check // guarded by the crew: the scheduled check that waits for its turn
	busy    atomic.Bool
	extras

	last        monitor.Instant // due time of the newest check
	history     History
	pace        Pace
	second      *second   // that goes on, to confirm the check that failed beside it
	kept        allowance // of extracts
	revision    int64
	expectation *expect.Expectation
	invalid     error
}

func newBook() *book { return &book{entries: map[entryKey]*entry{}} }

// seat is the place of an endpoint in a round.
type seat struct {
	round    *round
	endpoint int // its index there
}

// open returns the entries of the endpoints, in their order.
func (b *book) open(due *events.ProbeDue, now monitor.Instant) []*entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sweep(now)
	entries := make([]*entry, len(due.Endpoints))
	for i := range due.Endpoints {
		e := &due.Endpoints[i]
		key := entryKey{e.Endpoint.Key(), due.Location}
		known := b.entries[key]
		if known == nil {
			known = &entry{key: key.endpoint}
			b.entries[key] = known
		}
		last := e.Due.At(max(e.Due.Count-1, 0)).Add(2*e.Endpoint.Interval.D() + keepEntry)
		known.until = max(known.until, last, now.Add(keepEntry))
		entries[i] = known
	}
	return entries
}

// join remembers that the endpoints of a round can have extra checks in it,
// until leave.
func (b *book) join(r *round) {
	if r.due.Kind != monitor.Scheduled {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, known := range r.entries {
		known.seats = append(known.seats, seat{r, i})
	}
}

// leave forgets a round.
func (b *book) leave(r *round) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, known := range r.entries {
		known.seats = slices.DeleteFunc(known.seats, func(s seat) bool { return s.round == r })
	}
}

// find returns an endpoint that this process checks; nil, if it does not.
func (b *book) find(key entryKey) *entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.entries[key]
}

// waits tells whether a scheduled check of the endpoint has come due that nobody
// has begun to deal with.
func (b *book) waits(known *entry, now monitor.Instant) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.ContainsFunc(known.seats, func(s seat) bool { return s.round.agenda.waits(s.endpoint, now) })
}

// admit returns the place of an extra check in the round that is at work for the
// longest and still takes one, and has that round wait for it.
func (b *book) admit(known *entry) (seat, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	latest := slices.SortedStableFunc(slices.Values(known.seats), func(x, y seat) int {
		return cmp.Compare(y.round.due.Until, x.round.due.Until)
	})
	for _, s := range latest {
		if s.round.admit() {
			return s, true
		}
	}
	return seat{}, false
}

func (b *book) sweep(now monitor.Instant) {
	if now.Sub(b.swept) < time.Minute {
		return
	}
	b.swept = now
	for key, known := range b.entries {
		if known.until < now && !known.busy.Load() {
			delete(b.entries, key)
		}
	}
}

// take holds the entry for one check, or tells that another check has it.
func (e *entry) take() bool { return e.busy.CompareAndSwap(false, true) }

// release gives the entry back.
func (e *entry) release() { e.busy.Store(false) }

// letGo gives the entry back after a check beside which a second look may go on.
func (e *entry) letGo() {
	beside := e.second
	e.release()
	beside.loosen()
}

// expect returns what is expected of the endpoint, looked up once for each
// revision of its definition.
func (e *entry) expect(endpoint *monitor.Endpoint, all *expectations) (*expect.Expectation, error) {
	fresh := e.expectation == nil && e.invalid == nil
	if fresh || endpoint.Revision == 0 || endpoint.Revision != e.revision {
		e.expectation, e.invalid = all.compile(endpoint.Expect)
		e.revision = endpoint.Revision
	}
	return e.expectation, e.invalid
}
