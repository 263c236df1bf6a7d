package probe

import (
	"sync"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// dealings are the due times of one endpoint and location that this process has
// dealt with, over the last slots: an event that comes again asks for the same
// checks, while the first call is still at them or after it.
type dealings struct {
	mu    sync.Mutex
	slots [6]dealing
}

// dealing is how far one slot has been dealt with: due times come in order.
type dealing struct {
	slot, last monitor.Instant
	manual     bool
}

// first notes that the due time is being dealt with, and tells whether nobody
// did so before. Of a slot that lies further back than is remembered it cannot
// know, and says so.
func (d *dealings) first(due *events.ProbeDue, at monitor.Instant) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	manual := due.Kind == monitor.Manual
	oldest := &d.slots[0]
	for i := range d.slots {
		known := &d.slots[i]
		if known.slot == due.Slot && known.manual == manual {
			fresh := at > known.last
			known.last = max(known.last, at)
			return fresh
		}
		if known.slot < oldest.slot {
			oldest = known
		}
	}
	if oldest.slot < due.Slot {
		*oldest = dealing{due.Slot, at, manual}
	}
	return true
}

// undo takes back that the due time, the last one so far, was dealt with.
func (d *dealings) undo(due *events.ProbeDue, at monitor.Instant) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range d.slots {
		if known := &d.slots[i]; known.slot == due.Slot && known.manual == (due.Kind == monitor.Manual) {
			known.last = min(known.last, at-1)
		}
	}
}
