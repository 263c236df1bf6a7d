package serve_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/serve"
)

func tick(id, key string) events.Event {
	return events.New(events.TypeShardTick, events.Head{ID: id, Source: "schedule", Key: key}, &events.ShardTick{Shard: 1})
}

func TestSink(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answers []int // the last one is repeated
		tries   int32
		want    monitor.Code
	}{
		"202 takes the event":             {[]int{202}, 1, ""},
		"a busy broker is tried again":    {[]int{503, 500, 429, 202}, 4, ""},
		"a broker that stays busy":        {[]int{503}, 5, monitor.Unavailable},
		"a broker that refuses the event": {[]int{400}, 1, monitor.Invalid},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var tries atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				n := min(int(tries.Add(1)), len(test.answers))
				if r.Header.Get("Ce-Id") != "1" || r.ContentLength <= 0 {
					t.Errorf("try %d: got ID %q, %d bytes", n, r.Header.Get("Ce-Id"), r.ContentLength)
				}
				w.WriteHeader(test.answers[n-1])
			}))
			t.Cleanup(server.Close)
			emit, err := serve.Sink(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			err = emit(t.Context(), tick("1", "1"))
			if got := monitor.CodeOf(err); got != test.want || tries.Load() != test.tries {
				t.Errorf("got code %q after %d tries, want %q after %d", got, tries.Load(), test.want, test.tries)
			}
		})
	}
}

func TestSinkOrder(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	came := map[string][]string{}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		key := r.Header.Get("Ce-Partitionkey")
		came[key] = append(came[key], r.Header.Get("Ce-Id"))
	}))
	t.Cleanup(server.Close)
	emit, err := serve.Sink(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{}
	var out []events.Event
	for n := range 200 {
		key, id := strconv.Itoa(n%40), strconv.Itoa(n)
		want[key] = append(want[key], id)
		out = append(out, tick(id, key))
	}
	if err := emit(t.Context(), out...); err != nil {
		t.Fatalf("emit: %v", err)
	}
	if diff := cmp.Diff(want, came); diff != "" {
		t.Errorf("events by key (-want +got):\n%s", diff)
	}
}

func TestSinkAddress(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "broker", "http://", "::"} {
		if _, err := serve.Sink(address); !errors.Is(err, monitor.Invalid) {
			t.Errorf("%q: got %v, want invalid", address, err)
		}
	}
}
