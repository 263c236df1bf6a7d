package drivers

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

// cluster is a store in Couchbase, which keeps itself within its bounds: every
// document says itself when it ends.
type cluster struct{ *couchbase.Store }

func openCluster(ctx context.Context, s Settings, registry prometheus.Registerer) (Store, error) {
	store, err := couchbase.Open(ctx, s.Couchbase, couchbase.Options{Retention: s.Retention.D(), Registry: registry})
	if err != nil {
		return nil, err
	}
	return cluster{store}, nil
}

// Maintain implements Store.
func (cluster) Maintain(context.Context, monitor.Instant) error { return nil }

// Backup implements Store.
func (cluster) Backup(context.Context, string) error {
	return monitor.Errorf(monitor.Invalid,
		"a Couchbase cluster is backed up with its own tools, such as cbbackupmgr: a copy into one file is for MONITOR_STORE=%s", inFile)
}

// Occupy takes the store itself, which may be in use from elsewhere than this
// machine, as Claim (alone) or Share took the folder, until leave is called. The
// context that it returns ends, with the reason as its cause, when another process
// has taken the store over. Conflict: another has it. Occupy waits half a
// minute for the other one to end, and says so in the log before. Unavailable: ctx
// ended during that wait, or the cluster does not answer.
func Occupy(ctx context.Context, store Store, s Settings, alone bool, log *slog.Logger) (occupied context.Context, leave func(), err error) {
	kept, ok := store.(cluster)
	if !ok {
		return ctx, func() {}, nil
	}
	waits := func(who error, longest time.Duration) {
		log.Warn("another monitor has the Couchbase cluster: waiting until it ends, or has been silent for half a minute; else this one stops",
			telemetry.KeyReason, who, telemetry.KeyLimit, longest)
	}
	var lost <-chan struct{}
	var release func()
	if alone {
		release, lost, err = kept.Alone(ctx, s.owner(), waits)
	} else {
		release, lost, err = kept.Together(ctx, waits)
	}
	if err != nil {
		return nil, nil, err
	}
	occupied, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		select {
		case <-lost:
			cancel(monitor.Errorf(monitor.Conflict,
				"another monitor has taken over the Couchbase cluster: this one stops"))
		case <-occupied.Done():
		}
	}()
	return occupied, func() { cancel(nil); <-done; release() }, nil
}

// owner names the folder of data of this machine: who has locked it may go on where
// the last one ended. Where two machines have one name, the later one takes over.
func (s Settings) owner() string {
	host, _ := os.Hostname()
	folder, err := filepath.Abs(s.Data)
	if err != nil {
		folder = s.Data
	}
	return host + ":" + folder
}

// Place says for people where everything is kept.
func (s Settings) Place() string {
	if s.Store == inCluster {
		return "Couchbase at " + s.Couchbase.Link.Address
	}
	return s.Data
}
