// Command broker runs the bus for functions that are processes of their own:
// events come in by POST and go out by POST, as with a Knative broker. It wires
// what the manifests say, ticks, and streams the tail. It keeps nothing on disk
// but dead letters, and listens on loopback addresses only.
package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/bus"
	"github.com/api-endpoint-monitor/monitor/shared/host"
	"github.com/api-endpoint-monitor/monitor/shared/serve"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

type settings struct {
	Addr        string        `envconfig:"MONITOR_ADDR" default:"127.0.0.1:8090" desc:"address to listen on, host:port"`
	Functions   functions     `envconfig:"MONITOR_FUNCTIONS" required:"true" desc:"where the functions are: schedule=http://127.0.0.1:8081,probe=…"`
	Slot        time.Duration `envconfig:"MONITOR_SLOT" default:"10s" desc:"slot: equal to the cadence of the tick"`
	Knative     string        `envconfig:"MONITOR_KNATIVE" desc:"folder of manifests to wire instead of the built-in ones"`
	DeadLetters string        `envconfig:"MONITOR_DEAD_LETTERS" default:"dead-letters.jsonl" desc:"file for events that nobody could handle"`
	Log         string        `envconfig:"MONITOR_LOG" default:"text" desc:"format of the log: text or json"`
	LogLevel    string        `envconfig:"MONITOR_LOG_LEVEL" default:"info" desc:"least level that is logged"`
}

// maxDeadLetters is the size in bytes at which the file of dead letters is begun anew.
const maxDeadLetters = 64 << 20

func main() { host.Main(run) }

func run(ctx context.Context) error {
	var s settings
	if err := host.Load(&s); err != nil {
		return err
	}
	log, err := telemetry.NewLogger(os.Stderr, s.Log, s.LogLevel)
	if err != nil {
		return err
	}
	registry := telemetry.NewRegistry()
	manifests := s.manifests()
	wiring, err := topology.Load(manifests, s.Slot)
	if err != nil {
		return err
	}
	broker := bus.New(bus.Options{
		Topology: wiring, Return: []string{"store"}, DeadLetter: bus.DeadLetterFile(s.DeadLetters, maxDeadLetters), Log: log, Registry: registry,
	})
	for name, address := range s.Functions {
		if err := broker.SubscribeURL(name, address); err != nil {
			return err
		}
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", telemetry.Metrics(registry))
	mux.Handle("/", broker.Ingress())
	return serveBus(ctx, s.Addr, serve.Local(mux), broker, log)
}

// serveBus keeps the ingress open until the bus has finished: functions in hand
// still emit.
func serveBus(ctx context.Context, address string, handler http.Handler, broker *bus.Bus, log *slog.Logger) error {
	listener, err := serve.Listen(ctx, address, false)
	if err != nil {
		return err
	}
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	served := make(chan error, 1)
	running, fail := context.WithCancel(ctx)
	defer fail()
	go func() {
		defer fail()
		server := serve.Server{Handler: handler, Health: serve.NewHealth(), Log: log, Grace: time.Millisecond}
		served <- server.Run(serving, listener)
	}()
	log.Info("listening", telemetry.KeyAddress, listener.Addr().String())
	err = broker.Run(running)
	stop()
	return errors.Join(err, <-served)
}
