package host

import (
	"context"
	"time"

	"github.com/api-endpoint-monitor/monitor/knative"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

// kafkaSettings are what a process reads beside where it uses Kafka.
type kafkaSettings struct{ kafka.Settings }

// sendLast is how long the last events may take on their way to Kafka once all
// who emit have ended.
const sendLast = 5 * time.Second

// onKafka returns the environment with a host on Kafka for the function of that
// name.
func (e Env) onKafka(name string, settings kafkaSettings) (Env, error) {
	wiring, err := topology.Load(knative.Files, e.Settings.Slot)
	if err != nil {
		return Env{}, err
	}
	host, err := kafka.New(kafka.Options{
		Settings: settings.Settings, Topology: wiring, Name: "monitor-" + name, Hold: []string{name},
		Clock: e.Clock, Log: e.Log, Registry: e.Registry,
	})
	if err != nil {
		return Env{}, err
	}
	e.kafka, e.Emit = host, host.Emit
	return e, nil
}

// disconnect sends what is on its way to Kafka.
func (e Env) disconnect() error {
	if e.kafka == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(e.ctx), sendLast)
	defer cancel()
	return e.kafka.Close(ctx)
}

// Holds tells whether what a function is unavailable for comes again until it
// can be handled, in whichever process has the shard then: a function need keep
// nothing in memory for later.
func (e Env) Holds() bool { return e.kafka != nil }
