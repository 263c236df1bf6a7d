package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sync/errgroup"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/serve"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

// Function runs a function that handles events, and ends the process.
func Function(name string, build func(Env) (events.Handler, error)) {
	Main(alone(func(ctx context.Context) error { return RunFunction(ctx, os.Stderr, name, build) }))
}

// Web runs a function that answers HTTP, and ends the process.
func Web(name string, build func(Env) (http.Handler, error)) {
	Main(alone(func(ctx context.Context) error { return RunWeb(ctx, os.Stderr, name, build) }))
}

// alone refuses arguments: who asks for help must not have started a process.
func alone(run func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		if len(os.Args) > 1 {
			return monitor.Errorf(monitor.Invalid, "a function takes no arguments, got %q: its settings are environment variables, see README.md", os.Args[1])
		}
		return run(ctx)
	}
}

// Main runs a program until SIGTERM or Ctrl-C ends its context, prints its
// error and ends the process: 0 after a clean end, 2 where the error is Invalid
// (settings), 1 else.
func Main(run func(context.Context) error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(ExitCode(err))
}

// ExitCode returns the exit code of a program that ended with the error: 2 says
// that it ends so again until people have changed something.
func ExitCode(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, monitor.Invalid), errors.Is(err, monitor.Forbidden):
		return 2
	default:
		return 1
	}
}

// RunFunction runs a function that handles events until ctx ends. It logs to
// out.
func RunFunction(ctx context.Context, out io.Writer, name string, build func(Env) (events.Handler, error)) error {
	return run(ctx, out, name, false, func(env Env) (http.Handler, error) {
		env.readyFor(name)
		handler, err := build(env)
		if err != nil {
			return nil, err
		}
		if env.kafka != nil {
			return http.NotFoundHandler(), env.kafka.Subscribe(name, handler)
		}
		return serve.Handler(handler, serve.Options{
			Emit: env.Emit, Log: env.Log, Registry: env.Registry,
			Timeout: monitor.Plan{Slot: env.Settings.Slot}.HandlerTimeout(monitor.MaxTimeout),
		}), nil
	})
}

// RunWeb runs a function that answers HTTP until ctx ends. It logs to out.
func RunWeb(ctx context.Context, out io.Writer, name string, build func(Env) (http.Handler, error)) error {
	return run(ctx, out, name, true, build)
}

func run(ctx context.Context, out io.Writer, name string, api bool, build func(Env) (http.Handler, error)) error {
	env, err := newEnv(ctx, out, name)
	if err != nil {
		return err
	}
	handler, err := build(env)
	if err == nil {
		err = env.serve(handler, api)
	}
	return errors.Join(err, env.disconnect(), env.work.close())
}

func newEnv(ctx context.Context, out io.Writer, name string) (Env, error) {
	var s Settings
	var forKafka kafkaSettings
	err := Load(&s)
	if s.Events == "kafka" {
		err = errors.Join(err, Load(&forKafka))
	}
	if err != nil {
		return Env{}, err
	}
	log, err := telemetry.NewLogger(out, s.Log, s.LogLevel)
	if err != nil {
		return Env{}, err
	}
	env := Env{
		Settings: s, Log: log.With(telemetry.KeyFunction, name), Registry: telemetry.NewRegistry(),
		Clock: Clock(), ctx: ctx, work: &work{},
	}
	if s.Events == "kafka" {
		return env.onKafka(name, forKafka)
	}
	env.Emit, err = sink(s.Sink)
	return env, err
}

// sink returns an Emit that posts to the broker.
func sink(address string) (events.Emit, error) {
	if address == "" {
		return func(context.Context, ...events.Event) error { return errNoSink() }, nil
	}
	return serve.Sink(address)
}

func errNoSink() error {
	return monitor.Errorf(monitor.Unavailable, "there is no broker to send events to: set K_SINK, or MONITOR_EVENTS=kafka")
}

// readyFor adds what the host of a function needs.
func (e Env) readyFor(function string) {
	switch {
	case e.kafka != nil:
		e.Ready(e.kafka.Ready)
	case e.Settings.Sink == "" && len(events.Flows()[function].Out) > 0:
		e.Log.Warn("not ready", telemetry.KeyReason, errNoSink().Error())
		e.Ready(func(context.Context) error { return errNoSink() })
	}
}

func (e Env) serve(handler http.Handler, api bool) error {
	address, open := e.Settings.listenAddress(api)
	listener, err := serve.Listen(e.ctx, address, open)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	if !api { // the API's own handler has them behind its login
		mux.Handle("GET /metrics", telemetry.Metrics(e.Registry))
	}
	mux.Handle("/", handler)
	var root http.Handler = mux
	if !api && !open {
		root = serve.Local(root)
	}
	server := serve.Server{Handler: root, Health: serve.NewHealth(e.work.checks...), Log: e.Log}
	if api {
		server.Write = serve.AnswerWithin
	}
	ctx, stop := context.WithCancel(e.ctx)
	defer stop()
	end := e.work.start(ctx, stop)
	e.Log.Info("listening", telemetry.KeyAddress, listener.Addr().String())
	front, ctx := errgroup.WithContext(ctx)
	front.Go(func() error { return server.Run(ctx, listener) })
	if e.kafka != nil {
		front.Go(func() error { return e.kafka.Run(ctx) })
	}
	return errors.Join(front.Wait(), end())
}
