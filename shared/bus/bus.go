package bus

import (
	"context"
	"crypto/rand"
	"hash/maphash"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

// Options say what a Bus is made of. Only Topology and DeadLetter must be set.
type Options struct {
	Topology   topology.Topology
	DeadLetter func(ctx context.Context, e events.Event) error // keeps an event for people to look at

	// Return are the functions whose events are no dead letters while the
	// function is unavailable; see the package's promises. Their Triggers must be
	// ordered, and their emitters must keep what Emit did not take.
	Return []string

	Queue int           // events queued per Trigger at most; 0: 1024
	Drain time.Duration // the longest time to finish what is in hand at the end; 0: 15 s
	Tail  TailSize      // what Tail can go back to

	Clock    func() time.Time      // nil: time.Now
	Log      *slog.Logger          // nil: no log
	Registry prometheus.Registerer // nil: no metrics
	Client   *http.Client          // for functions over HTTP; nil: one without a timeout of its own
}

// TailSize bounds how far back Tail can go.
type TailSize struct {
	Events int // 0: 4096
	Bytes  int // 0: 16 MiB, as the events lie in memory

	// Unread says that what all who follow have read is not kept: who comes back
	// cannot go on where it was.
	Unread bool
}

// Bus is the broker. Use New.
type Bus struct {
	options Options
	queues  []*queue // upstream first
	keys    [64]sync.Mutex
	seed    maphash.Seed // spreads partition keys over them
	ring    *ring
	work    tally
	missed  prometheus.Counter // ticks that could not be emitted
}

// New returns a bus for the topology. Every function that its Triggers name
// must be subscribed before Run.
func New(options Options) *Bus {
	options = options.withDefaults()
	m := newMetrics(options.Registry)
	b := &Bus{
		options: options,
		ring:    newRing(rand.Text(), options.Tail),
		seed:    maphash.MakeSeed(),
		work:    newTally(),
		missed:  m.missed,
	}
	for _, trigger := range options.Topology.Triggers {
		q := newQueue(b, trigger, m.of(trigger.Name))
		if trigger.Subscriber.Kind == topology.KafkaSink {
			q.subscriber = b.toSink(trigger.Subscriber.Name)
		}
		m.watch(q)
		b.queues = append(b.queues, q)
	}
	return b
}

func (o Options) withDefaults() Options {
	if o.Queue == 0 {
		o.Queue = 1024
	}
	if o.Drain == 0 {
		o.Drain = 15 * time.Second
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Registry == nil {
		o.Registry = prometheus.NewRegistry()
	}
	if o.Client == nil {
		o.Client = newClient()
	}
	return o
}

// Subscribe makes the handler the function that Triggers name. It is called
// in this process. Invalid: no Trigger names the function, or it has a
// subscriber already.
func (b *Bus) Subscribe(function string, handler events.Handler) error {
	return b.subscribe(function, b.direct(function, handler))
}

// SubscribeURL makes the address the function that Triggers name: events are
// sent there by POST, as CloudEvents in binary mode. Invalid: the address is no
// URL, no Trigger names the function, or it has a subscriber already.
func (b *Bus) SubscribeURL(function, address string) error {
	if err := checkURL(address); err != nil {
		return err
	}
	return b.subscribe(function, b.remote(address))
}

func (b *Bus) subscribe(function string, to subscriber) error {
	found := false
	for _, q := range b.queues {
		if q.trigger.Subscriber != (topology.Ref{Kind: topology.Service, Name: function}) {
			continue
		}
		if !q.subscribe(to) {
			return monitor.Errorf(monitor.Invalid, "function %q has a subscriber already", function)
		}
		found = true
	}
	if !found {
		return monitor.Errorf(monitor.Invalid, "no Trigger names the function %q", function)
	}
	return nil
}

// Run ticks until ctx ends and then finishes what is in hand. Each PingSource
// ticks once at the start, whatever its schedule says. Run returns Invalid
// where a function has no subscriber, and Unavailable where something could not
// be finished in time.
func (b *Bus) Run(ctx context.Context) error {
	for _, q := range b.queues {
		if q.subscribed() == nil {
			return monitor.Errorf(monitor.Invalid, "Trigger %s: the function %q has no subscriber",
				q.trigger.Name, q.trigger.Subscriber.Name)
		}
	}
	var ticking sync.WaitGroup
	for _, tick := range b.options.Topology.Ticks {
		ticking.Go(func() { b.tick(ctx, tick) })
	}
	<-ctx.Done()
	ticking.Wait()
	return b.drain()
}

// drain stops taking events from outside, asks unordered work to stop, and
// waits for the rest.
func (b *Bus) drain() error {
	idle := b.work.close()
	for _, q := range b.queues {
		if !q.trigger.Ordered && q.trigger.Subscriber.Kind == topology.Service {
			q.stop()
		}
	}
	bound := time.NewTimer(b.options.Drain)
	defer bound.Stop()
	select {
	case <-idle:
		b.stopAll()
		return nil
	case <-bound.C:
	}
	b.stopAll()
	bound.Reset(stopGrace)
	select {
	case <-idle:
	case <-bound.C:
	}
	return monitor.Errorf(monitor.Unavailable, "events in hand were not finished within %s", b.options.Drain)
}

// stopGrace is what handlers get to notice that their context has ended.
const stopGrace = time.Second

func (b *Bus) stopAll() {
	for _, q := range b.queues {
		q.stop()
	}
}
