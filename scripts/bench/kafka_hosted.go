package main

import (
	"context"
	"fmt"
	"strconv"

	"golang.org/x/sync/errgroup"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
)

// hosted is our own way: what functions emit and take, as the host carries it.
type hosted struct {
	whole  bool // rows are written and read
	sender *kafka.Sender
	stop   context.CancelFunc
	ended  chan error
	known  map[int][]load // by results an event
	number int
}

// load is the results of one event, as rows or as bytes.
type load struct {
	rows *events.ProbeResults
	data []byte
}

func newHosted(ctx context.Context, topic, address string, read *tally) (way, error) {
	wired, settings := wiring(topic), settingsOf(address)
	sender, err := kafka.NewSender(settings, "bench", topic)
	if err != nil {
		return nil, err
	}
	consumer, err := kafka.NewConsumer(kafka.Options{Settings: settings, Topology: wired, Sender: sender})
	if err != nil {
		return nil, err
	}
	h := &hosted{whole: topic == wayWhole, sender: sender, ended: make(chan error, 1), known: map[int][]load{}}
	for i, name := range groups() {
		if err := consumer.Subscribe(name, h.handler(func() { read.counts[i].Add(1) })); err != nil {
			return nil, err
		}
	}
	ctx, h.stop = context.WithCancel(ctx)
	go func() { h.ended <- consumer.Run(ctx) }()
	return h, nil
}

func (h *hosted) handler(count func()) events.Handler {
	if h.whole {
		return events.On(func(_ context.Context, results *events.ProbeResults, _ events.Emit) error {
			if len(results.Rows) == 0 || len(results.Rejected) > 0 {
				return fmt.Errorf("got %d rows, %d rejected", len(results.Rows), len(results.Rejected))
			}
			count()
			return nil
		})
	}
	return func(context.Context, events.Event, events.Emit) error {
		count()
		return nil
	}
}

func (h *hosted) send(ctx context.Context, o order) error {
	all := h.loads(o.results)
	from := h.number
	h.number += o.events
	var sending errgroup.Group
	for i := range inFlight {
		sending.Go(func() error {
			for n := i; n < o.events; n += inFlight {
				if err := h.sender.Emit(ctx, h.event(from+n, all[n%len(all)])); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return sending.Wait()
}

func (h *hosted) event(n int, l load) events.Event {
	head := events.Head{ID: strconv.Itoa(n), Source: "probe", Key: keyOf(n)}
	if h.whole {
		return events.New(events.TypeProbeResults, head, l.rows)
	}
	out := events.New[events.ProbeResults](events.TypeProbeResults, head, nil)
	out.DataEncoded = l.data
	return out
}

func (h *hosted) loads(results int) []load {
	if h.known[results] == nil {
		for n := range loads {
			l := load{rows: resultsOf(n, results)}
			if !h.whole {
				l = load{data: events.AppendResults(nil, l.rows)}
			}
			h.known[results] = append(h.known[results], l)
		}
	}
	return h.known[results]
}

func (h *hosted) close() error {
	h.stop()
	if err := <-h.ended; err != nil {
		return err
	}
	return h.sender.Close(context.Background())
}
