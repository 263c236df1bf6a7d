package query_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/functions/query"
	"github.com/api-endpoint-monitor/monitor/shared/auth"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
	"github.com/api-endpoint-monitor/monitor/shared/storage/sqlite/sqlitetest"
)

var update = flag.Bool("update", false, "write the golden files")

const shards = 4

// noon is the time of every test's clock, unless the test moves it.
var noon = monitor.At(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))

// kit is a Query with a store, and a tail that the test writes to.
type kit struct {
	store storage.Store
	parts query.Parts
	query *query.Query
	feed  *feed
}

// feed is a tail: what the test sends is received by who follows it. It has
// nothing of what came before, and says so.
type feed struct{ receivers chan func(events.Tailed) }

func (f *feed) follow(ctx context.Context, _ string, receive func(events.Tailed)) error {
	receive(events.Tailed{Position: "x", Resync: true})
	f.receivers <- receive
	<-ctx.Done()
	return nil
}

func newKit(t testing.TB, change func(*query.Parts)) *kit {
	t.Helper()
	store := sqlitetest.Open(t)
	gate, err := auth.Open(auth.None, "127.0.0.1:0", "")
	if err != nil {
		t.Fatal(err)
	}
	registry := prometheus.NewRegistry()
	k := &kit{store: store, feed: &feed{make(chan func(events.Tailed), 1)}}
	k.parts = query.Parts{
		History: store, Tail: store, States: store, Incidents: store, Notices: store, Catalog: store,
		Ready: store.Ready, Follow: k.feed.follow, Gate: gate, Dashboard: fstest.MapFS{},
		Locations: []string{"local"}, Shards: shards, Clock: func() time.Time { return noon.Time() },
		Log: slog.New(slog.DiscardHandler), Registry: registry,
	}
	if change != nil {
		change(&k.parts)
	}
	k.query = query.New(k.parts)
	return k
}

// another returns a kit of another process with the same store and tail.
func (k *kit) another() *kit {
	parts := k.parts
	parts.Registry = prometheus.NewRegistry()
	return &kit{store: k.store, parts: parts, query: query.New(parts), feed: k.feed}
}

// run starts the query and returns once it is ready. It stops with the test.
func (k *kit) run(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- k.query.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("run: got %v, want nil", err)
		}
	})
	eventually(t, "ready", func() bool {
		return k.query.Ready(t.Context()) == nil
	})
}

// receiver returns what the query gave to the tail.
func (k *kit) receiver(t testing.TB) func(events.Event) {
	t.Helper()
	select {
	case receive := <-k.feed.receivers:
		return func(e events.Event) { receive(events.Tailed{Position: "x", Event: e}) }
	case <-time.After(time.Minute):
		t.Fatal("nobody follows the tail")
		return nil
	}
}

func (k *kit) get(path string) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	k.query.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil))
	return answer
}

// read asks for the path and decodes the answer, which must be a 200.
func read[T any](t testing.TB, k *kit, path string) T {
	t.Helper()
	answer := k.get(path)
	if answer.Code != http.StatusOK {
		t.Fatalf("GET %s: got status %d, want 200: %s", path, answer.Code, answer.Body)
	}
	return decode[T](t, answer)
}

func decode[T any](t testing.TB, answer *httptest.ResponseRecorder) (value T) {
	t.Helper()
	if err := json.Unmarshal(answer.Body.Bytes(), &value); err != nil {
		t.Fatalf("got %v in %s, want JSON", err, answer.Body)
	}
	return value
}

func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("got nothing for a minute, want: %s", what)
		}
		<-time.After(5 * time.Millisecond)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// golden compares the JSON with a file in testdata, indented.
func golden(t *testing.T, name string, body []byte) {
	t.Helper()
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, bytes.TrimSpace(body), "", "  "); err != nil {
		t.Fatalf("got %q (%v), want JSON", body, err)
	}
	pretty.WriteByte('\n')
	path := filepath.Join("testdata", name+".json")
	if *update {
		must(t, os.WriteFile(path, pretty.Bytes(), 0o600))
	}
	want, err := os.ReadFile(path)
	must(t, err)
	if diff := cmp.Diff(string(want), pretty.String()); diff != "" {
		t.Errorf("%s (-want +got); go test -update writes it:\n%s", path, diff)
	}
}
