package probe_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// The endpoints of a crowd whose number is even hang.
func hangs(name string) bool {
	number, _ := strconv.Atoi(name[strings.LastIndexByte(name, '/')+1:])
	return number%2 == 0
}

// crowd returns the events of a slot that begins after so long, for so many
// endpoints at one second that share batches.
func crowd(after time.Duration, count, batches int, address func(i int) string) []events.ProbeDue {
	all := make([]events.ProbeDue, batches)
	for b := range all {
		all[b] = slotOf(after)
	}
	for i := range count {
		e, due := endpoint(strconv.Itoa(i), time.Second), &all[i%batches]
		e.HTTP.URL, e.Timeout, e.Alert.Confirm = address(i), monitor.Duration(4500*time.Millisecond), monitor.ConfirmQuick
		due.Endpoints = append(due.Endpoints, events.DueEndpoint{
			Endpoint: &e, Shard: i % batches, Due: monitor.DueIn(e.Key(), time.Second, due.Slot, due.Until),
		})
	}
	return all
}

// TestProbeHanging has 1,000 endpoints that never answer among 2,000.
func TestProbeHanging(t *testing.T) {
	t.Parallel()
	bubble(t, "the others are checked at their due times, and what hangs overruns", func(t *testing.T) {
		const limit = 1100
		var running, most atomic.Int64
		l := newLab(func(ctx context.Context, r *look.Request) look.Answer {
			now := running.Add(1)
			defer running.Add(-1)
			for before := most.Load(); now > before && !most.CompareAndSwap(before, now); before = most.Load() {
			}
			if hangs(r.Endpoint) {
				answer(r.Timeout, 0)(ctx, r)
				return look.Answer{Took: r.Timeout, Fault: monitor.FaultTimeout, Reason: "no whole answer"}
			}
			return answer(3*time.Millisecond, 200)(ctx, r)
		})
		l.start(limit)
		var calls sync.WaitGroup
		for n := range 3 { // a slot is handed out while the one before is at work
			for _, due := range crowd(time.Duration(n)*slot+time.Second, 2000, 16, func(int) string { return "http://shop.example" }) {
				calls.Go(func() {
					if err := l.run(t.Context(), due); err != nil {
						t.Error(err)
					}
				})
			}
		}
		calls.Wait()
		assertCrowd(t, l, 3*2000*int(slot/time.Second))
		if got := most.Load(); got > limit || got < 1000 {
			t.Errorf("got %d checks at once, want all that hang, and %d at most", got, limit)
		}
	})
}

// assertCrowd holds what was reported to what the endpoints of a crowd do.
func assertCrowd(t *testing.T, l *lab, dues int) {
	t.Helper()
	seen, overruns, failed := map[monitor.CheckID]bool{}, 0, 0
	for _, row := range l.rows() {
		if row.Kind == monitor.Scheduled {
			if seen[row.ID()] {
				t.Fatalf("got %s twice", row.ID())
			}
			seen[row.ID()] = true
		}
		switch {
		case !hangs(row.Endpoint):
			if row.Outcome != monitor.Passed || row.Start != row.Due {
				t.Fatalf("got %+v, want a pass in time", row)
			}
		case row.Fault == monitor.FaultOverrun:
			overruns++
		case row.Fault == monitor.FaultTimeout:
			failed++
		default:
			t.Fatalf("got %+v of an endpoint that hangs, want a timeout or an overrun", row)
		}
	}
	if len(seen) != dues {
		t.Errorf("got the results of %d due times, want %d", len(seen), dues)
	}
	if failed == 0 || overruns == 0 {
		t.Errorf("got %d timeouts and %d overruns, want some of both", failed, overruns)
	}
	if got := l.counted(t, "monitor_probe_overrun_total"); got != float64(overruns) {
		t.Errorf("got %v overruns counted, want %d", got, overruns)
	}
	if got := l.counted(t, "monitor_probe_skipped_total"); got != 0 {
		t.Errorf("got %v checks skipped, want none", got)
	}
}

// TestProbeHangingSockets has 100 servers that hang among 200, behind real
// connections: all the others answer before any of those is given up.
func TestProbeHangingSockets(t *testing.T) {
	t.Parallel()
	const count = 200
	eye, err := look.New(look.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(eye.Close)
	servers, waiting, release := hangingServers(t, count)
	l := newLab(eye.Look)
	due := slotOf(0)
	for i, server := range servers {
		e := endpoint(strconv.Itoa(i), time.Hour)
		e.HTTP.URL, e.Timeout = server, monitor.Duration(30*time.Minute)
		due.Endpoints = append(due.Endpoints, events.DueEndpoint{Endpoint: &e, Due: monitor.Due{First: due.Slot, Every: e.Interval, Count: 1}})
	}
	ended := make(chan error, 1)
	go func() { ended <- l.run(t.Context(), due) }()
	within := time.NewTimer(time.Minute)
	defer within.Stop()
	for range count / 2 {
		select {
		case <-waiting:
		case <-within.C:
			t.Fatal("gave up waiting until every server that hangs was asked")
		}
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for len(l.rows()) < count/2 {
		select {
		case <-tick.C:
		case <-within.C:
			t.Fatalf("got %d results while others hang, want %d", len(l.rows()), count/2)
		}
	}
	for _, row := range l.rows() {
		if hangs(row.Endpoint) || row.Outcome != monitor.Passed {
			t.Errorf("got %+v, want a pass of one that answers", row)
		}
	}
	close(release)
	if err := <-ended; err != nil || len(l.rows()) != count {
		t.Errorf("got %v and %d results, want nil and %d: what hung as well", err, len(l.rows()), count)
	}
}

// hangingServers returns the URLs of servers of which every other one does not
// answer until it is released, then it cuts the connection. They tell of each
// request that such a one has read.
func hangingServers(t *testing.T, count int) (urls []string, waiting <-chan struct{}, release chan struct{}) {
	t.Helper()
	asked, release := make(chan struct{}, count), make(chan struct{})
	for i := range count {
		urls = append(urls, "http://"+raw(t, func(requests *bufio.Reader, conn net.Conn) {
			for {
				if _, err := http.ReadRequest(requests); err != nil {
					return
				}
				if i%2 == 0 {
					asked <- struct{}{}
					<-release
					return
				}
				if _, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"); err != nil {
					return
				}
			}
		}))
	}
	return urls, asked, release
}

// raw serves each connection with handle, then closes it.
func raw(t *testing.T, handle func(*bufio.Reader, net.Conn)) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for conn, err := listener.Accept(); err == nil; conn, err = listener.Accept() {
			go func() {
				defer func() { _ = conn.Close() }()
				handle(bufio.NewReader(conn), conn)
			}()
		}
	}()
	return listener.Addr().String()
}
