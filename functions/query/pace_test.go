package query_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/api-endpoint-monitor/monitor/functions/query"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

// line is a connection whose other end the test holds: it takes what is
// written, or nothing at all while it is stuck.
type line struct {
	mu     sync.Mutex
	text   bytes.Buffer
	header http.Header
	stuck  chan struct{} // closed: writes go on
}

func newLine(stuck bool) *line {
	l := &line{header: http.Header{}, stuck: make(chan struct{})}
	if !stuck {
		close(l.stuck)
	}
	return l
}

func (l *line) Header() http.Header { return l.header }
func (l *line) WriteHeader(int)     {}
func (l *line) Flush()              {}

func (l *line) Write(p []byte) (int, error) {
	<-l.stuck
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *line) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// open begins a live stream on the line. The channel is closed when the stream
// has ended.
func (k *kit) open(ctx context.Context, l *line, ids string) <-chan struct{} {
	ended := make(chan struct{})
	request := httptest.NewRequest(http.MethodGet, "http://localhost/api/v1/live?ids="+ids, nil)
	go func() {
		defer close(ended)
		k.query.Handler().ServeHTTP(l, request.WithContext(ctx))
	}()
	return ended
}

// inBubble runs the test with time of its own: pauses cost none.
func inBubble(t *testing.T, change func(*query.Parts), test func(*testing.T, *kit)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		k := newKit(t, change)
		define(t, k, endpoint("ns", "a"), endpoint("ns", "b"))
		k.run(t)
		test(t, k)
	})
}

// TestStoredLate has results stored behind the load that were emitted before the
// tail began, at the start and when it had to begin anew.
func TestStoredLate(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(t *testing.T, k *kit) {
		receive := <-k.feed.receivers
		for i, late := range []monitor.Result{result("ns/a", 2*time.Second, monitor.Passed), result("ns/a", time.Second, monitor.Passed)} {
			if i > 0 {
				receive(events.Tailed{Position: "x", Resync: true})
			}
			time.Sleep(time.Second)
			synctest.Wait()
			arrive(t, k, late)
			time.Sleep(10 * time.Second)
			synctest.Wait()
			last := read[query.EndpointDetail](t, k, "/api/v1/endpoints/ns/a").Last
			if last == nil || last.Due != query.Moment(late.Due) {
				t.Errorf("got the last result %+v, want the one of %d", last, late.Due)
			}
		}
	})
}

func isOpen(ended <-chan struct{}) bool {
	select {
	case <-ended:
		return false
	default:
		return true
	}
}

func TestLivePace(t *testing.T) {
	t.Parallel()
	t.Run("a heartbeat comes every 15 s", func(t *testing.T) {
		t.Parallel()
		inBubble(t, nil, func(t *testing.T, k *kit) {
			l := newLine(false)
			k.open(t.Context(), l, "")
			time.Sleep(46 * time.Second)
			synctest.Wait()
			if got := strings.Count(l.String(), "\n: \n"); got != 3 {
				t.Errorf("got %d heartbeats in 46 s, want 3", got)
			}
			if !strings.HasPrefix(l.String(), "retry: 2000\n") {
				t.Errorf("got %q, want it to begin with retry", l.String())
			}
		})
	})
	t.Run("a stream ends by itself before the platform ends it", func(t *testing.T) {
		t.Parallel()
		inBubble(t, nil, func(t *testing.T, k *kit) {
			ended := k.open(t.Context(), newLine(false), "")
			time.Sleep(509 * time.Second)
			synctest.Wait()
			if !isOpen(ended) {
				t.Error("got the end within 509 s, want an open stream")
			}
			time.Sleep(62 * time.Second)
			synctest.Wait()
			if isOpen(ended) {
				t.Error("got an open stream after 571 s, want its end")
			}
		})
	})
	t.Run("changes of 100 ms come together", func(t *testing.T) {
		t.Parallel()
		inBubble(t, nil, func(t *testing.T, k *kit) {
			emit := k.receiver(t)
			l := newLine(false)
			k.open(t.Context(), l, "ns/a")
			time.Sleep(time.Second)
			before := len(l.String())
			for i := range 100 {
				emit(resultsEvent(result("ns/a", time.Duration(100-i)*time.Millisecond, monitor.Passed)))
				time.Sleep(10 * time.Millisecond)
			}
			time.Sleep(time.Second)
			synctest.Wait()
			if got := strings.Count(l.String()[before:], "event: endpoints"); got < 10 || got > 11 {
				t.Errorf("got %d events for 100 results in 1 s, want 10 or 11", got)
			}
			if got := strings.Count(l.String()[before:], `"letter":"p"`); got != 100 {
				t.Errorf("got %d results, want 100", got)
			}
		})
	})
	t.Run("a client that goes is forgotten", func(t *testing.T) {
		t.Parallel()
		inBubble(t, nil, func(t *testing.T, k *kit) {
			ctx, cancel := context.WithCancel(t.Context())
			ended := k.open(ctx, newLine(false), "ns/a")
			synctest.Wait()
			if got := gauge(t, k, "monitor_live_clients"); got != 1 {
				t.Errorf("got %v clients, want 1", got)
			}
			cancel()
			<-ended
			if got := gauge(t, k, "monitor_live_clients"); got != 0 {
				t.Errorf("got %v clients, want 0", got)
			}
		})
	})
}

func TestLiveSlowClient(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(t *testing.T, k *kit) {
		emit := k.receiver(t)
		slow, fast := newLine(true), newLine(false)
		ended := k.open(t.Context(), slow, "ns/a")
		k.open(t.Context(), fast, "ns/a")
		time.Sleep(time.Second)
		const results = 100
		for i := range results {
			emit(resultsEvent(result("ns/a", time.Duration(results-i)*time.Second, monitor.Passed)))
			time.Sleep(200 * time.Millisecond)
		}
		synctest.Wait()
		if got := strings.Count(fast.String(), `"letter":"p"`); got != results {
			t.Errorf("the other client got %d results, want %d", got, results)
		}
		if got := gauge(t, k, "monitor_live_cut_total"); got != 1 {
			t.Errorf("got %v clients cut, want 1", got)
		}
		close(slow.stuck)
		<-ended
	})
}

func TestRunEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := newKit(t, nil)
		ctx, cancel := context.WithCancel(t.Context())
		ran := make(chan error, 1)
		go func() { ran <- k.query.Run(ctx) }()
		time.Sleep(time.Second)
		ended := k.open(t.Context(), newLine(false), "")
		synctest.Wait()
		cancel()
		<-ended
		if err := <-ran; err != nil {
			t.Errorf("got %v, want nil", err)
		}
		if got := k.get("/api/v1/live").Code; got != http.StatusServiceUnavailable {
			t.Errorf("a new stream: got status %d, want 503", got)
		}
	})
}

// counting is states that counts how often they are read.
type counting struct {
	storage.States
	mu    sync.Mutex
	reads map[int]int
}

func (c *counting) ShardState(ctx context.Context, shard int) (monitor.ShardState, error) {
	c.mu.Lock()
	c.reads[shard]++
	c.mu.Unlock()
	return c.States.ShardState(ctx, shard)
}

func (c *counting) take() map[int]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	taken := c.reads
	c.reads = map[int]int{}
	return taken
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	health := func(t *testing.T, k *kit) monitor.Health {
		t.Helper()
		return read[query.EndpointDetail](t, k, "/api/v1/endpoints/ns/a").Health
	}
	t.Run("a decision shows within two seconds of the result that brought it", func(t *testing.T) {
		t.Parallel()
		inBubble(t, nil, func(t *testing.T, k *kit) {
			emit := k.receiver(t)
			time.Sleep(20 * time.Second)
			emit(resultsEvent(result("ns/a", time.Second, monitor.OutcomeDegraded)))
			time.Sleep(1100 * time.Millisecond) // alert takes its time: the first look is over
			believe(t, k, monitor.State{Endpoint: "ns/a", Health: monitor.Degraded})
			time.Sleep(900 * time.Millisecond)
			synctest.Wait()
			if got := health(t, k); got != monitor.Degraded {
				t.Errorf("got %s, want degraded", got)
			}
		})
	})
	t.Run("a decision without any result shows within 16 seconds", func(t *testing.T) {
		t.Parallel()
		inBubble(t, nil, func(t *testing.T, k *kit) {
			time.Sleep(20 * time.Second) // the looks after the start are over
			believe(t, k, monitor.State{Endpoint: "ns/a", Health: monitor.Unknown, Reason: "silence"})
			time.Sleep(17 * time.Second)
			synctest.Wait()
			e := read[query.EndpointDetail](t, k, "/api/v1/endpoints/ns/a")
			if e.Health != monitor.Unknown || e.Reason != "silence" {
				t.Errorf("got %s (%s), want unknown for its silence", e.Health, e.Reason)
			}
		})
	})
	t.Run("shards without news are hardly read", func(t *testing.T) {
		t.Parallel()
		states := &counting{reads: map[int]int{}}
		inBubble(t, func(p *query.Parts) { states.States, p.States = p.States, states }, func(t *testing.T, k *kit) {
			emit := k.receiver(t)
			emit(resultsEvent(result("ns/a", 2*time.Second, monitor.Passed)))
			time.Sleep(10 * time.Second)
			states.take()
			for i := range 160 {
				emit(resultsEvent(result("ns/a", -time.Duration(i)*time.Second, monitor.Passed)))
				time.Sleep(time.Second)
			}
			for shard, reads := range states.take() {
				if reads > 11 {
					t.Errorf("shard %d: got %d reads in 160 s, want 10 or 11", shard, reads)
				}
			}
		})
	})
	t.Run("states that were read before an incident changed do not undo it", func(t *testing.T) {
		t.Parallel()
		stale := &holding{}
		inBubble(t, func(p *query.Parts) { stale.States, p.States = p.States, stale }, func(t *testing.T, k *kit) {
			emit := k.receiver(t)
			shard := monitor.ShardOf("ns/a", shards)
			stale.entered, stale.leave = make(chan struct{}), make(chan struct{})
			stale.hold(shard)
			emit(resultsEvent(result("ns/a", time.Second, monitor.Failed)))
			<-stale.entered
			opened, _ := outage(endpoint("ns", "a"), time.Second)
			emit(changeEvent(opened))
			close(stale.leave)
			synctest.Wait()
			if got := health(t, k); got != monitor.Down {
				t.Errorf("got %s, want down", got)
			}
		})
	})
}

// holding is states of which one read is held up after it was done.
type holding struct {
	storage.States
	mu             sync.Mutex
	held           int // shard + 1; 0: none
	entered, leave chan struct{}
}

func (h *holding) hold(shard int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.held = shard + 1
}

func (h *holding) ShardState(ctx context.Context, shard int) (monitor.ShardState, error) {
	state, err := h.States.ShardState(ctx, shard)
	h.mu.Lock()
	held := h.held == shard+1
	if held {
		h.held = 0
	}
	h.mu.Unlock()
	if held {
		close(h.entered)
		<-h.leave
	}
	return state, err
}

func gauge(t *testing.T, k *kit, name string) float64 {
	t.Helper()
	families, err := k.parts.Registry.Gather()
	must(t, err)
	for _, family := range families {
		if family.GetName() == name {
			metric := family.GetMetric()[0]
			return metric.GetGauge().GetValue() + metric.GetCounter().GetValue()
		}
	}
	t.Fatalf("got no metric %s, want one", name)
	return 0
}
