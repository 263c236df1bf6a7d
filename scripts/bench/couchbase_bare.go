package main

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/couchbase/gocb/v2"
	"golang.org/x/sync/errgroup"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase"
)

// bareCluster is the client library and nothing else, in its cheapest way: no
// spans, no figures, nothing compressed, bodies that are ready.
type bareCluster struct {
	cluster   *gocb.Cluster
	documents *gocb.Collection
}

// How the cheapest way asks: few enough at once that nothing is refused.
const (
	perCall    = 500
	goroutines = 256
	bareEnds   = 7 * 24 * time.Hour // when the cluster forgets a result
	bareWait   = time.Minute
)

func newBareCluster(settings couchbase.Settings) (*bareCluster, error) {
	cluster, err := gocb.Connect(settings.Link.Address, gocb.ClusterOptions{
		Authenticator:        gocb.PasswordAuthenticator{Username: settings.Link.User, Password: string(settings.Link.Password)},
		Tracer:               &gocb.NoopTracer{},
		Meter:                &gocb.NoopMeter{},
		Transcoder:           gocb.NewRawJSONTranscoder(),
		CompressionConfig:    gocb.CompressionConfig{Disabled: true},
		OrphanReporterConfig: gocb.OrphanReporterConfig{Disabled: true},
	})
	if err != nil {
		return nil, err
	}
	documents := cluster.Bucket(settings.Bucket).Scope("monitor").Collection("windows")
	return &bareCluster{cluster, documents}, nil
}

func (b *bareCluster) close() error { return b.cluster.Close(nil) }

// all does operations many to a call.
func (b *bareCluster) all(operations []gocb.BulkOp, fault func(gocb.BulkOp) error) error {
	for len(operations) > 0 {
		n := min(len(operations), perCall)
		if err := b.documents.Do(operations[:n], &gocb.BulkOpOptions{Timeout: bareWait}); err != nil {
			return err
		}
		for _, one := range operations[:n] {
			if err := fault(one); err != nil {
				return err
			}
		}
		operations = operations[n:]
	}
	return nil
}

func (b *bareCluster) putAll(keys []string, bodies [][]byte) error {
	operations := make([]gocb.BulkOp, len(keys))
	for i := range keys {
		operations[i] = &gocb.UpsertOp{ID: keys[i], Value: bodies[i], Expiry: bareEnds}
	}
	return b.all(operations, func(one gocb.BulkOp) error { return one.(*gocb.UpsertOp).Err })
}

// putEach writes one document to a call.
func (b *bareCluster) putEach(ctx context.Context, keys []string, bodies [][]byte) error {
	group, ctx := errgroup.WithContext(ctx)
	for first := range goroutines {
		group.Go(func() error {
			for i := first; i < len(keys); i += goroutines {
				if _, err := b.documents.Upsert(keys[i], bodies[i], &gocb.UpsertOptions{Context: ctx, Expiry: bareEnds, Timeout: bareWait}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// barekeeper keeps one document a result: each order the same ones again.
type barekeeper struct {
	*bareCluster
	bulk   bool
	keys   []string
	bodies [][]byte
}

func newBarekeeper(settings couchbase.Settings, bulk bool, documents int) (*barekeeper, error) {
	b, err := newBareCluster(settings)
	if err != nil {
		return nil, err
	}
	chance := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // chance, not secrets
	due := monitor.At(time.Now()).Floor(time.Minute)
	var rows []monitor.Result
	for i := range documents {
		rows = append(rows, pass("bench/"+name(i%10_000), due.Add(time.Duration(i/10_000)*time.Second), chance))
	}
	keys, bodies, err := documentsOf(rows)
	return &barekeeper{b, bulk, keys, bodies}, err
}

// documentsOf returns a document for each result.
func documentsOf(rows []monitor.Result) (keys []string, bodies [][]byte, err error) {
	for i := range rows {
		body, err := json.Marshal(&rows[i])
		if err != nil {
			return nil, nil, err
		}
		keys = append(keys, rows[i].Endpoint+"@"+location+":"+strconv.FormatInt(int64(rows[i].Due), 10))
		bodies = append(bodies, body)
	}
	return keys, bodies, nil
}

func (b *barekeeper) do(ctx context.Context, _ int) error {
	if b.bulk {
		return b.putAll(b.keys, b.bodies)
	}
	return b.putEach(ctx, b.keys, b.bodies)
}

// bareChart reads a day's results, one document each, and decodes none: an order
// is so many charts.
type bareChart struct {
	*bareCluster
	keys []string
}

// newBareChart keeps a day's results that are so many seconds apart.
func newBareChart(settings couchbase.Settings, seconds int) (*bareChart, error) {
	b, err := newBareCluster(settings)
	if err != nil {
		return nil, err
	}
	keys, bodies, err := documentsOf(dayOf(monitor.At(time.Now()).Floor(time.Minute).Add(-aDay), seconds))
	if err == nil {
		err = b.putAll(keys, bodies)
	}
	return &bareChart{b, keys}, err
}

func (b *bareChart) do(_ context.Context, times int) error {
	for range times {
		operations := make([]gocb.BulkOp, len(b.keys))
		for i, key := range b.keys {
			operations[i] = &gocb.GetOp{ID: key}
		}
		err := b.all(operations, func(one gocb.BulkOp) error { return one.(*gocb.GetOp).Err })
		if err != nil {
			return err
		}
	}
	return nil
}
