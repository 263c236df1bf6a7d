package topology

import (
	"context"
	"crypto/rand"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"

	"github.com/api-endpoint-monitor/monitor/shared/events"
)

// Follow hands out the tick's event now and at each time of its schedule, until
// ctx ends. Take is also told when the next time comes; those that pass while it
// runs are left out.
func (t Tick) Follow(ctx context.Context, clock func() time.Time, take func(e events.Event, next time.Time)) {
	for {
		now := clock()
		take(t.Event(now), t.Schedule.Next(now))
		now = clock()
		wait := time.NewTimer(t.Schedule.Next(now).Sub(now))
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return
		}
	}
}

// Event returns an event as the PingSource sends it at that time.
func (t Tick) Event(now time.Time) events.Event {
	e := cloudevents.New()
	e.SetID(rand.Text())
	e.SetType(events.TypePing)
	e.SetSource(t.Source)
	e.SetTime(now.UTC())
	if len(t.Data) > 0 {
		e.SetDataContentType(t.ContentType)
		e.DataEncoded = t.Data
	}
	return events.FromWire(e)
}
