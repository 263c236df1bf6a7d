package link

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/couchbase/gocb/v2"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// readyBound is how long Ready takes at most.
const readyBound = 5 * time.Second

// Ready returns nil if every node answers for each of the buckets, and none has
// refused what this link last asked it to keep within half a minute; else why not.
// Without buckets it asks whether the cluster answers and takes the user. It takes
// 5 s at most.
func (l *Link) Ready(ctx context.Context, buckets ...string) error {
	if ctx.Err() != nil {
		return ended(ctx)
	}
	if err := l.limit.probes.Acquire(ctx, 1); err != nil {
		return ended(ctx)
	}
	defer l.limit.probes.Release(1)
	if l.closed.Load() {
		return place{link: l}.explain(gocb.ErrShutdown)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(l.life, cancel)()
	if len(buckets) == 0 {
		return l.answers(ctx)
	}
	for _, name := range buckets {
		if err := l.bucket(name).refused(); err != nil {
			return err
		}
	}
	return each(len(buckets), func(i int) error { return l.bucket(buckets[i]).ready(ctx) })
}

func (b *bucket) ready(ctx context.Context) error {
	from := time.Now()
	where := place{link: b.link, bucket: b.name}
	if !b.warm.Load() {
		if err := b.firstReady(ctx); err != nil {
			return err
		}
	}
	report, err := b.client.Ping(&gocb.PingOptions{
		Context: ctx, ServiceTypes: []gocb.ServiceType{gocb.ServiceTypeKeyValue}, Timeout: readyBound - truthTakes - time.Since(from),
	})
	if ctx.Err() != nil {
		return where.unanswered(ctx)
	}
	if err == nil {
		for _, node := range report.Services[gocb.ServiceTypeKeyValue] {
			if node.State != gocb.PingStateOk {
				err = errors.Join(err, monitor.Errorf(monitor.Unavailable, "no answer from %s: check that the node runs and can be reached", node.Remote))
			}
		}
	}
	if err == nil {
		b.answered()
		return nil
	}
	if truth := b.ask(ctx); truth != nil {
		return where.explain(truth)
	}
	if _, ours := errors.AsType[*monitor.Error](err); ours {
		return err
	}
	return where.explain(err)
}

// firstReady waits until the bucket has connections, or for the error that keeps
// it from having them.
func (b *bucket) firstReady(ctx context.Context) error {
	where := place{link: b.link, bucket: b.name}
	until := time.Now().Add(readyBound - 4*truthTakes)
	for {
		connected, why := b.look(ctx)
		switch {
		case ctx.Err() != nil:
			return where.unanswered(ctx)
		case connected:
			return nil
		case isHopeless(why) || time.Now().After(until):
			return where.explain(cmp.Or[error](why, gocb.ErrUnambiguousTimeout))
		}
		pause(ctx, truthTakes/10)
	}
}

// answers asks the cluster itself, by its management service.
func (l *Link) answers(ctx context.Context) error {
	err := l.cluster.WaitUntilReady(readyBound-truthTakes, &gocb.WaitUntilReadyOptions{
		Context: ctx, ServiceTypes: []gocb.ServiceType{gocb.ServiceTypeManagement}, RetryStrategy: never{},
	})
	switch {
	case ctx.Err() != nil:
		return place{link: l}.unanswered(ctx)
	case err != nil:
		return place{link: l}.explain(err)
	default:
		return nil
	}
}

// refusal is why a write was refused for room, rights or replicas, and when.
type refusal struct {
	why error
	at  time.Time
}

// refusalHolds is how long a refusal makes a link unready: who is not ready gets
// nothing to keep, and would never learn that it is well again.
const refusalHolds = 30 * time.Second

// refused returns why the last write was refused, for a while.
func (b *bucket) refused() error {
	last := b.refusal.Load()
	if last == nil || b.link.options.Clock().Sub(last.at).Abs() > refusalHolds {
		return nil
	}
	return last.why
}

// noteWrite remembers that a write was refused, until one is taken.
func (b *bucket) noteWrite(err error) {
	if err == nil {
		if b.refusal.Load() != nil {
			b.refusal.Store(nil)
		}
		return
	}
	entry := classify(err)
	if truth, ok := classifyTimeout(err); ok {
		entry = truth
	}
	if entry.refuses {
		b.refusal.Store(&refusal{why: err, at: b.link.options.Clock()})
	}
}
