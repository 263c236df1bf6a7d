package standalone

import (
	"cmp"
	"errors"
	"net"
	"time"

	"github.com/api-endpoint-monitor/monitor/functions/probe/reference"
	"github.com/api-endpoint-monitor/monitor/functions/store"
	"github.com/api-endpoint-monitor/monitor/shared/auth"
	"github.com/api-endpoint-monitor/monitor/shared/host"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/slack"
	"github.com/api-endpoint-monitor/monitor/shared/storage/drivers"
)

// Settings are the environment variables of the standalone monitor.
type Settings struct {
	Addr        string        `envconfig:"MONITOR_ADDR" default:"127.0.0.1:8080" desc:"address to listen on, host:port"`
	URL         string        `envconfig:"MONITOR_URL" desc:"how people reach the dashboard, for links in notices; empty: no links, in the standalone monitor http://<MONITOR_ADDR>"`
	File        string        `envconfig:"MONITOR_FILE" default:"monitor.yaml" desc:"what is watched: a file, or a folder of *.yaml"`
	Auth        string        `envconfig:"MONITOR_AUTH" default:"none" desc:"who may use the API: none (loopback addresses only) or token"`
	Events      string        `envconfig:"MONITOR_EVENTS" default:"bus" desc:"how events travel: bus (in memory, all functions in one process), http (one process for each function, behind a broker) or kafka (as many processes as you like)"`
	Secrets     string        `envconfig:"MONITOR_SECRETS" desc:"folder of secrets: <namespace>/<name>"`
	Location    string        `envconfig:"MONITOR_LOCATION" default:"local" desc:"name of the place that checks are made from"`
	Slot        time.Duration `envconfig:"MONITOR_SLOT" default:"10s" desc:"slot: the time that one round of checks covers, equal to the cadence of the tick"`
	Shards      int           `envconfig:"MONITOR_SHARDS" default:"64" desc:"shares of the endpoints, a power of two; fixed at install"`
	Batches     int           `envconfig:"MONITOR_BATCHES" default:"16" desc:"most probe.due events a slot and location, a power of two"`
	Concurrency int           `envconfig:"MONITOR_PROBE_CONCURRENCY" default:"4096" desc:"checks that may run at once in one process"`
	References  []string      `envconfig:"MONITOR_REFERENCES" desc:"addresses that the prober can reach while its network works, host:port or URLs, 8 at most, separated by commas: while none of them answers, results are unknown; empty: none"`
	PerHost     int           `envconfig:"MONITOR_PROBE_HOST_CONCURRENCY" default:"2048" desc:"checks that may run at once of one host or through one proxy, and connections that may be in the making to one IP address and port; 0: any number"`
	SlackAPI    string        `envconfig:"MONITOR_SLACK_API" default:"https://slack.com/api/" desc:"base URL of Slack's Web API"`
	Log         string        `envconfig:"MONITOR_LOG" default:"text" desc:"format of the log: text or json"`
	LogLevel    string        `envconfig:"MONITOR_LOG_LEVEL" default:"info" desc:"least level that is logged: debug, info, warn or error"`
	Self        SelfSettings
	Kafka       kafka.Settings
	Store       drivers.Settings
	Fold        store.Settings
}

// Load reads the settings from the environment. The error names every fault.
func Load() (Settings, error) {
	var s Settings
	err := host.Load(&s)
	return s, err
}

// Check returns an Invalid error that names every value that cannot be.
func (s Settings) Check() error {
	_, err := reference.Parse(s.References)
	faults := []error{err, s.plan().Check(), monitor.CheckLocation(s.Location), auth.CheckAddr(auth.Mode(s.Auth), s.Addr), s.Self.Check(), slack.CheckAPI(s.SlackAPI), s.Store.Check(), s.Fold.Check()}
	check := func(holds bool, name, format string, got any) {
		if !holds {
			faults = append(faults, monitor.FieldErrorf(name, format, got))
		}
	}
	check(s.Events == "bus" || s.shared(), "MONITOR_EVENTS", "must be bus or kafka in the standalone monitor, got %q", s.Events)
	check(s.Concurrency > 0, "MONITOR_PROBE_CONCURRENCY", "must be at least 1, got %d", s.Concurrency)
	check(s.PerHost >= 0, "MONITOR_PROBE_HOST_CONCURRENCY", "must be at least 0, got %d", s.PerHost)
	if s.shared() {
		faults = append(faults, s.Kafka.Check())
	}
	return errors.Join(faults...)
}

// shared tells whether other processes have a share of the work.
func (s Settings) shared() bool { return s.Events == "kafka" }

func (s Settings) plan() monitor.Plan {
	return monitor.Plan{Slot: s.Slot, Batches: s.Batches, Shards: s.Shards}
}

// dashboard is how people reach the dashboard.
func (s Settings) dashboard() string { return cmp.Or(s.URL, s.local()) }

// itself is the address that stands for the monitor itself, which nobody probes:
// the same in all processes that share the work, or each would write its own into
// the catalog.
func (s Settings) itself() string {
	if s.shared() {
		return cmp.Or(s.URL, "http://localhost")
	}
	return s.dashboard()
}

// local is how this machine reaches the process.
func (s Settings) local() string {
	host, port, _ := net.SplitHostPort(s.Addr)
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}
