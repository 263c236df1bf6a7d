package notify_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
	"github.com/api-endpoint-monitor/monitor/shared/storage/storagetest"
)

// partly is a store of which some shards cannot be read while it is told so.
type partly struct {
	storage.Notices
	held func(shard int) bool
	away *atomic.Bool
}

func (p partly) PendingNotices(ctx context.Context, shard int) ([]monitor.Notice, error) {
	if p.held(shard) && p.away.Load() {
		return nil, storagetest.Hang(10 * time.Second)(ctx)
	}
	return p.Notices.PendingNotices(ctx, shard)
}

// slowly is a store that takes its time to read some shards.
type slowly struct {
	storage.Notices
	takes func(shard int) time.Duration
}

func (s slowly) PendingNotices(ctx context.Context, shard int) ([]monitor.Notice, error) {
	select {
	case <-time.After(s.takes(shard)):
		return s.Notices.PendingNotices(ctx, shard)
	case <-ctx.Done():
		return nil, monitor.Wrap(monitor.Unavailable, ctx.Err(), "the store was not waited for")
	}
}

func TestPressed(t *testing.T) {
	t.Parallel()
	t.Run("a shard that cannot be read holds up the others for moments only", func(t *testing.T) {
		inBubble(t, func(w *world) {
			held := change("a", 1, "oncall")
			store := partly{w.store, func(shard int) bool { return shard == held.Shard }, &atomic.Bool{}}
			store.away.Store(true)
			p := w.run(store)
			p.tell(held)
			for told := range 16 {
				pass(time.Second) // so that some come while the store hangs
				p.tell(change(fmt.Sprintf("%db", told), 1, "oncall"))
				pass(3 * time.Second)
				if got := len(w.deliveries()); got != told+1 {
					t.Fatalf("got %d notices, want all %d of the other shard", got, told+1)
				}
			}
			store.away.Store(false)
			pass(20 * time.Second) // a reading that hangs, and the pause behind it
			if got := w.deliveries(); got[len(got)-1] != "a-1 oncall" {
				t.Errorf("got %v, want a-1 as well, at the end", got)
			}
		})
	})
	t.Run("however many shards cannot be read, they hold up the others once, and for moments only", func(t *testing.T) {
		inBubble(t, func(w *world) {
			open := change("0b", 1, "oncall").Shard
			store := partly{w.store, func(shard int) bool { return shard != open }, &atomic.Bool{}}
			store.away.Store(true)
			p := w.run(store)
			pass(3 * time.Second)
			for told := range 60 {
				p.tell(change(fmt.Sprintf("%db", told), 1, "oncall"))
				pass(0)
				if got := len(w.deliveries()); got != told+1 {
					t.Fatalf("got %d notices at once, want all %d of the shard that can be read", got, told+1)
				}
				p.tick()
				pass(700 * time.Millisecond)
			}
		})
	})
	t.Run("a shard that always takes long to read is told all the same", func(t *testing.T) {
		inBubble(t, func(w *world) {
			slow := change("a", 1, "oncall")
			p := w.run(slowly{w.store, func(shard int) time.Duration {
				if shard == slow.Shard {
					return 20 * time.Second
				}
				return 0
			}})
			pass(30 * time.Second)
			for round := 1; round <= 4; round++ {
				p.tell(change(fmt.Sprintf("%da", round), 1, "oncall"))
				pass(time.Second)
				p.tell(change(fmt.Sprintf("%db", round), 1, "oncall"))
				pass(time.Second)
				if got := w.deliveries(); got[len(got)-1] != fmt.Sprintf("%db-1 oncall", round) {
					t.Fatalf("got %v, want the one of the other shard at once", got)
				}
				pass(time.Minute)
				if got := w.deliveries(); len(got) != 2*round {
					t.Fatalf("got %v, want those of the slow shard as well", got)
				}
			}
			if got := w.log.Load(); got != 0 {
				t.Errorf("got %d lines in the log, want none: nothing has failed", got)
			}
		})
	})
	t.Run("what many shards have to tell is told in the order in which it was decided, however they are read", func(t *testing.T) {
		inBubble(t, func(w *world) {
			p := w.run(slowly{w.store, func(shard int) time.Duration { return time.Duration(shards-shard) * 100 * time.Millisecond }})
			w.refuses()
			for _, incident := range []string{"a", "b", "c", "d"} {
				p.tell(change(incident, 1, "hook"))
				pass(time.Second)
			}
			p.stop()
			w.answers(nil)
			pass(10 * time.Minute)
			w.run(slowly{w.store, func(shard int) time.Duration { return time.Duration(shard) * 100 * time.Millisecond }})
			pass(time.Minute)
			wantList(t, w.deliveries(), "a-1 hook", "b-1 hook", "c-1 hook", "d-1 hook")
		})
	})
	t.Run("a store that can be read now and then is told of once, and once at the end", func(t *testing.T) {
		inBubble(t, func(w *world) {
			felt := storagetest.Press(w.store)
			p := w.run(felt)
			for range 5 {
				felt.Feel(storagetest.Hang(time.Second))
				p.tick()
				pass(2 * time.Second)
				felt.Feel(nil)
				pass(8 * time.Second)
			}
			if got := w.log.Load(); got != 1 {
				t.Errorf("got %d lines in the log, want one", got)
			}
			pass(time.Minute)
			p.tick()
			pass(time.Second)
			if got := w.log.Load(); got != 2 {
				t.Errorf("got %d lines in the log, want one more for the end", got)
			}
		})
	})
	t.Run("a store that hangs for an hour sends nothing twice, and the rest once it is back", func(t *testing.T) {
		inBubble(t, func(w *world) {
			felt := storagetest.Press(w.store)
			p := w.run(felt)
			p.tell(change("a", 1, "oncall"))
			pass(time.Second)
			felt.Feel(storagetest.Hang(10 * time.Second))
			p.tick()
			pass(time.Hour)
			if calls := felt.Calls(); calls > 3600 {
				t.Errorf("got %d calls of the store in an hour, want fewer than one a second", calls)
			}
			told := w.log.Load()
			if told < 7 || told > 10 {
				t.Errorf("got %d lines in the log, want 7 to 10: ever fewer, the longer it lasts", told)
			}
			felt.Feel(nil)
			p.tell(change("b", 1, "oncall"))
			pass(20 * time.Second)
			wantList(t, w.deliveries(), "a-1 oncall", "b-1 oncall")
			if got := w.log.Load(); got != told {
				t.Errorf("got %d lines more in the log, want none yet", got-told)
			}
			pass(time.Minute)
			p.tick()
			pass(time.Second)
			if got := w.log.Load(); got != told+1 {
				t.Errorf("got %d lines more in the log, want one for the end", got-told)
			}
		})
	})
}
