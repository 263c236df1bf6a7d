package drivers_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
	"github.com/api-endpoint-monitor/monitor/shared/storage/drivers"
)

// onNode are settings for a store on the node that stands in for a cluster.
func onNode(node *couchbasetest.Node, folder string) drivers.Settings {
	s := drivers.Settings{Store: "couchbase", Data: folder, Retention: monitor.Duration(time.Hour), Disk: 64_000_000}
	s.Couchbase = couchbase.Settings{Bucket: "monitor", Buckets: []string{"monitor"}}
	s.Couchbase.Link.Address = node.Address()
	s.Couchbase.Link.User, s.Couchbase.Link.Password = couchbasetest.DefaultUser, couchbasetest.DefaultPassword
	return s
}

func opened(t *testing.T, s drivers.Settings) drivers.Store {
	t.Helper()
	store, err := drivers.Open(t.Context(), s, nil)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

func TestClusterOnStandIn(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Prepared(t, couchbasetest.Options{})
	folder := t.TempDir()
	s := onNode(node, folder)
	store := opened(t, s)
	if err := store.Ready(t.Context()); err != nil {
		t.Errorf("ready: %v", err)
	}
	if err := store.Maintain(t.Context(), 1); err != nil {
		t.Errorf("maintain: %v", err)
	}
	if err := store.Backup(t.Context(), "copy"); !errors.Is(err, monitor.Invalid) || !strings.Contains(err.Error(), "cbbackupmgr") {
		t.Errorf("backup: got %v, want one that names the cluster's own tools", err)
	}
	if err := s.Made(); err != nil {
		t.Errorf("made: %v", err)
	}
}

func TestOccupyOnStandIn(t *testing.T) {
	t.Parallel()
	const alone, together = true, false
	node := couchbasetest.Prepared(t, couchbasetest.Options{})
	occupy := func(t *testing.T, folder string, how bool) (context.Context, func(), error) {
		t.Helper()
		s := onNode(node, folder)
		return drivers.Occupy(t.Context(), opened(t, s), s, how, slog.New(slog.DiscardHandler))
	}
	refused := func(t *testing.T, folder string, how bool) bool {
		t.Helper()
		s := onNode(node, folder)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second) // of its wait for those who are there
		defer cancel()
		_, _, err := drivers.Occupy(ctx, opened(t, s), s, how, slog.New(slog.DiscardHandler))
		return err != nil
	}
	_, crashed, err := occupy(t, "here", alone)
	if err != nil {
		t.Fatalf("the first: %v", err)
	}
	defer crashed()
	_, leave, err := occupy(t, "here", alone)
	if err != nil {
		t.Fatalf("the same one, after a crash: got %v, want nil", err)
	}
	for name, how := range map[string]bool{"another one": alone, "one that would share": together} {
		if !refused(t, "elsewhere", how) {
			t.Errorf("%s: got nil, want an error", name)
		}
	}
	leave()
	_, first, err := occupy(t, "here", together)
	if err != nil {
		t.Fatalf("one that shares: %v", err)
	}
	defer first()
	if _, second, err := occupy(t, "elsewhere", together); err != nil {
		t.Errorf("another one that shares: %v", err)
	} else {
		second()
	}
	if !refused(t, "elsewhere", alone) {
		t.Errorf("one alone beside those who share: got nil, want an error")
	}
}
