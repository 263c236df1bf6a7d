package bus

import (
	"context"

	"github.com/api-endpoint-monitor/monitor/shared/events"
)

// tailBatch is how many events a receiver gets before its place is looked up
// again.
const tailBatch = 64

// Tail follows the newest probe.results and incident.changed events: it is an
// events.Tail. It returns nil when ctx ends.
func (b *Bus) Tail(ctx context.Context, position string, receive func(events.Tailed)) error {
	one := b.ring.follow()
	defer b.ring.leave(one)
	number, known := b.ring.after(position)
	if !known {
		number = b.ring.end()
	}
	if !known && position != "" {
		receive(events.Tailed{Position: b.ring.position(number - 1), Resync: true})
	}
	for ctx.Err() == nil {
		batch, tooOld := b.ring.read(one, number, tailBatch)
		if tooOld {
			number = b.ring.end()
			receive(events.Tailed{Position: b.ring.position(number - 1), Resync: true})
			continue
		}
		for _, e := range batch {
			receive(events.Tailed{Position: b.ring.position(number), Event: e})
			number++
		}
		if len(batch) > 0 {
			continue
		}
		select {
		case <-one.wake:
		case <-ctx.Done():
		}
	}
	return nil
}
