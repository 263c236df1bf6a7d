// Package link is the one connection of a process to a Couchbase cluster: its
// buckets, opened when they are first used, the operations on documents, and
// SQL++.
//
// Every error that leaves this package carries a monitor code. Operations are
// bounded: by their context, by a time-out of their own, and by how many may be
// in flight at once in the process.
package link

import (
	"sync"
	"time"

	"github.com/couchbase/gocb/v2"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
)

// Settings say where the cluster is and how to log in.
type Settings struct {
	Address  string // couchbase:// or couchbases:// connection string
	User     string
	Password string
}

// Link is a connection to a cluster. It serves many goroutines.
type Link struct {
	cluster *gocb.Cluster

	mu      sync.Mutex
	buckets map[string]*gocb.Bucket
}

// Open returns a link without waiting for the cluster.
func Open(s Settings) (*Link, error) {
	cluster, err := gocb.Connect(s.Address, gocb.ClusterOptions{
		Authenticator:        gocb.PasswordAuthenticator{Username: s.User, Password: s.Password},
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

const timeout = 10 * time.Second
