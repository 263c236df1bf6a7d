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
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
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

// notes is a log that hands each of its lines on.
type notes func(line slog.Record)

func (notes) Enabled(context.Context, slog.Level) bool { return true }
func (n notes) WithAttrs([]slog.Attr) slog.Handler     { return n }
func (n notes) WithGroup(string) slog.Handler          { return n }
func (n notes) Handle(_ context.Context, line slog.Record) error {
	n(line)
	return nil
}

// reason returns the error that a line of the log gives as its reason.
func reason(line slog.Record) (why error) {
	line.Attrs(func(a slog.Attr) bool {
		if a.Key == telemetry.KeyReason {
			why, _ = a.Value.Any().(error)
		}
		return why == nil
	})
	return why
}

// refusal occupies the store from elsewhere, ends the wait as soon as the log tells
// of it, and returns the reason that is told.
func refusal(t *testing.T, node *couchbasetest.Node, alone bool) error {
	t.Helper()
	var told error
	s := onNode(node, "elsewhere")
	ctx, end := context.WithCancel(t.Context())
	defer end()
	_, _, err := drivers.Occupy(ctx, opened(t, s), s, alone, slog.New(notes(func(line slog.Record) {
		told = reason(line)
		end()
	})))
	if monitor.CodeOf(err) != monitor.Unavailable || !errors.Is(err, context.Canceled) {
		t.Errorf("a wait that ends: got %v, want %s that wraps %v", err, monitor.Unavailable, context.Canceled)
	}
	return told
}

func TestOccupyOnStandIn(t *testing.T) {
	t.Parallel()
	const alone, together = true, false
	node := couchbasetest.Prepared(t, couchbasetest.Options{})
	occupy := func(t *testing.T, folder string, how bool) func() {
		t.Helper()
		s := onNode(node, folder)
		_, leave, err := drivers.Occupy(t.Context(), opened(t, s), s, how, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatalf("occupy from %s: %v", folder, err)
		}
		return leave
	}
	refused := func(t *testing.T, how bool, whom string) {
		t.Helper()
		if why := refusal(t, node, how); !errors.Is(why, monitor.Conflict) || !strings.Contains(why.Error(), whom) {
			t.Errorf("alone %t: got told %v, want %s of %q", how, why, monitor.Conflict, whom)
		}
	}
	crashed := occupy(t, "here", alone)
	defer crashed()
	leave := occupy(t, "here", alone) // the same one, after a crash
	refused(t, alone, "/here) does everything by itself")
	refused(t, together, "/here) does everything by itself")
	leave()
	first := occupy(t, "here", together)
	defer first()
	occupy(t, "elsewhere", together)()
	refused(t, alone, "share their work")
}
