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

// partly is a store of which one shard cannot be read while it is told so.
type partly struct {
	storage.Notices
	shard int
	away  *atomic.Bool
}

func (p partly) PendingNotices(ctx context.Context, shard int) ([]monitor.Notice, error) {
	if shard == p.shard && p.away.Load() {
		return nil, storagetest.Hang(10 * time.Second)(ctx)
	}
	return p.Notices.PendingNotices(ctx, shard)
}

func TestPressed(t *testing.T) {
	t.Parallel()
	t.Run("a shard that cannot be read holds up the others for moments only", func(t *testing.T) {
		inBubble(t, func(w *world) {
			held := change("a", 1, "oncall")
			store := partly{w.store, held.Shard, &atomic.Bool{}}
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
			pass(10 * time.Second)
			if got := w.deliveries(); got[len(got)-1] != "a-1 oncall" {
				t.Errorf("got %v, want a-1 as well, at the end", got)
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
			if got := w.log.Load(); got != 1 {
				t.Errorf("got %d lines in the log, want one", got)
			}
			felt.Feel(nil)
			p.tell(change("b", 1, "oncall"))
			pass(20 * time.Second)
			wantList(t, w.deliveries(), "a-1 oncall", "b-1 oncall")
			if got := w.log.Load(); got != 2 {
				t.Errorf("got %d lines in the log, want one more for the end", got)
			}
		})
	})
}
