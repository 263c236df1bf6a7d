package standalone

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

// pingTimeout bounds one request to the outside.
const pingTimeout = 10 * time.Second

// deadman tells a service outside that the monitor is well, for as long as it
// is. A monitor that has ended, hangs or is ill is silent, and the service
// raises the alarm.
type deadman struct {
	app     *App
	healthy func() bool
	client  http.Client
	pings   *prometheus.CounterVec
	failing bool
}

func newDeadman(a *App, healthy func() bool) *deadman {
	d := &deadman{
		app: a, healthy: healthy, client: http.Client{Timeout: pingTimeout},
		pings: promauto.With(a.Registry).NewCounterVec(prometheus.CounterOpts{
			Name: "monitor_deadman_pings_total",
			Help: "Requests to the outside that say that all is well: accepted, failed, or withheld because it is not.",
		}, []string{"result"}),
	}
	for _, result := range []string{"accepted", "failed", "withheld"} {
		d.pings.WithLabelValues(result)
	}
	return d
}

// run pings once an interval until ctx ends; nothing, where no address is set.
func (d *deadman) run(ctx context.Context) {
	if d.app.Settings.Self.Ping == "" {
		return
	}
	ticks := time.NewTicker(d.app.Settings.Self.Interval)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
			d.beat(ctx)
		}
	}
}

func (d *deadman) beat(ctx context.Context) {
	if !d.healthy() {
		d.pings.WithLabelValues("withheld").Inc()
		return
	}
	err := d.ping(ctx)
	switch {
	case ctx.Err() != nil:
		return
	case err == nil:
		d.pings.WithLabelValues("accepted").Inc()
	default:
		d.pings.WithLabelValues("failed").Inc()
		if !d.failing {
			d.app.Log.Warn("the dead man's switch outside was not reached", telemetry.KeyError, err)
		}
	}
	d.failing = err != nil
}

// ping makes one request. The error does not name the address, which is often
// all that the service asks for to believe the sender.
func (d *deadman) ping(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.app.Settings.Self.Ping, nil)
	if err != nil {
		return monitor.Errorf(monitor.Invalid, "MONITOR_DEADMAN_URL is no URL")
	}
	response, err := d.client.Do(request)
	if err != nil {
		if inner, ok := errors.AsType[*url.Error](err); ok {
			err = inner.Err
		}
		return monitor.Wrap(monitor.Unavailable, err, "no answer")
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10))
	if response.StatusCode >= http.StatusMultipleChoices {
		return monitor.Errorf(monitor.Unavailable, "the answer is %s", response.Status)
	}
	return nil
}
