// Package link is the one connection of a process to a Couchbase cluster: its
// buckets, opened when they are first used, the operations on documents, and
// SQL++.
//
// Every error that leaves this package carries a monitor code and a sentence that
// names the true reason. Operations are bounded: by their context, by a time of
// their own, and by how many may be in flight at once in the process. What the
// cluster asks to try again is tried again within that time, and a write whose
// answer was lost is looked up: it is done, or it is not, or the caller is told
// that nobody knows.
package link

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/couchbase/gocb/v2"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Options are what the process lends to a Link. The zero value is ready to use.
type Options struct {
	// Clock tells the time by which documents expire; nil: the system's.
	Clock func() time.Time
	// Registry takes the link's metrics; nil: none are kept.
	Registry prometheus.Registerer
}

// Link is a connection to a cluster. It serves many goroutines.
type Link struct {
	settings Settings
	options  Options
	hosts    []string // of the connection string, as host:port
	secure   bool     // by TLS
	door     *door
	cluster  *gocb.Cluster
	metrics  *metrics
	limit    limit
	closing  sync.Once
	closed   atomic.Bool
	life     context.Context // of queries and questions
	stop     context.CancelFunc
	who      string // begins each Stamp of this process
	stamps   atomic.Uint64

	mu      sync.Mutex
	buckets map[string]*bucket
}

// Open returns a link without waiting for the cluster. Invalid: the settings are
// at fault.
func Open(s Settings, o Options) (*Link, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Registry == nil {
		o.Registry = prometheus.NewRegistry()
	}
	secure, hosts, err := parseAddress(s.Address)
	if err != nil {
		return nil, err
	}
	l := &Link{
		settings: s, options: o, hosts: hosts, secure: secure, limit: newLimit(),
		who: newName(), buckets: map[string]*bucket{}, door: &door{},
	}
	l.life, l.stop = context.WithCancel(context.Background())
	l.metrics = newMetrics(l.limit.inFlight)
	if err := o.Registry.Register(l.metrics.all); err != nil {
		return nil, monitor.Wrap(monitor.Internal, err, "the metrics of the connection to Couchbase are taken")
	}
	if err := l.connect(); err != nil {
		o.Registry.Unregister(l.metrics.all)
		return nil, err
	}
	return l, nil
}

func (l *Link) connect() error {
	authorities, err := l.settings.authorities()
	if err != nil {
		return err
	}
	options := gocb.ClusterOptions{
		Authenticator:        login{settings: l.settings, door: l.door},
		SecurityConfig:       gocb.SecurityConfig{TLSRootCAs: authorities},
		RetryStrategy:        again{retries: l.metrics.retries},
		Tracer:               &gocb.NoopTracer{},
		Meter:                &gocb.NoopMeter{},
		OrphanReporterConfig: gocb.OrphanReporterConfig{Disabled: true},
		AppTelemetryConfig:   gocb.AppTelemetryConfig{Disabled: true},
		CircuitBreakerConfig: gocb.CircuitBreakerConfig{SleepWindow: time.Second, CanaryTimeout: time.Second},
		TransactionsConfig: gocb.TransactionsConfig{CleanupConfig: gocb.TransactionsCleanupConfig{
			DisableClientAttemptCleanup: true, DisableLostAttemptCleanup: true,
		}},
	}
	l.door.shutWhile(func() { l.cluster, err = gocb.Connect(withOptions(l.settings.Address), options) })
	if err != nil {
		return &monitor.Error{Code: monitor.Invalid, Field: "MONITOR_COUCHBASE", Message: "the address cannot be", Cause: err}
	}
	return nil
}

// withOptions adds what can be said in a connection string only: how long, in ms,
// the client waits before it connects again to a node that did not let it, and how
// many bytes it reads ahead on each connection, for which it would take 20 MiB.
func withOptions(address string) string {
	separator := "?"
	if strings.Contains(address, "?") {
		separator = "&"
	}
	return address + separator + "server_wait_backoff=500&kv_buffer_size=262144"
}

// Close ends the connection. What is under way ends with the try that it is at,
// which takes 3 s at most. It may be called twice.
func (l *Link) Close() error {
	l.closing.Do(func() {
		l.closed.Store(true)
		l.stop()
		l.options.Registry.Unregister(l.metrics.all)
		// The client must not be called any more while it closes.
		_ = l.limit.documents.Acquire(context.Background(), maxInFlight)
		_ = l.limit.queries.Acquire(context.Background(), maxQueries)
		_ = l.limit.probes.Acquire(context.Background(), maxProbes)
		l.closeClient()
		l.limit.probes.Release(maxProbes)
		l.limit.queries.Release(maxQueries)
		l.limit.documents.Release(maxInFlight)
	})
	return nil
}

// closeClient closes the client while no bucket is opened. Each would wait for the
// other: who opens one, for the client's list of them; who closes, for connections
// that stand before the door.
func (l *Link) closeClient() {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = l.cluster.Close(nil) // says no more than that the buckets are closed
}

// Cluster is the client itself, for what manages the cluster. Its buckets are
// opened by Bucket.
func (l *Link) Cluster() *gocb.Cluster { return l.cluster }

// Bucket is the client's bucket itself, for what manages scopes and collections.
func (l *Link) Bucket(name string) *gocb.Bucket { return l.bucket(name).client }

// Collection returns a collection of the scope that the settings name. It asks
// nobody: a bucket is opened when it is first named.
func (l *Link) Collection(bucketName, name string) *Collection {
	return l.bucket(bucketName).collection(name)
}

// Stamp returns a text that no other call of any process returns, for the body of
// a write.
func (l *Link) Stamp() string { return l.who + strconv.FormatUint(l.stamps.Add(1), 36) }

func newName() string {
	var random [8]byte
	_, _ = rand.Read(random[:]) // it never fails
	return hex.EncodeToString(random[:]) + "."
}
