package bus

import (
	"strconv"
	"strings"
	"sync"
	"unsafe"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// ring keeps the newest events for Tail. Their numbers rise by one from 1.
type ring struct {
	run   string // names this ring in positions
	limit TailSize

	mu       sync.Mutex
	slots    []kept
	first    uint64 // number of the oldest event that is kept
	next     uint64 // number of the event to come
	bytes    int
	watchers map[chan struct{}]struct{}
}

type kept struct {
	event events.Event
	size  int
}

func newRing(run string, limit TailSize) *ring {
	if limit.Events == 0 {
		limit.Events = 4096
	}
	if limit.Bytes == 0 {
		limit.Bytes = 16 << 20
	}
	return &ring{
		run: run, limit: limit, first: 1, next: 1,
		slots: make([]kept, limit.Events), watchers: map[chan struct{}]struct{}{},
	}
}

// append keeps an event if its type belongs into the tail.
func (r *ring) append(e events.Event) {
	if e.Type() != events.TypeProbeResults && e.Type() != events.TypeIncidentChanged {
		return
	}
	size := sizeOf(e)
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.first < r.next && (r.bytes+size > r.limit.Bytes || r.next-r.first == uint64(len(r.slots))) {
		oldest := r.slot(r.first)
		r.bytes -= oldest.size
		*oldest = kept{}
		r.first++
	}
	*r.slot(r.next) = kept{e, size}
	r.bytes += size
	r.next++
	for watcher := range r.watchers {
		select {
		case watcher <- struct{}{}:
		default:
		}
	}
}

func (r *ring) slot(number uint64) *kept { return &r.slots[number%uint64(len(r.slots))] }

// overhead is about what an event takes beside its data.
const overhead = 512

func sizeOf(e events.Event) int {
	if data := e.Data(); data != nil || e.Type() != events.TypeProbeResults {
		return overhead + len(data)
	}
	results, err := events.Decode[events.ProbeResults](e)
	if err != nil {
		return overhead
	}
	return overhead + len(results.Rows)*int(unsafe.Sizeof(monitor.Result{}))
}

// read returns events from number on, at most limit. The number is too old
// when the event with it is not kept any more.
func (r *ring) read(number uint64, limit int) (out []events.Event, tooOld bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if number < r.first {
		return nil, true
	}
	for n := number; n < r.next && len(out) < limit; n++ {
		out = append(out, r.slot(n).event)
	}
	return out, false
}

// end returns the number of the event to come.
func (r *ring) end() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.next
}

// watch returns a channel that gets a value after events were appended.
func (r *ring) watch() chan struct{} {
	watcher := make(chan struct{}, 1)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.watchers[watcher] = struct{}{}
	return watcher
}

func (r *ring) unwatch(watcher chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.watchers, watcher)
}

// position names the place behind the event with the number.
func (r *ring) position(number uint64) string { return r.run + "-" + strconv.FormatUint(number, 10) }

// after returns the number of the first event behind the position; false where
// the position is of another run or no position at all.
func (r *ring) after(position string) (uint64, bool) {
	run, digits, _ := strings.Cut(position, "-")
	number, err := strconv.ParseUint(digits, 10, 64)
	if run != r.run || err != nil || number >= r.end() {
		return 0, false
	}
	return number + 1, true
}
