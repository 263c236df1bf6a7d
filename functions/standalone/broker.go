package standalone

import (
	"context"
	"path/filepath"
	"time"

	"github.com/api-endpoint-monitor/monitor/knative"
	"github.com/api-endpoint-monitor/monitor/shared/bus"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

// broker carries the events of the functions: in memory, or on Kafka, where
// other processes have their share of them.
type broker interface {
	// Subscribe makes the handler the function that Triggers name.
	Subscribe(function string, handler events.Handler) error
	// Emit is an events.Emit.
	Emit(ctx context.Context, out ...events.Event) error
	// Tail is an events.Tail.
	Tail(ctx context.Context, position string, receive func(events.Tailed)) error
	// Run delivers until ctx ends, and then finishes what is in hand.
	Run(ctx context.Context) error
	// Close ends Emit, once all who emit have ended.
	Close(ctx context.Context) error
}

const (
	// maxDeadLetters is the size in bytes at which the file of dead letters is begun anew.
	maxDeadLetters = 64 << 20
	// tailBytes is how much of the tail is kept for query at most, which reads it in the
	// same process and is hardly ever behind.
	tailBytes = 4 << 20
	// sendLast is how long the last events may take on their way to Kafka.
	sendLast = 5 * time.Second
)

// connect chooses the broker by the settings, and reaches for nothing yet.
// Invalid: the manifests do not fit the settings, or these cannot be.
func (a *App) connect() error {
	wiring, err := topology.Load(knative.Files, a.Settings.Slot)
	if err != nil {
		return err
	}
	if !a.Settings.shared() {
		a.broker = inMemory{bus.New(bus.Options{
			Topology: wiring, Return: []string{"store"}, Clock: a.Clock, Log: a.Log, Registry: a.Registry,
			DeadLetter: bus.DeadLetterFile(filepath.Join(a.Settings.Store.Data, "dead-letters.jsonl"), maxDeadLetters),
			Tail:       bus.TailSize{Bytes: tailBytes, Unread: true},
		})}
		return nil
	}
	host, err := kafka.New(kafka.Options{
		Settings: a.Settings.Kafka, Topology: wiring, Hold: held(), Clock: a.Clock, Log: a.Log, Registry: a.Registry,
	})
	if err != nil {
		return err
	}
	a.broker = onKafka{host}
	a.ready = append(a.ready, host.Ready)
	return nil
}

// held are the functions that keep something: a store that is away makes their
// events wait, and no dead letters.
func held() []string { return []string{"store", "alert", "notify"} }

// inMemory is the broker of a process that does everything.
type inMemory struct{ *bus.Bus }

// Close has nothing to do: Run ends Emit.
func (inMemory) Close(context.Context) error { return nil }

// onKafka is the broker of one process of several.
type onKafka struct{ *kafka.Host }

// Close sends what is on its way.
func (k onKafka) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendLast)
	defer cancel()
	return k.Host.Close(ctx)
}
