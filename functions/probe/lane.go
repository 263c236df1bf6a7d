package probe

import (
	"sync"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// MaxBuffered is how many results of one shard and location are kept while
// they cannot be reported. Beyond it the oldest are given up, and counted.
const MaxBuffered = 8000

// lanes are the results that wait, by shard and location. All calls of the
// process share them, so that the order of an endpoint's results outlasts the
// change from one slot to the next.
type lanes struct {
	mu    sync.Mutex
	lanes map[laneKey]*lane
	spare pages
}

type laneKey struct {
	shard    int
	location string
}

func newLanes() *lanes { return &lanes{lanes: map[laneKey]*lane{}} }

func (l *lanes) open(shard int, location string) *lane {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := laneKey{shard, location}
	if l.lanes[key] == nil {
		first := monitor.Instant(monitor.Phase(monitor.ShardKey(shard), ReportEvery).Milliseconds())
		l.lanes[key] = &lane{
			laneKey: key, turns: monitor.Due{First: first, Every: monitor.Duration(ReportEvery)},
			turn: make(chan struct{}, 1), news: make(chan struct{}, 1),
			rows: pile{spare: &l.spare},
		}
	}
	return l.lanes[key]
}

// lane holds the results of one shard and location, oldest first.
type lane struct {
	laneKey
	turns monitor.Due   // when what waits is reported: not all shards at once
	turn  chan struct{} // holds one while somebody emits
	news  chan struct{} // holds one while news waits

	mu    sync.Mutex
	rows  pile
	first int64 // the number of the oldest row; rows are numbered as they come
}

// add keeps a row and returns its number, and how many rows were given up for
// it. No check that was made is given up for one that was not: that one is
// given up itself, and the number is that of the last row.
func (l *lane) add(row *monitor.Result, news bool) (number int64, dropped int) {
	l.mu.Lock()
	if l.rows.count >= MaxBuffered {
		dropped = 1
		if row.Fault == monitor.FaultSkipped || row.Fault == monitor.FaultOverrun {
			number = l.first + int64(l.rows.count) - 1
			l.mu.Unlock()
			return number, dropped
		}
		l.remove(l.first + 1)
	}
	l.rows.add(row)
	number = l.first + int64(l.rows.count) - 1
	l.mu.Unlock()
	if news {
		l.call()
	}
	return number, dropped
}

// call says that news waits.
func (l *lane) call() {
	select {
	case l.news <- struct{}{}:
	default:
	}
}

// untilTurn returns how long it is from now to the lane's next turn.
func (l *lane) untilTurn(now monitor.Instant) time.Duration { return l.turns.After(now).Sub(now) }

// out tells whether the rows up to, not including, the number are out.
func (l *lane) out(number int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.first >= number
}

// end returns the number that the next row will have.
func (l *lane) end() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.first + int64(l.rows.count)
}

// portion returns the oldest rows, as many as one event carries, and the
// number of the row behind them; none, where the oldest has the number or a later
// one. Rows that are handed out are never written to.
func (l *lane) portion(until int64) ([]monitor.Result, int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.first >= until {
		return nil, l.first
	}
	n, size := 0, 0
	for n < min(l.rows.count, events.MaxRows) {
		size += sizeBound(l.rows.at(n))
		if size > events.MaxDataBytes-1024 && n > 0 {
			break
		}
		n++
	}
	return l.rows.first(n), l.first + int64(n)
}

// forget removes the rows up to, not including, the number; it returns how
// many of them were still there.
func (l *lane) forget(number int64) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.remove(number)
}

func (l *lane) remove(number int64) int {
	count := int(max(number-l.first, 0))
	l.rows.remove(count)
	l.first += int64(count)
	return count
}

// sizeBound returns a number of bytes that the row's JSON does not exceed:
// each byte of text takes six at most, all else of a row less than 460. An
// endpoint's key is of plain characters.
func sizeBound(r *monitor.Result) int {
	size := 460 + len(r.Endpoint) + 6*len(r.Reason) + 16 + 6*len(r.Extract)
	for i := range r.Unmet {
		u := &r.Unmet[i]
		size += 64 + 6*(len(u.Expectation)+len(u.Want)+len(u.Got))
	}
	return size
}
