package kafka

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

// Options say what a Host or a Consumer is made of. Settings and Topology must be
// set, and for a Consumer the Sender.
type Options struct {
	Settings Settings
	Topology topology.Topology // with the topics of its Broker and its KafkaSinks
	Name     string            // by which brokers know the sender; "": monitor
	Sender   *Sender           // for what functions emit, and for dead letters; a Host makes its own

	// Hold are the functions whose ordered events wait for as long as the function
	// is unavailable; see the promises of the package.
	Hold []string

	Drain    time.Duration         // the longest time to finish what is in hand when partitions go; 0: 15 s
	Clock    func() time.Time      // nil: time.Now
	Log      *slog.Logger          // nil: no log
	Registry prometheus.Registerer // nil: no metrics
}

// Consumer hands the events of Kafka to functions. Use NewConsumer.
type Consumer struct {
	options  Options
	triggers []*trigger
	working  atomic.Int64 // handlers at work
	surveyor *surveyor
}

// NewConsumer returns a consumer for the Triggers of the topology. It does
// nothing for those that are not subscribed. Invalid: the settings cannot be, or
// the topology names no topic.
func NewConsumer(options Options) (*Consumer, error) {
	if err := options.Settings.Check(); err != nil {
		return nil, err
	}
	if _, err := options.Settings.consuming("monitor"); err != nil {
		return nil, err
	}
	if options.Topology.Topic == "" {
		return nil, monitor.Errorf(monitor.Invalid, "the Broker %s names no topic that it uses", options.Topology.Broker)
	}
	options = options.withDefaults()
	c := &Consumer{options: options}
	m := newMetrics(options.Registry)
	for i, wanted := range options.Topology.Triggers {
		letters, ok := options.Topology.Sinks[wanted.Delivery.DeadLetter.Name]
		if !ok {
			return nil, monitor.Errorf(monitor.Invalid, "Trigger %s: the KafkaSink %s names no topic", wanted.Name, wanted.Delivery.DeadLetter.Name)
		}
		t := &trigger{
			Trigger: wanted, consumer: c, keeper: i == 0, letters: letters,
			holds:   options.holds(wanted),
			subject: subject{options.Settings, options.Topology.Topic, groupOf(options.Topology, wanted)},
			metrics: m.of(wanted.Name),
		}
		if !wanted.Ordered {
			t.room = make(chan struct{}, unorderedInHand)
		}
		c.triggers = append(c.triggers, t)
	}
	c.surveyor = newSurveyor(subject{settings: options.Settings, topic: options.Topology.Topic}, c.triggers)
	options.Registry.MustRegister(newCollector(c.surveyor))
	return c, nil
}

func (o Options) withDefaults() Options {
	if o.Name == "" {
		o.Name = "monitor"
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
	return o
}

// holds tells whether the events of a Trigger wait for its function.
func (o Options) holds(t topology.Trigger) bool {
	return t.Ordered && t.Subscriber.Kind == topology.Service && slices.Contains(o.Hold, t.Subscriber.Name)
}

// Subscribe makes the handler the function that Triggers name. Invalid: no
// Trigger names it, or it has a handler already.
func (c *Consumer) Subscribe(function string, handler events.Handler) error {
	return c.subscribe(topology.Ref{Kind: topology.Service, Name: function}, handler)
}

// SubscribeSinks makes this consumer the one that copies events to KafkaSinks
// which Triggers name as their subscriber.
func (c *Consumer) SubscribeSinks() error {
	var sinks []topology.Ref
	for _, t := range c.triggers {
		if t.Subscriber.Kind == topology.KafkaSink && !slices.Contains(sinks, t.Subscriber) {
			sinks = append(sinks, t.Subscriber)
		}
	}
	for _, sink := range sinks {
		if err := c.subscribe(sink, c.toSink(c.options.Topology.Sinks[sink.Name])); err != nil {
			return err
		}
	}
	return nil
}

func (c *Consumer) toSink(topic string) events.Handler {
	return func(ctx context.Context, in events.Event, _ events.Emit) error {
		record, err := recordOf(ctx, topic, in)
		if err != nil {
			return err
		}
		return c.options.Sender.keep(ctx, record)
	}
}

func (c *Consumer) subscribe(to topology.Ref, handler events.Handler) error {
	found := false
	for _, t := range c.triggers {
		if t.Subscriber != to {
			continue
		}
		if t.handler != nil {
			return monitor.Errorf(monitor.Invalid, "%s %q has a handler already", to.Kind, to.Name)
		}
		t.handler, found = handler, true
	}
	if !found {
		return monitor.Errorf(monitor.Invalid, "no Trigger names the %s %q", to.Kind, to.Name)
	}
	return nil
}

// Run consumes until ctx ends and then finishes what is in hand. It returns
// Unavailable where something could not be finished in time.
func (c *Consumer) Run(ctx context.Context) error {
	var following sync.WaitGroup
	for _, t := range c.triggers {
		if t.handler != nil {
			following.Go(func() { t.follow(ctx) })
		}
	}
	if slices.ContainsFunc(c.triggers, func(t *trigger) bool { return t.handler != nil }) {
		following.Go(func() { c.surveyor.run(ctx) })
	}
	following.Wait()
	if left := c.working.Load(); left > 0 {
		return monitor.Errorf(monitor.Unavailable, "%d events in hand were not finished within %s; they will come again", left, c.options.Drain)
	}
	return nil
}
