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

	mu      sync.Mutex
	slots   []kept
	first   uint64 // number of the oldest event that is kept
	next    uint64 // number of the event to come
	bytes   int
	readers map[*follower]struct{}
}

// follower is one who reads the ring.
type follower struct {
	wake chan struct{} // holds one after events were appended
	read uint64        // the number behind what it has read; guarded by the ring
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
		slots: make([]kept, limit.Events), readers: map[*follower]struct{}{},
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
		r.forget()
	}
	*r.slot(r.next) = kept{e, size}
	r.bytes += size
	r.next++
	for one := range r.readers {
		select {
		case one.wake <- struct{}{}:
		default:
		}
	}
}

// forget lets go of the oldest event.
func (r *ring) forget() {
	oldest := r.slot(r.first)
	r.bytes -= oldest.size
	*oldest = kept{}
	r.first++
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

// read returns events from number on, at most limit, to one who has read those
// before it. The number is too old when the event with it is not kept any more.
func (r *ring) read(one *follower, number uint64, limit int) (out []events.Event, tooOld bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	one.read = number
	if r.limit.Unread {
		r.forgetRead()
	}
	if number < r.first {
		return nil, true
	}
	for n := number; n < r.next && len(out) < limit; n++ {
		out = append(out, r.slot(n).event)
	}
	return out, false
}

// forgetRead lets go of what all who follow have read.
func (r *ring) forgetRead() {
	read := r.next
	for one := range r.readers {
		read = min(read, one.read)
	}
	for r.first < read {
		r.forget()
	}
}

// end returns the number of the event to come.
func (r *ring) end() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.next
}

// follow adds one who reads, from the event to come on if nothing else is said.
func (r *ring) follow() *follower {
	r.mu.Lock()
	defer r.mu.Unlock()
	one := &follower{wake: make(chan struct{}, 1), read: r.next}
	r.readers[one] = struct{}{}
	return one
}

func (r *ring) leave(one *follower) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.readers, one)
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
