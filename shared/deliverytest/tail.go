package deliverytest

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func results(id string) events.Event {
	return events.New(events.TypeProbeResults, events.Head{ID: id, Source: "test", Key: "3"}, &events.ProbeResults{
		Shard: 3, Location: "local",
		Rows: []monitor.Result{{
			Endpoint: "shop/a", Location: "local", Due: 1000, Kind: monitor.Scheduled, Outcome: monitor.Passed,
		}},
	})
}

// tailed are the IDs of the first n things that a tail shows, "resync" among
// them, and the position of the last.
func (s *stage) tailed(host Host, position string, n int, during func()) (ids []string, last string) {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	shown := make(chan events.Tailed)
	ended := make(chan error, 1)
	go func() {
		ended <- host.Tail(ctx, position, func(t events.Tailed) {
			select {
			case shown <- t:
			case <-ctx.Done():
			}
		})
	}()
	if during != nil {
		during()
	}
	for range n {
		select {
		case t := <-shown:
			id := "resync"
			if !t.Resync {
				id = t.Event.ID()
			}
			ids, last = append(ids, id), t.Position
		case <-s.ctx.Done():
			s.t.Fatalf("the tail showed %v, want %d things", ids, n)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		s.t.Errorf("tail: got %v, want nil", err)
	}
	return ids, last
}

// position is that of the newest event: what a resync names.
func (s *stage) position(host Host) string {
	s.t.Helper()
	_, position := s.tailed(host, "?", 1, nil)
	return position
}

func testTailEmpty(t *testing.T, s *stage) {
	host := s.handle("first", accept)
	s.emit(host, results("before"))
	ctx, cancel := context.WithCancel(s.ctx)
	ended := make(chan struct{})
	ids, _ := s.tailed(host, "", 1, func() {
		go func() {
			defer close(ended)
			for ctx.Err() == nil {
				_ = host.Emit(ctx, results("later"))
			}
		}()
	})
	cancel()
	s.wait(ended, "the end of the emitter")
	if diff := cmp.Diff([]string{"later"}, ids); diff != "" {
		t.Errorf("tail (-want +got):\n%s", diff)
	}
}

func testTailNew(t *testing.T, s *stage) {
	host := s.handle("first", accept)
	from := s.position(host)
	ids, _ := s.tailed(host, from, 3, func() {
		s.emit(host, results("1"), event(typeOrdered, "not in the tail", "a"), results("2"), results("3"))
	})
	if diff := cmp.Diff([]string{"1", "2", "3"}, ids); diff != "" {
		t.Errorf("tail (-want +got):\n%s", diff)
	}
}

func testTailResume(t *testing.T, s *stage) {
	host := s.handle("first", accept)
	from := s.position(host)
	s.emit(host, results("1"), results("2"))
	ids, last := s.tailed(host, from, 1, nil)
	again, _ := s.tailed(host, last, 1, nil)
	if diff := cmp.Diff([]string{"1", "2"}, append(ids, again...)); diff != "" {
		t.Errorf("tail (-want +got):\n%s", diff)
	}
}

func testTailResync(t *testing.T, s *stage) {
	s.setup.TailEvents = 4
	host := s.handle("first", accept)
	from := s.position(host)
	for n := range 10 {
		s.emit(host, results(fmt.Sprint(n)))
	}
	for name, position := range map[string]string{"too old": from, "of another run": "other-5", "no position": "?"} {
		ids, last := s.tailed(host, position, 1, nil)
		if ids[0] != "resync" {
			t.Errorf("tail from a position that is %s: got %v, want a resync", name, ids)
		}
		s.emit(host, results("after "+name))
		ids, _ = s.tailed(host, last, 1, nil)
		if ids[0] != "after "+name {
			t.Errorf("tail behind the resync: got %v, want the event after it", ids)
		}
	}
}
