package definitions_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/functions/query"
	"github.com/api-endpoint-monitor/monitor/functions/query/definitions"
	"github.com/api-endpoint-monitor/monitor/shared/config"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/storage/sqlite/sqlitetest"
)

const (
	one = "namespace: shop\nendpoints:\n  - {name: cart, interval: 1s, http: {url: \"http://cart.example\"}}\n"
	two = one + "  - {name: till, interval: 1s, http: {url: \"http://till.example\"}}\n"
	bad = two + "  - {name: door, interval: never, http: {url: \"http://door.example\"}}\n"
)

// said is what a keeper did, in order.
type said struct {
	mu    sync.Mutex
	lines []string
}

func (s *said) add(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, line)
}

func (s *said) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.lines)
}

func TestFollow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		path, store := filepath.Join(t.TempDir(), "monitor.yaml"), sqlitetest.Open(t)
		put := func(text string) {
			t.Helper()
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		put(one)
		var s said
		read := func() (config.Definition, error) { return config.Load(path, nil) }
		keeper := definitions.New(definitions.Parts{
			Path: path, Mark: config.MarkOf(path), Read: read, Catalog: store,
			Emit: func(_ context.Context, out ...events.Event) error {
				s.add("wake by " + out[0].Type())
				return nil
			},
			Refuse: func(why *query.RefusedDefinitions) {
				if why == nil {
					s.add("in force")
					return
				}
				s.add("refused: " + why.Source)
			},
			Log: slog.New(slog.DiscardHandler), Registry: prometheus.NewRegistry(),
		})
		wanted, err := read()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := keeper.Define(t.Context(), wanted); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- keeper.Follow(ctx) }()
		for _, text := range []string{two, bad, one} {
			put(text)
			time.Sleep(5 * time.Second)
			synctest.Wait()
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		want := []string{"wake by " + events.TypePing, "in force", "refused: monitor.yaml", "in force"}
		if diff := cmp.Diff(want, s.all()); diff != "" {
			t.Errorf("said (-want +got):\n%s", diff)
		}
		catalog, err := store.Catalog(t.Context())
		if err != nil || len(catalog.Endpoints) != 1 {
			t.Errorf("got %d endpoints and %v, want the one that is left", len(catalog.Endpoints), err)
		}
	})
}
