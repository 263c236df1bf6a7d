package standalone_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/functions/standalone"
	"github.com/api-endpoint-monitor/monitor/functions/store"
	"github.com/api-endpoint-monitor/monitor/shared/auth"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/secret"
	"github.com/api-endpoint-monitor/monitor/shared/storage/drivers"
)

// bubbled is the whole monitor, all but the network, in fake time.
type bubbled struct {
	store    drivers.Store
	registry *prometheus.Registry
	client   *http.Client // whose only server it is
	stop     func()       // ends it and closes its store; the test's end does so too
	end      func() error // the same, for a test that judges how it ended
}

// runInBubble runs the monitor on the data. Before it starts, adapt says what is
// its own: it must set what is defined, and how to look and send.
func runInBubble(t *testing.T, data string, adapt func(*standalone.Parts)) bubbled {
	t.Helper()
	registry := prometheus.NewRegistry()
	kept := drivers.Settings{Store: "sqlite", Data: data, Retention: monitor.Duration(48 * time.Hour), Disk: 10_000_000_000}
	records, err := drivers.Open(t.Context(), kept, registry)
	if err != nil {
		t.Fatal(err)
	}
	gate, err := auth.Open(auth.None, dayAddr, data)
	if err != nil {
		t.Fatal(err)
	}
	parts := standalone.Parts{
		Settings: standalone.Settings{
			Addr: dayAddr, File: filepath.Join(data, "monitor.yaml"), Location: dayLocation,
			Slot: daySlot, Shards: dayShards, Batches: dayShards, Concurrency: 64, Store: kept,
			Fold: store.Settings{FoldAfter: 5 * time.Minute},
		},
		Store: records, Gate: gate, Secrets: secret.Resolver{},
		Clock: time.Now, Log: slog.New(slog.DiscardHandler), Registry: registry,
	}
	adapt(&parts)
	app, err := standalone.New(parts)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	network, ended := newPipes(), make(chan error, 1)
	go func() { ended <- app.Run(ctx, network) }()
	end := sync.OnceValue(func() error {
		cancel()
		return errors.Join(<-ended, records.Close())
	})
	judged := false
	stop := sync.OnceFunc(func() {
		if err := end(); err != nil && !judged {
			t.Errorf("the monitor ended with %v", err)
		}
	})
	t.Cleanup(stop)
	return bubbled{records, registry, network.client(), stop, func() error { judged = true; return end() }}
}
