package main

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/api-endpoint-monitor/monitor/functions/store"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase"
)

// location is where the results come from.
const location = "local"

// keeping is the function store with a cluster behind it.
type keeping struct {
	records *couchbase.Store
	store   *store.Store
}

func newKeeping(ctx context.Context, settings couchbase.Settings) (*keeping, error) {
	registry := prometheus.NewRegistry()
	records, err := couchbase.Open(ctx, settings, couchbase.Options{Registry: registry})
	if err != nil {
		return nil, err
	}
	return &keeping{records, store.New(store.Parts{
		Records: records, Shards: shards, Clock: time.Now, Log: slog.New(slog.DiscardHandler), Registry: registry,
	})}, nil
}

func (k *keeping) close() error { return k.records.Close() }

// arrive hands results of one shard to the function.
func (k *keeping) arrive(ctx context.Context, shard int, rows []monitor.Result) error {
	head := events.Head{ID: "bench", Source: "probe", Key: monitor.ShardKey(shard)}
	in := events.New(events.TypeProbeResults, head, &events.ProbeResults{Shard: shard, Location: location, Rows: rows})
	return k.store.Handler()(ctx, in, func(context.Context, ...events.Event) error { return errors.New("a row was rejected") })
}

// decide lets alert be done with all that has arrived, so that it leaves the tail
// once it is folded.
func (k *keeping) decide(ctx context.Context, shard int) error {
	state, err := k.records.ShardState(ctx, shard)
	if err != nil {
		return err
	}
	state.Shard, state.Decided = shard, monitor.At(time.Now())
	_, err = k.records.SaveShardState(ctx, state)
	return err
}

// keeper keeps the results of endpoints: an order is a minute, from the first of a
// window on.
type keeper struct {
	*keeping
	checked
	endpoints [shards][]string
	began     monitor.Instant
}

// checked says whose results are kept, and how.
type checked struct {
	namespace string
	interval  time.Duration // between the checks of an endpoint
	every     int           // minutes between two folds
}

// seldom is how many minutes lie between two folds of a shard with few results.
const seldom = 5

// perEvent is how much time the results of an event are from: probe reports them
// so often.
const perEvent = 2 * time.Second

func newKeeper(ctx context.Context, settings couchbase.Settings, endpoints int, those checked) (*keeper, error) {
	k, err := newKeeping(ctx, settings)
	if err != nil {
		return nil, err
	}
	out := &keeper{keeping: k, checked: those, began: monitor.At(time.Now()).Floor(monitor.WindowSpan).Add(-monitor.WindowSpan)}
	for i := range endpoints {
		key := those.namespace + "/" + name(i)
		shard := monitor.ShardOf(key, shards)
		out.endpoints[shard] = append(out.endpoints[shard], key)
	}
	return out, nil
}

// do keeps the results of one minute, has all shards decided, and folds them if it is
// time to, as many at once as the function does.
func (k *keeper) do(ctx context.Context, minute int) error {
	from := k.began.Add(time.Duration(minute) * time.Minute)
	for at := from; at < from.Add(time.Minute); at = at.Add(perEvent) {
		if err := k.each(ctx, shards, func(ctx context.Context, shard int) error {
			if rows := k.results(shard, at); len(rows) > 0 {
				return k.arrive(ctx, shard, rows)
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return k.each(ctx, max(1, runtime.GOMAXPROCS(0)/2), func(ctx context.Context, shard int) error {
		if err := k.decide(ctx, shard); err != nil || (minute+1)%k.every != 0 {
			return err
		}
		return k.store.Fold(ctx, shard)
	})
}

// each does something with all shards that have endpoints.
func (k *keeper) each(ctx context.Context, atOnce int, do func(context.Context, int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for shard := range shards {
		if len(k.endpoints[shard]) > 0 {
			group.Go(func() error { return do(ctx, shard) })
		}
	}
	return group.Wait()
}

// results returns those of the shard's endpoints in the time of one event.
func (k *keeper) results(shard int, from monitor.Instant) []monitor.Result {
	chance := rand.New(rand.NewPCG(uint64(shard), uint64(from))) //nolint:gosec // chance, not secrets
	var out []monitor.Result
	for at := from; at < from.Add(perEvent); at = at.Add(time.Second) {
		for i, endpoint := range k.endpoints[shard] {
			if at.Sub(k.began)%k.interval == time.Duration(i)*time.Second%k.interval {
				out = append(out, pass(endpoint, at, chance))
			}
		}
	}
	return out
}

// pass returns the result of a check that found all well, as most do.
func pass(endpoint string, due monitor.Instant, chance *rand.Rand) monitor.Result {
	took := 800 + chance.Int64N(40_000)
	return monitor.Result{
		Endpoint: endpoint, Location: location, Due: due, Start: due + monitor.Instant(chance.Int64N(3)),
		Kind: monitor.Scheduled, Outcome: monitor.Passed, Micros: took, Status: 200, Bytes: 100 + chance.Int64N(900),
		Phases: monitor.Phases{FirstByte: took - 60, Transfer: 50 + chance.Int64N(10)},
	}
}
