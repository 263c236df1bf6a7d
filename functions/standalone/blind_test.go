package standalone_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/functions/probe/reference"
	"github.com/api-endpoint-monitor/monitor/functions/standalone"
	"github.com/api-endpoint-monitor/monitor/shared/config"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

const blindDefinitions = `
namespace: shop
defaults: {interval: 10s, timeout: 5s}
channels: [{name: hook, webhook: {url: "http://hook.example"}}]
endpoints:
  - {name: name, http: {url: "http://name.example"}, alert: {after: 2, channels: [hook]}}
  - {name: route, http: {url: "http://10.0.0.1"}, alert: {after: 1, channels: [hook]}}
  - {name: hang, http: {url: "http://10.0.0.2"}, alert: {after: 2, channels: [hook]}}
---
namespace: monitor
channels: [{name: oncall, webhook: {url: "http://oncall.example"}}]
`

// road is the way from the prober to all else. While it is closed names do not
// resolve, hosts have no route, or nothing comes back.
type road struct {
	mu     sync.Mutex
	opened chan struct{} // closed while the road is open
	told   []string      // what was accepted: channel, endpoint and change
}

func newRoad() *road {
	r := &road{opened: make(chan struct{})}
	close(r.opened)
	return r
}

// gate returns what is closed while the road is open.
func (r *road) gate() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.opened
}

func (r *road) shut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.opened = make(chan struct{})
}

func (r *road) open() {
	r.mu.Lock()
	defer r.mu.Unlock()
	close(r.opened)
}

// pass waits for the road to be open, so long.
func (r *road) pass(ctx context.Context, within time.Duration) bool {
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case <-r.gate():
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	return false
}

func (r *road) look(ctx context.Context, request *look.Request) look.Answer {
	began, patience := time.Now(), time.Millisecond
	answer := look.Answer{Fault: monitor.FaultUnreachable, Reason: "no route"}
	switch request.Endpoint {
	case "shop/name":
		answer = look.Answer{Fault: monitor.FaultDNS, Reason: "no name"}
	case "shop/hang":
		patience, answer = request.Timeout, look.Answer{Fault: monitor.FaultTimeout, Reason: "no answer"}
	}
	if r.pass(ctx, patience) {
		answer = look.Answer{Status: 200}
	}
	answer.Took = time.Since(began)
	return answer
}

func (r *road) reach(ctx context.Context, _, _ string) (bool, error) {
	if !r.pass(ctx, time.Hour) {
		return false, ctx.Err()
	}
	return true, nil
}

func (r *road) send(_ context.Context, delivery monitor.Delivery) (string, error) {
	select {
	case <-r.gate():
	default:
		return "", errors.New("no route")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	change := delivery.Notice.Change
	r.told = append(r.told, delivery.Channel.Key()+" "+change.Incident.Endpoint+" "+string(change.Change))
	return "taken", nil
}

func (r *road) heard() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.told)
}

// TestBlind takes the network away from the monitor for five minutes. None of
// its endpoints has an outage, nor a worse uptime, but each a gap that says why;
// the monitor itself has one incident.
func TestBlind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRoad()
		b := runInBubble(t, t.TempDir(), func(parts *standalone.Parts) {
			parts.Settings.Self = standalone.SelfSettings{Watch: true, Interval: time.Minute}
			parts.Look, parts.Send = r.look, r.send
			parts.References = reference.New([]reference.Target{{Host: "10.0.0.9", Port: "443"}}, r.reach, time.Now, prometheus.NewRegistry())
			write(t, parts.Settings.File, blindDefinitions)
			var err error
			if parts.Defined, err = standalone.Definitions(parts.Settings); err != nil {
				t.Fatal(err)
			}
			parts.Files = config.MarkOf(parts.Settings.File)
		})
		time.Sleep(3 * time.Minute)
		from := monitor.At(time.Now())
		r.shut()
		time.Sleep(5 * time.Minute)
		for _, name := range []string{"name", "route", "hang"} {
			var seen struct{ Health, Reason string }
			ask(t, b.client, "/api/v1/endpoints/shop/"+name, &seen)
			if seen.Health != string(monitor.Unknown) || !strings.Contains(seen.Reason, "the prober reaches none of its reference targets (10.0.0.9:443)") {
				t.Errorf("%s is %s while the network is away, for the reason %q, want it to be unknown", name, seen.Health, seen.Reason)
			}
		}
		to := monitor.At(time.Now())
		r.open()
		time.Sleep(10 * time.Minute) // the notices are tried more and more seldom
		incidents, err := b.store.Incidents(t.Context(), storage.IncidentFilter{Limit: 100})
		if err != nil || len(incidents) != 1 || incidents[0].Endpoint != "monitor/self" || incidents[0].Ended == 0 ||
			!strings.Contains(incidents[0].Timeline[0].Reason, "the prober reaches none of its reference targets") {
			t.Errorf("got %+v and %v, want one incident, of the monitor itself, that has ended", incidents, err)
		}
		want := []string{"monitor/oncall monitor/self opened", "monitor/oncall monitor/self resolved"}
		if diff := cmp.Diff(want, r.heard()); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
		for _, name := range []string{"name", "route", "hang"} {
			assertGap(t, b, name, from, to)
		}
	})
}

// assertGap holds the endpoint's results within the span to being unknown, with
// the reason, and its uptime to being whole.
func assertGap(t *testing.T, b bubbled, name string, from, to monitor.Instant) {
	t.Helper()
	path := "/api/v1/endpoints/shop/" + name
	var results struct {
		Items []struct {
			Due, Outcome, Fault, Reason string
		}
	}
	ask(t, b.client, fmt.Sprintf("%s/results?limit=1000&from=%d&to=%d", path, from+1, to.Add(-5*time.Second)), &results)
	other := slices.IndexFunc(results.Items, func(row struct{ Due, Outcome, Fault, Reason string }) bool {
		return row.Outcome != string(monitor.OutcomeUnknown) || row.Fault != string(monitor.FaultObserver) ||
			!strings.Contains(row.Reason, "so this says nothing about the endpoint: no ")
	})
	if len(results.Items) < 29 || other >= 0 {
		t.Errorf("%s: got %+v, want a gap of 29 results and more, each with its reason", name, results.Items)
	}
	var series struct {
		Summary struct {
			Passed, Failed, Unknown int
			Uptime                  float64
		}
	}
	ask(t, b.client, fmt.Sprintf("%s/series?from=%d&to=%d", path, from.Add(-2*time.Minute), to.Add(2*time.Minute)), &series)
	if s := series.Summary; s.Failed != 0 || s.Uptime != 1 || s.Unknown < 29 || s.Passed < 20 {
		t.Errorf("%s: got %+v, want no failures, an uptime of 1 and a gap", name, s)
	}
}
