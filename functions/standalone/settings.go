package standalone

import (
	"net/url"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Settings are the environment variables of the standalone monitor.
type Settings struct {
	Addr      string           `envconfig:"MONITOR_ADDR" default:"127.0.0.1:8080" desc:"address of the API and the dashboard"`
	URL       string           `envconfig:"MONITOR_URL" desc:"how people reach the dashboard, for links in notices; empty: http://<MONITOR_ADDR>"`
	File      string           `envconfig:"MONITOR_FILE" default:"monitor.yaml" desc:"what is watched: a file, or a folder of *.yaml"`
	Auth      string           `envconfig:"MONITOR_AUTH" default:"none" desc:"none (loopback addresses only) or token"`
	Location  string           `envconfig:"MONITOR_LOCATION" default:"local" desc:"name of the place that checks are made from"`
	Slot      monitor.Duration `envconfig:"MONITOR_SLOT" default:"10s" desc:"span of one round of checks; the cadence of the PingSource is the same"`
	Shards    int              `envconfig:"MONITOR_SHARDS" default:"64" desc:"shares of the endpoints, a power of two; fixed at install"`
	Batches   int              `envconfig:"MONITOR_BATCHES" default:"16" desc:"most probe.due events a slot, a power of two"`
	SlackAPI  string           `envconfig:"MONITOR_SLACK_API" default:"https://slack.com/api/" desc:"base URL of Slack's Web API"`
	LogFormat string           `envconfig:"MONITOR_LOG_FORMAT" default:"text" desc:"text or json"`
	LogLevel  string           `envconfig:"MONITOR_LOG_LEVEL" default:"info" desc:"debug, info, warn or error"`
}

// validate returns every fault of the settings that their types do not catch.
func (s Settings) validate() []error {
	var faults []error
	if s.Slot.D() < time.Second {
		faults = append(faults, monitor.FieldErrorf("MONITOR_SLOT", "must be at least 1s, got %s", s.Slot))
	}
	if s.Shards < 1 || s.Shards > 1024 || s.Shards&(s.Shards-1) != 0 {
		faults = append(faults, monitor.FieldErrorf("MONITOR_SHARDS", "must be a power of two from 1 to 1024, got %d", s.Shards))
	}
	if s.Batches < 1 || s.Batches > s.Shards || s.Batches&(s.Batches-1) != 0 {
		faults = append(faults, monitor.FieldErrorf("MONITOR_BATCHES", "must be a power of two from 1 to MONITOR_SHARDS, got %d", s.Batches))
	}
	if !monitor.ValidID(s.Location) {
		faults = append(faults, monitor.FieldErrorf("MONITOR_LOCATION", "must be 1 to 100 of a-z, 0-9, dot, underscore, hyphen, got %q", s.Location))
	}
	if u, err := url.Parse(s.SlackAPI); err != nil || u.Host == "" {
		faults = append(faults, monitor.FieldErrorf("MONITOR_SLACK_API", "must be a URL, got %q", s.SlackAPI))
	}
	return faults
}
