package schedule_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/functions/schedule"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/storagetest"
)

// TestPressed has the store go away for many ticks: the first tries are given back,
// so that the host tries again; then ticks count as done, and the first one that
// finds the store plans. The log hears of the begin and of the end, and a call that
// is broken off is neither.
func TestPressed(t *testing.T) {
	t.Parallel()
	for name, mood := range map[string]storagetest.Mood{
		"refuses": storagetest.Refuse, "hangs": storagetest.Hang(time.Millisecond),
	} {
		t.Run("a store that "+name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, endpoint("a", time.Second))
			felt := storagetest.Press(l.store)
			var log bytes.Buffer
			handle := l.scheduler(func(parts *schedule.Parts) {
				parts.Catalog, parts.Claims, parts.States = felt, felt, felt
				parts.Log = slog.New(slog.NewTextHandler(&log, nil))
			})
			ended, end := context.WithCancel(t.Context())
			end()
			l.tick(t, handle)
			for range 2 {
				felt.Feel(mood)
				for try := range 10 {
					l.at(l.now.Add(slot))
					_, _, err := l.try(t, handle)
					if given := errors.Is(err, monitor.Unavailable); given != (try < 3) {
						t.Errorf("try %d: got %v, want an error of the first three alone", try, err)
					}
				}
				if err := handle(ended, events.New(events.TypePing, events.Head{ID: "1", Source: "cron"}, &events.Ping{}), l.emit); err == nil {
					t.Error("broken off: got no error")
				}
				felt.Feel(nil)
				if told := strings.Count(log.String(), "planned again"); told != 0 {
					t.Errorf("got the log\n%swant no end yet", &log)
				}
				l.at(l.now.Add(slot))
				if due, _ := l.tick(t, handle); len(due) == 0 {
					t.Error("got nothing planned once the store was back")
				}
				if told := strings.Count(log.String(), "planned again"); told != 1 {
					t.Errorf("got the log\n%swant one end", &log)
				}
				log.Reset()
			}
		})
	}
}
