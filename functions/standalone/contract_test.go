package standalone_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/functions/standalone"
	"github.com/api-endpoint-monitor/monitor/shared/config"
	"github.com/api-endpoint-monitor/monitor/shared/contract"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

const talkDefinitions = `
namespace: shop
defaults: {interval: 10s, timeout: 5s}
channels: [{name: hook, webhook: {url: "http://hook.example"}}]
endpoints:
  - {name: steady, http: {url: "https://steady.example"}, tags: {team: payments}}
  - {name: sick, http: {url: "http://sick.example"}, expect: {latency: 100ms}, alert: {after: 2, channels: [hook]}}
  - {name: dark, http: {url: "http://dark.example"}, alert: {after: 2, channels: [hook]}}
  - {name: closed, http: {url: "http://closed.example", headers: {Authorization: "Bearer ${MISSING}"}}}
  - {name: hanging, http: {url: "http://hanging.example"}, timeout: 20s}
  - {name: rare, http: {url: "http://rare.example"}, interval: 1h}
  - name: much
    http: {url: "https://much.example/a?b=1", method: POST, headers: {Accept: "*/*"}, body: "{}", redirects: 3, proxy: "http://proxy.example:3128"}
    expect: {status: ["200-299", "304"], latency: 3s, json: {status: ok}, certificate: 14d, cel: "size(json.status) > 0"}
    alert: {after: 3, recover: 2, for: 1m, confirm: interval}
    tags: {team: payments}
`

// talk is all that the functions of a monitor say to each other.
type talk struct {
	t        *testing.T
	begin    time.Time
	contract *contract.Contract
	told     func(endpoint, location string) // that a connection was lost

	mu     sync.Mutex
	kinds  map[string]int  // events by type
	said   map[string]bool // outcomes, kinds, changes, and the fields of rows
	spoilt bool
	faults int
}

// around looks at every event that goes into a function or comes out of one. With
// the first results of probe it also emits a row that belongs nowhere.
func (k *talk) around(handler events.Handler) events.Handler {
	return func(ctx context.Context, in events.Event, emit events.Emit) error {
		k.see(in)
		return handler(ctx, in, func(ctx context.Context, out ...events.Event) error {
			for _, e := range out {
				k.see(e)
				if bad, ok := k.spoil(e); ok {
					out = append(slices.Clone(out), bad)
				}
			}
			return emit(ctx, out...)
		})
	}
}

func (k *talk) spoil(e events.Event) (events.Event, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if e.Type() != events.TypeProbeResults || k.spoilt {
		return events.Event{}, false
	}
	k.spoilt = true
	results := &events.ProbeResults{Shard: 3, Location: dayLocation, Rows: []monitor.Result{{
		Endpoint: "shop/nowhere", Location: dayLocation, Due: monitor.At(time.Now().Add(time.Hour)), Kind: monitor.Scheduled, Outcome: monitor.Passed,
	}}}
	return events.New(events.TypeProbeResults, events.Head{ID: "bad", Source: "probe", Key: "3"}, results), true
}

func (k *talk) see(e events.Event) {
	record, err := contract.RecordOf(e)
	if err == nil {
		err = k.contract.Check(contract.Events, record)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if err != nil {
		if k.faults++; k.faults < 10 {
			k.t.Errorf("%s %s: %v\n%.2000s", e.Type(), e.ID(), err, record.Value)
		}
	}
	k.kinds[e.Type()]++
	switch e.Type() {
	case events.TypeProbeResults:
		k.note(e, record, "start", "status", "bytes", "dns", "connect", "tls", "first_byte", "transfer", "certificate", "unmet", "spared", "extract")
	case events.TypeProbeDue:
		k.note(e, record, "slowed", "tags", "proxy", "cel", "body", "for")
	case events.TypeIncidentChanged:
		k.note(e, record, "saw", "tally", "ended", "channels")
	}
}

// note remembers the words and the fields of an event.
func (k *talk) note(e events.Event, record contract.Record, fields ...string) {
	for _, field := range fields {
		if strings.Contains(string(record.Value), `"`+field+`":`) {
			k.said[field] = true
		}
	}
	if results, err := events.Decode[events.ProbeResults](e); err == nil && e.Type() == events.TypeProbeResults {
		for _, row := range results.Rows {
			k.said[string(row.Outcome)], k.said[string(row.Kind)], k.said[string(row.Fault)] = true, true, true
		}
	}
	if change, err := events.Decode[events.IncidentChanged](e); err == nil && e.Type() == events.TypeIncidentChanged {
		k.said[string(change.Change)] = true
	}
}

// look answers for the endpoints: most are well.
func (k *talk) look(_ context.Context, request *look.Request) look.Answer {
	minutes := time.Since(k.begin).Minutes()
	answer := look.Answer{
		Status: 200, Type: "application/json", Body: []byte(`{"status":"ok"}`), Bytes: 15, Took: time.Millisecond,
		Phases:      monitor.Phases{DNS: 1, Connect: 2, TLS: 3, FirstByte: 4, Transfer: 5},
		Certificate: monitor.At(k.begin.Add(90 * 24 * time.Hour)),
	}
	switch {
	case request.Endpoint == "shop/sick" && minutes > 5 && minutes < 10:
		answer.Status, answer.Type, answer.Head = 502, "text/html", []byte("<h1>Bad gateway</h1>")
	case request.Endpoint == "shop/sick" && minutes >= 10 && minutes < 15:
		answer.Took = 200 * time.Millisecond
	case request.Endpoint == "shop/dark" && minutes > 5 && minutes < 45:
		answer = look.Answer{Took: time.Millisecond, Fault: monitor.FaultRefused, Reason: "nothing listens there"}
	case request.Endpoint == "shop/hanging":
		answer.Took = 15 * time.Second
	}
	time.Sleep(answer.Took)
	return answer
}

// TestContract holds every event of an hour to the published schemas, which must
// name all that is in them: through an outage, a slow spell, an endpoint that is
// down for long, checks that cannot be made, and a row that belongs nowhere.
func TestContract(t *testing.T) {
	t.Parallel()
	strict, err := contract.Strict()
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		k := &talk{t: t, begin: time.Now(), contract: strict, kinds: map[string]int{}, said: map[string]bool{}}
		b := runInBubble(t, t.TempDir(), func(parts *standalone.Parts) {
			parts.Settings.Self = standalone.SelfSettings{Watch: true, Interval: time.Minute}
			parts.Look, parts.Around = k.look, k.around
			parts.Send = func(context.Context, monitor.Delivery) (string, error) { return "taken", nil }
			parts.OnLost = func(told func(endpoint, location string)) { k.told = told }
			write(t, parts.Settings.File, talkDefinitions)
			if parts.Defined, err = standalone.Definitions(parts.Settings); err != nil {
				t.Fatal(err)
			}
			parts.Files = config.MarkOf(parts.Settings.File)
		})
		time.Sleep(2*time.Minute + 5*time.Second)
		k.told("shop/steady", dayLocation)
		time.Sleep(58 * time.Minute)
		b.stop()
		k.mu.Lock()
		defer k.mu.Unlock()
		for _, kind := range []string{
			events.TypePing, events.TypeProbeDue, events.TypeProbeResults, events.TypeShardTick, events.TypeIncidentChanged, events.TypeRowRejected,
		} {
			if k.kinds[kind] == 0 {
				t.Errorf("got no event of the type %s among %v", kind, k.kinds)
			}
		}
		want := []string{
			"passed", "degraded", "failed", "unknown", "scheduled", "confirm", "connection", "manual", "opened", "updated", "resolved",
			"expectation", "refused", "overrun", "secret", "start", "status", "bytes", "dns", "connect", "tls", "first_byte", "transfer",
			"certificate", "unmet", "spared", "extract", "slowed", "tags", "proxy", "cel", "body", "for", "saw", "tally", "ended", "channels",
		}
		slices.Sort(want)
		delete(k.said, "")
		if diff := cmp.Diff(want, slices.Sorted(maps.Keys(k.said))); diff != "" {
			t.Errorf("said in that hour (want -, got +):\n%s", diff)
		}
	})
}
