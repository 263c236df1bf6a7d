package kafka

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/api-endpoint-monitor/monitor/shared/events"
)

// Host joins what a process needs to have functions on Kafka: a Consumer for
// them, a Sender for what they emit, and the ticks that wake them. Use New.
//
// It ends in three steps, as work beside the handlers emits too: Run returns,
// then that work ends, then comes Close.
type Host struct {
	sender   *Sender
	consumer *Consumer
	hosts    bool // some function is subscribed
	emits    bool // one of them emits events
}

// New returns a host for functions of the topology, with a Sender of its own.
// One without any function emits, and does nothing else. Invalid: the settings
// cannot be, or the topology names no topic.
func New(options Options) (*Host, error) {
	options = options.withDefaults()
	sender, err := NewSender(options.Settings, options.Name, options.Topology.Topic)
	if err != nil {
		return nil, err
	}
	options.Sender = sender
	consumer, err := NewConsumer(options)
	if err != nil {
		return nil, err
	}
	options.Registry.MustRegister(sender)
	return &Host{sender: sender, consumer: consumer}, nil
}

// Subscribe makes the handler the function that Triggers name. It must be called
// before Run. The host of the function that rejects rows copies events to
// KafkaSinks as well. Invalid: no Trigger names the function, or it has a handler
// already.
func (h *Host) Subscribe(function string, handler events.Handler) error {
	if err := h.consumer.Subscribe(function, handler); err != nil {
		return err
	}
	out := events.Flows()[function].Out
	h.hosts, h.emits = true, h.emits || len(out) > 0
	if slices.Contains(out, events.TypeRowRejected) {
		return h.consumer.SubscribeSinks()
	}
	return nil
}

// Emit is an events.Emit, for handlers and for work beside them; see Sender.
func (h *Host) Emit(ctx context.Context, out ...events.Event) error {
	return h.sender.Emit(ctx, out...)
}

// Tail is an events.Tail of the topic; see NewTail.
func (h *Host) Tail(ctx context.Context, position string, receive func(events.Tailed)) error {
	o := h.consumer.options
	return NewTail(o.Settings, o.Topology.Topic, o.Log)(ctx, position, receive)
}

// Ready returns an Unavailable error that says why while the host cannot do its
// work; see Consumer.Ready. A host whose functions emit nothing need not be
// allowed to.
func (h *Host) Ready(ctx context.Context) error {
	if err := h.consumer.Ready(ctx); err != nil || h.hosts && !h.emits {
		return err
	}
	return h.sender.Ready(ctx)
}

// Run consumes and ticks until ctx ends, and then finishes what is in hand.
// Emit goes on until Close. Run returns Unavailable where something could not be
// finished in time.
func (h *Host) Run(ctx context.Context) error {
	var running sync.WaitGroup
	var consumed, ticked error
	running.Go(func() { consumed = h.consumer.Run(ctx) })
	running.Go(func() { ticked = h.consumer.tick(ctx) })
	running.Wait()
	return errors.Join(consumed, ticked)
}

// Close sends what is on its way; everything later fails. Unavailable: ctx ended
// first, and what was still on its way has failed.
func (h *Host) Close(ctx context.Context) error { return h.sender.Close(ctx) }
