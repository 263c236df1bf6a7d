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

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/serve"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

// Function runs a function that handles events, and ends the process.
func Function(name string, build func(Env) (events.Handler, error)) {
	Main(func(ctx context.Context) error { return RunFunction(ctx, os.Stderr, name, build) })
}

// Web runs a function that answers HTTP, and ends the process.
func Web(name string, build func(Env) (http.Handler, error)) {
	Main(func(ctx context.Context) error { return RunWeb(ctx, os.Stderr, name, build) })
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

// ExitCode returns the exit code of a program that ended with the error.
func ExitCode(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, monitor.Invalid):
		return 2
	default:
		return 1
	}
}

// RunFunction runs a function that handles events until ctx ends. It logs to
// out.
func RunFunction(ctx context.Context, out io.Writer, name string, build func(Env) (events.Handler, error)) error {
	return run(ctx, out, name, false, func(env Env) (http.Handler, error) {
		if len(events.Flows()[name].Out) > 0 {
			env.Ready(env.hasSink)
		}
		handler, err := build(env)
		if err != nil {
			return nil, err
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
	var s Settings
	if err := Load(&s); err != nil {
		return err
	}
	env, err := newEnv(ctx, out, name, s)
	if err != nil {
		return err
	}
	handler, err := build(env)
	if err != nil {
		return errors.Join(err, env.work.close())
	}
	return errors.Join(env.serve(handler, api), env.work.close())
}

func newEnv(ctx context.Context, out io.Writer, name string, s Settings) (Env, error) {
	log, err := telemetry.NewLogger(out, s.Log, s.LogLevel)
	if err != nil {
		return Env{}, err
	}
	emit, err := emitter(s)
	if err != nil {
		return Env{}, err
	}
	return Env{
		Settings: s, Log: log.With(telemetry.KeyFunction, name), Registry: telemetry.NewRegistry(),
		Emit: emit, Clock: Clock(), ctx: ctx, work: &work{},
	}, nil
}

func emitter(s Settings) (events.Emit, error) {
	switch s.Events {
	case "http":
	case "bus":
		return nil, monitor.FieldErrorf("MONITOR_EVENTS", "must be http here: bus joins all functions in one process, which standalone does")
	case "kafka":
		return nil, monitor.FieldErrorf("MONITOR_EVENTS", "must be http: kafka is not available in this version")
	default:
		return nil, monitor.FieldErrorf("MONITOR_EVENTS", "must be http, got %q", s.Events)
	}
	if s.Sink == "" {
		return func(context.Context, ...events.Event) error { return errNoSink() }, nil
	}
	return serve.Sink(s.Sink)
}

func errNoSink() error {
	return monitor.Errorf(monitor.Unavailable, "there is no broker to send events to: set K_SINK")
}

// hasSink is the readiness of a function that emits events.
func (e Env) hasSink(context.Context) error {
	if e.Settings.Sink == "" {
		return errNoSink()
	}
	return nil
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
	ctx, stop := context.WithCancel(e.ctx)
	defer stop()
	end := e.work.start(ctx, stop)
	e.Log.Info("listening", telemetry.KeyAddress, listener.Addr().String())
	server := serve.Server{Handler: root, Health: serve.NewHealth(e.work.checks...), Log: e.Log}
	if api {
		server.Write = serve.AnswerWithin
	}
	return errors.Join(server.Run(ctx, listener), end())
}
