package notify_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

func updated(incident string, sequence int, channels ...string) monitor.IncidentChange {
	c := change(incident, sequence, channels...)
	c.Change = monitor.Updated
	return c
}

func TestUpdates(t *testing.T) {
	t.Parallel()

	t.Run("an update is told where a message can be edited, and nowhere else", func(t *testing.T) {
		inBubble(t, func(w *world) {
			w.define("editable", "hook")
			p := w.run(w.store)
			p.tell(updated("a", 3, "editable", "hook", "gone"))
			pass(time.Second)
			wantList(t, w.deliveries(), "a-3 editable")
			if notices, _ := w.store.NoticesOf(w.t.Context(), "a"); len(notices) != 1 {
				t.Errorf("got %d notices kept, want one", len(notices))
			}
		})
	})

	t.Run("an update whose channels cannot be looked up is not acknowledged", func(t *testing.T) {
		inBubble(t, func(w *world) {
			p := w.run(w.store)
			_ = w.store.Close()
			if err := p.handle(changed(updated("a", 2, "hook"))); !errors.Is(err, monitor.Unavailable) {
				t.Errorf("got %v, want an unavailable error", err)
			}
		})
	})
}

func TestThread(t *testing.T) {
	t.Parallel()

	t.Run("a notice goes on from the one before it of its incident and channel", func(t *testing.T) {
		inBubble(t, func(w *world) {
			w.define("editable", "hook")
			p := w.run(w.store)
			p.tell(change("a", 1, "editable"))
			pass(time.Second)
			p.tell(change("e", 1, "editable"))
			pass(time.Second)
			p.tell(updated("a", 2, "editable", "hook"))
			pass(time.Second)
			p.stop()
			p = w.run(w.store)
			p.tell(change("a", 4, "editable"))
			pass(time.Second)
			wantList(t, w.deliveries(), "a-1 editable", "e-1 editable", "a-2 editable", "a-4 editable")
			wantList(t, w.threads(), "", "", "receipt of a-1 editable", "receipt of a-2 editable")
		})
	})

	t.Run("each channel goes on from its own", func(t *testing.T) {
		inBubble(t, func(w *world) {
			w.define("editable", "editable2")
			p := w.run(w.store)
			p.tell(change("a", 1, "editable"))
			pass(time.Second)
			p.tell(change("a", 2, "editable2"))
			pass(time.Second)
			p.tell(change("a", 4, "editable"))
			pass(time.Second)
			wantList(t, w.threads(), "", "", "receipt of a-1 editable")
		})
	})

	t.Run("one that was given up on the way is passed over", func(t *testing.T) {
		inBubble(t, func(w *world) {
			w.define("editable")
			p := w.run(w.store)
			p.tell(change("a", 1, "editable"))
			pass(time.Second)
			w.refuses()
			p.tell(updated("a", 2, "editable"))
			pass(monitor.NoticeExpiry + 6*time.Minute)
			w.answers(nil)
			p.tell(change("a", 4, "editable"))
			pass(time.Minute)
			wantList(t, w.threads(), "", "receipt of a-1 editable")
		})
	})

	t.Run("one that was given up is no beginning", func(t *testing.T) {
		inBubble(t, func(w *world) {
			w.define("editable")
			p := w.run(w.store)
			w.refuses()
			p.tell(change("a", 1, "editable"))
			pass(monitor.NoticeExpiry + 6*time.Minute)
			w.answers(nil)
			p.tell(change("a", 2, "editable"))
			pass(time.Minute)
			wantList(t, w.deliveries(), "a-2 editable")
			wantList(t, w.threads(), "")
		})
	})

	t.Run("a store that cannot say what went before is asked again", func(t *testing.T) {
		inBubble(t, func(w *world) {
			w.define("editable")
			first := w.run(w.store)
			first.tell(change("a", 1, "editable"))
			pass(time.Second)
			first.stop()
			p := w.run(&forgetful{Notices: w.store, until: time.Now().Add(10 * time.Second)})
			p.tell(change("a", 2, "editable"))
			pass(time.Minute)
			wantList(t, w.threads(), "", "receipt of a-1 editable")
			if n := w.stored("a", 2, "editable"); n.Attempts != 1 {
				t.Errorf("got %d attempts, want one: without knowing what went before nothing is sent", n.Attempts)
			}
		})
	})
}

// forgetful is a store that cannot read an incident's notices for a while.
type forgetful struct {
	storage.Notices
	until time.Time
}

func (f *forgetful) NoticesOf(ctx context.Context, incident string) ([]monitor.Notice, error) {
	if time.Now().Before(f.until) {
		return nil, errDead
	}
	return f.Notices.NoticesOf(ctx, incident)
}
