package standalone

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/functions/notify"
	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/functions/probe/reference"
	"github.com/api-endpoint-monitor/monitor/shared/auth"
	"github.com/api-endpoint-monitor/monitor/shared/config"
	"github.com/api-endpoint-monitor/monitor/shared/host"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/secret"
	"github.com/api-endpoint-monitor/monitor/shared/serve"
	"github.com/api-endpoint-monitor/monitor/shared/slack"
	"github.com/api-endpoint-monitor/monitor/shared/storage/drivers"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
	"github.com/api-endpoint-monitor/monitor/shared/webhook"
)

const usage = `usage:
  monitor                 run the monitor
  monitor check           say what is wrong with the settings and with monitor.yaml
  monitor backup FILE     copy the database of a running or stopped monitor to FILE`

// Program is the command line of the standalone monitor. It prints to out what
// people want to know, and logs to log.
type Program struct {
	Out io.Writer
	Log io.Writer
}

// Run does what the arguments say, until ctx ends. Invalid: the arguments, the
// settings or the definitions have faults, and nothing was started.
func (p Program) Run(ctx context.Context, args []string) error {
	if len(args) == 1 && slices.Contains([]string{"help", "-h", "-help", "--help"}, args[0]) {
		_, err := fmt.Fprintln(p.Out, usage)
		return err
	}
	settings, err := Load()
	if err != nil {
		return err
	}
	switch {
	case len(args) == 0:
		return p.monitor(ctx, settings)
	case len(args) == 1 && args[0] == "check":
		return p.check(settings)
	case len(args) == 2 && args[0] == "backup":
		return p.backup(ctx, settings, args[1])
	default:
		return monitor.Errorf(monitor.Invalid, "%s", usage)
	}
}

func (p Program) check(s Settings) error {
	found, err := s.read()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.Out, "%s: %d endpoints, %d channels, no faults\n", s.File, len(withoutSelf(found.Endpoints)), len(found.Channels))
	return err
}

// read reads what people wrote beside the settings. The error names every fault.
func (s Settings) read() (config.Definition, error) {
	found, err := s.load(s.secrets().Check)
	if s.shared() {
		_, unread := kafka.NewSender(s.Kafka, "monitor", "") // it reads the files of the login, and connects to nothing
		err = errors.Join(err, unread)
	}
	return found, err
}

func (p Program) backup(ctx context.Context, s Settings, path string) error {
	if err := s.Store.Made(); err != nil {
		return err
	}
	store, err := drivers.Open(ctx, s.Store, prometheus.NewRegistry())
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	if err := store.Backup(ctx, path); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.Out, "the database was copied to %s\n", path)
	return err
}

// gcPercent lets the heap grow by less than Go's 100 % before it is swept:
// with many endpoints a little more time buys nearly a third of the memory.
const gcPercent = 40

// monitor runs everything. Whatever can be wrong with what people wrote is
// looked at before anything is started.
func (p Program) monitor(ctx context.Context, s Settings) error {
	log, err := telemetry.NewLogger(p.Log, s.Log, s.LogLevel)
	if err != nil {
		return err
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	fresh, err := writeStarter(s)
	if err != nil {
		return err
	}
	parts := Parts{
		Settings: s, Files: config.MarkOf(s.File), Secrets: s.secrets(),
		Clock: host.Clock(), Log: log, Registry: telemetry.NewRegistry(),
	}
	parts.Defined, err = s.read()
	if err != nil {
		return err
	}
	listener, err := serve.Listen(ctx, s.Addr, auth.Mode(s.Auth) == auth.Token)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }()
	release, err := s.take()
	if err != nil {
		return err
	}
	defer release()
	parts.Store, err = drivers.Open(ctx, s.Store, parts.Registry)
	if err != nil {
		return err
	}
	defer func() { _ = parts.Store.Close() }()
	ctx, leave, err := drivers.Occupy(ctx, parts.Store, s.Store, !s.shared(), log)
	if err != nil {
		return err
	}
	defer leave()
	return errors.Join(p.run(ctx, parts, listener, fresh), takenOver(ctx))
}

// run runs the monitor on an open store. fresh tells whether monitor.yaml was
// written just now.
func (p Program) run(ctx context.Context, parts Parts, listener net.Listener, fresh bool) error {
	s := parts.Settings
	gate, err := auth.Open(auth.Mode(s.Auth), s.Addr, s.Store.Data)
	if err != nil {
		return err
	}
	parts.Gate = gate
	eye, err := look.New(look.Options{Attempts: s.PerHost})
	if err != nil {
		return err
	}
	defer eye.Close()
	parts.Look, parts.OnLost, parts.Send = eye.Look, eye.OnLost, s.senders()
	targets, err := reference.Parse(s.References)
	if err != nil {
		return err
	}
	parts.References = reference.New(targets, eye.Reach, parts.Clock, parts.Registry)
	app, err := New(parts)
	if err != nil {
		return err
	}
	p.greet(parts, fresh)
	parts.Defined = config.Definition{} // the app lets go of it as well
	return app.Run(ctx, listener)
}

// takenOver returns why the store was taken from the process, or nil.
func takenOver(ctx context.Context) error {
	if cause := context.Cause(ctx); monitor.CodeOf(cause) == monitor.Conflict {
		return cause
	}
	return nil
}

// take takes the folder of data: alone, or beside others that share the work.
func (s Settings) take() (release func(), err error) {
	if s.shared() {
		return drivers.Share(s.Store)
	}
	return drivers.Claim(s.Store)
}

func (p Program) greet(parts Parts, fresh bool) {
	s := parts.Settings
	note := ""
	if fresh {
		note = " (a starter, written just now: make it yours)"
	}
	_, _ = fmt.Fprintf(p.Out, `
  API Endpoint Monitor

  dashboard  %s
  watches    %d endpoints of %s%s
  keeps      its data in %s
`, s.dashboard(), len(withoutSelf(parts.Defined.Endpoints)), s.File, note, s.Store.Place())
	if s.shared() {
		_, _ = fmt.Fprintf(p.Out, "  shares     its work over Kafka at %s\n", strings.Join(s.Kafka.Brokers, ", "))
	}
	if parts.Gate.Fresh != "" {
		_, _ = fmt.Fprintf(p.Out, "  token      %s\n             for signing in; it is shown only this once\n", parts.Gate.Fresh)
	}
	_, _ = fmt.Fprint(p.Out, "  stops      on Ctrl-C\n\n")
}

// writeStarter writes a first monitor.yaml where there is none, and tells
// whether it did.
func writeStarter(s Settings) (bool, error) {
	if _, err := os.Stat(s.File); !errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	file, err := os.OpenFile(s.File, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return false, monitor.Wrap(monitor.Unavailable, err, "there is no %s, and a starter cannot be written there", s.File)
	}
	_, err = file.Write(config.Starter(s.local(), s.local()))
	return err == nil, errors.Join(err, file.Close())
}

// senders reach the channels, each by its kind.
func (s Settings) senders() notify.Send {
	resolve := s.secrets().Resolve
	return notify.ByKind(slack.New(s.SlackAPI, s.dashboard(), resolve).Send, webhook.New(resolve).Send)
}

func (s Settings) secrets() secret.Resolver {
	return secret.Resolver{Env: os.LookupEnv, Dir: s.Secrets}
}
