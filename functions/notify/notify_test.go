package notify_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/functions/notify"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

func TestNotify(t *testing.T) {
	t.Parallel()

	t.Run("a change is told to each of its channels at once, with a receipt", func(t *testing.T) {
		inBubble(t, func(w *world) {
			p := w.run(w.store)
			p.tell(change("a", 1, "oncall", "hook"))
			pass(time.Millisecond)
			got := w.deliveries()
			slices.Sort(got)
			wantList(t, got, "a-1 hook", "a-1 oncall")
			n := w.stored("a", 1, "hook")
			if n.Receipt != "receipt of a-1 hook" || n.Accepted == 0 || n.Lease != 0 || n.Attempts != 1 || n.Error != "" {
				t.Errorf("got %+v, want one accepted at the first attempt", n)
			}
			if p.metric("monitor_notices_sent_total") != 2 || p.metric("monitor_notices_delay_seconds") != 2 || p.metric("monitor_notices_pending") != 0 {
				t.Error("got other metrics than two sent and none pending")
			}
		})
	})

	t.Run("a shard that is none is refused", func(t *testing.T) {
		inBubble(t, func(w *world) {
			p := w.run(w.store)
			for _, shard := range []int{-1, shards} {
				none := change("a", 1, "hook")
				none.Shard = shard
				tick := events.New(events.TypeShardTick, events.Head{ID: "tick", Source: "schedule"}, &events.ShardTick{Shard: shard})
				for _, event := range []events.Event{changed(none), tick} {
					if err := p.handle(event); monitor.CodeOf(err) != monitor.Invalid {
						t.Errorf("got %v for shard %d, want an Invalid error", err, shard)
					}
				}
			}
		})
	})

	t.Run("a change that comes twice is told once", func(t *testing.T) {
		inBubble(t, func(w *world) {
			p := w.run(w.store)
			for range 3 {
				p.tell(change("a", 1, "hook"))
				pass(time.Second)
			}
			wantList(t, w.deliveries(), "a-1 hook")
		})
	})

	t.Run("a change is not acknowledged before its notices are saved", func(t *testing.T) {
		inBubble(t, func(w *world) {
			p := w.run(&mortal{Notices: w.store, writes: 0})
			err := p.handle(changed(change("a", 1, "hook")))
			if !errors.Is(err, monitor.Unavailable) {
				t.Errorf("got %v, want an unavailable error", err)
			}
		})
	})

	t.Run("the end of an outage is told before the next one begins", func(t *testing.T) {
		inBubble(t, func(w *world) {
			w.answers(func(context.Context, monitor.Notice) error {
				<-time.After(time.Second)
				return nil
			})
			p := w.run(w.store)
			next := change("e", 1, "hook") // of the same shard
			next.Incident.Endpoint, next.Incident.Started = "shop/a", monitor.At(time.Now())
			for _, c := range []monitor.IncidentChange{change("a", 1, "hook"), change("a", 2, "hook"), next} {
				p.tell(c)
			}
			pass(time.Minute)
			wantList(t, w.deliveries(), "a-1 hook", "a-2 hook", "e-1 hook")
		})
	})

	t.Run("an event of another type is invalid", func(t *testing.T) {
		inBubble(t, func(w *world) {
			err := w.run(w.store).handle(events.New(events.TypePing, events.Head{ID: "1", Source: "x"}, &events.Ping{}))
			if !errors.Is(err, monitor.Invalid) {
				t.Errorf("got %v, want an invalid error", err)
			}
		})
	})
}

func TestGivingUp(t *testing.T) {
	t.Parallel()

	t.Run("a channel that is not defined any more ends its notices at once", func(t *testing.T) {
		inBubble(t, func(w *world) {
			p := w.run(w.store)
			w.refuses()
			p.tell(change("a", 1, "oncall", "hook"))
			pass(time.Second)
			w.define("hook")
			w.answers(nil)
			pass(time.Minute)
			wantList(t, w.deliveries(), "a-1 hook")
			n := w.stored("a", 1, "oncall")
			if n.GivenUp == 0 || n.Pending() || n.Error != "channel shop/oncall is not defined any more" {
				t.Errorf("got %+v, want one given up", n)
			}
			if p.metric("monitor_notices_given_up_total") != 1 {
				t.Error("got another metric than one given up")
			}
		})
	})

	t.Run("a notice expires, and the next of its incident goes on", func(t *testing.T) {
		inBubble(t, func(w *world) {
			p := w.run(w.store)
			w.refuses()
			p.tell(change("a", 1, "hook"))
			pass(time.Hour)
			p.tell(change("a", 2, "hook"))
			pass(monitor.NoticeExpiry - time.Hour + 6*time.Minute)
			w.answers(nil)
			pass(6 * time.Minute)
			wantList(t, w.deliveries(), "a-2 hook")
			n := w.stored("a", 1, "hook")
			if n.GivenUp == 0 || n.Error != "not delivered within 1d; last error: the provider is down" {
				t.Errorf("got %+v, want one given up with its last error", n)
			}
		})
	})

	t.Run("a provider cannot ask for more than an hour", func(t *testing.T) {
		inBubble(t, func(w *world) {
			p := w.run(w.store)
			w.answers(func(context.Context, monitor.Notice) error {
				if time.Since(epoch()) < time.Minute {
					return pause(1000 * time.Hour)
				}
				return nil
			})
			p.tell(change("a", 1, "hook"))
			pass(61 * time.Minute)
			wantList(t, w.deliveries(), "a-1 hook")
		})
	})
}

func TestByKind(t *testing.T) {
	t.Parallel()
	says := func(word string) notify.Send {
		return func(context.Context, monitor.Delivery) (string, error) { return word, nil }
	}
	send := notify.ByKind(says("slack"), says("webhook"))
	for want, channel := range map[string]monitor.Channel{
		"slack": {Slack: &monitor.Slack{}}, "webhook": {Webhook: &monitor.Webhook{}},
	} {
		if got, err := send(t.Context(), monitor.Delivery{Channel: channel}); got != want || err != nil {
			t.Errorf("got %q and %v, want %q", got, err, want)
		}
	}
	if _, err := send(t.Context(), monitor.Delivery{}); !errors.Is(err, monitor.Invalid) {
		t.Errorf("got %v for a channel of no kind, want an invalid error", err)
	}
}

// pause is an error by which a provider asks for a pause.
type pause time.Duration

func (p pause) Error() string             { return "too many requests" }
func (p pause) RetryAfter() time.Duration { return time.Duration(p) }

// mortal is the store of a process that dies: after so many writes nothing
// reaches it any more.
type mortal struct {
	storage.Notices
	writes int
}

var errDead = monitor.Errorf(monitor.Unavailable, "the process is dead")

func (m *mortal) dies() bool {
	m.writes--
	return m.writes < 0
}

func (m *mortal) SaveNotices(ctx context.Context, notices []monitor.Notice) error {
	if m.dies() {
		return errDead
	}
	return m.Notices.SaveNotices(ctx, notices)
}

func (m *mortal) UpdateNotice(ctx context.Context, n monitor.Notice) (int64, error) {
	if m.dies() {
		return 0, errDead
	}
	return m.Notices.UpdateNotice(ctx, n)
}

func wantList(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// wantOrder holds every incident and channel to rising sequences.
func wantOrder(t *testing.T, deliveries []string) {
	t.Helper()
	last := map[string]int{}
	for _, d := range deliveries {
		var sequence int
		var incident, channel string
		dash := slices.Index([]byte(d), '-')
		incident = d[:dash]
		if _, err := fmt.Sscanf(d[dash:], "-%d %s", &sequence, &channel); err != nil {
			t.Fatal(err)
		}
		if sequence < last[incident+channel] {
			t.Errorf("got %s after sequence %d", d, last[incident+channel])
		}
		last[incident+channel] = sequence
	}
}
