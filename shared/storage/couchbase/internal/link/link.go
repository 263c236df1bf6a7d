// Package link is the one connection of a process to a Couchbase cluster: its
// buckets, opened when they are first used, the operations on documents, and
// SQL++.
//
// Every error that leaves this package carries a monitor code. Operations are
// bounded: by their context, by a time-out of their own, and by how many may be
// in flight at once in the process.
package link

import (
	"context"
	"sync"
	"time"

	"github.com/couchbase/gocb/v2"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
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
	cluster *gocb.Cluster

	mu      sync.Mutex
	buckets map[string]*gocb.Bucket
}

// Open returns a link without waiting for the cluster.
func Open(s Settings, _ Options) (*Link, error) {
	cluster, err := gocb.Connect(s.Address, gocb.ClusterOptions{
		Authenticator:        gocb.PasswordAuthenticator{Username: s.User, Password: string(s.Password)},
		Tracer:               &gocb.NoopTracer{},
		Meter:                &gocb.NoopMeter{},
		OrphanReporterConfig: gocb.OrphanReporterConfig{Disabled: true},
		TransactionsConfig: gocb.TransactionsConfig{CleanupConfig: gocb.TransactionsCleanupConfig{
			DisableClientAttemptCleanup: true, DisableLostAttemptCleanup: true,
		}},
	})
	if err != nil {
		return nil, monitor.Wrap(monitor.Invalid, err, "the address of the cluster cannot be")
	}
	return &Link{cluster: cluster, buckets: map[string]*gocb.Bucket{}}, nil
}

// Close ends the connection. It may be called twice.
func (l *Link) Close() error { return l.cluster.Close(nil) }

// Cluster is the client itself, for what manages buckets, collections and indexes.
func (l *Link) Cluster() *gocb.Cluster { return l.cluster }

// Collection returns a collection of the scope monitor. It asks nobody: a bucket
// is opened when it is first named.
func (l *Link) Collection(bucket, name string) *Collection {
	l.mu.Lock()
	defer l.mu.Unlock()
	opened := l.buckets[bucket]
	if opened == nil {
		opened = l.cluster.Bucket(bucket)
		l.buckets[bucket] = opened
	}
	scope := opened.Scope(layout.Scope)
	return &Collection{link: l, scope: scope, documents: scope.Collection(name)}
}

// Ready returns nil if the cluster answers for each of the buckets, else why not.
func (l *Link) Ready(ctx context.Context, buckets ...string) error {
	for _, bucket := range buckets {
		_, err := l.cluster.Bucket(bucket).Ping(&gocb.PingOptions{Context: ctx, ServiceTypes: []gocb.ServiceType{gocb.ServiceTypeKeyValue}})
		if err != nil {
			return fault(err)
		}
	}
	return nil
}
