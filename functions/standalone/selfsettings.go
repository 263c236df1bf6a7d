package standalone

import (
	"errors"
	"net/url"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// SelfSettings say how the monitor watches itself.
type SelfSettings struct {
	Watch    bool          `envconfig:"MONITOR_SELF" default:"true" desc:"whether the monitor watches itself, as the endpoint monitor/self; the channels of the namespace monitor are told"`
	Ping     string        `envconfig:"MONITOR_DEADMAN_URL" desc:"address that is asked by GET while the whole monitor is well, for a service that raises the alarm when that stops; empty: none"`
	Interval time.Duration `envconfig:"MONITOR_DEADMAN_INTERVAL" default:"1m" desc:"time between two requests to MONITOR_DEADMAN_URL, at least 1s"`
}

// Check returns an Invalid error that names every value that cannot be.
func (s SelfSettings) Check() error {
	var faults []error
	if s.Interval < time.Second {
		faults = append(faults, monitor.FieldErrorf("MONITOR_DEADMAN_INTERVAL", "must be at least 1s, got %s", s.Interval))
	}
	if s.Ping == "" {
		return errors.Join(faults...)
	}
	if at, err := url.Parse(s.Ping); err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" {
		faults = append(faults, monitor.FieldErrorf("MONITOR_DEADMAN_URL", "must be an http:// or https:// URL")) // it may be a secret
	}
	if !s.Watch {
		faults = append(faults, monitor.FieldErrorf("MONITOR_DEADMAN_URL", "needs MONITOR_SELF=true: who does not look cannot tell that all is well"))
	}
	return errors.Join(faults...)
}
