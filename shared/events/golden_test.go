package events_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

var update = flag.Bool("update", false, "write the golden files anew")

const noon = monitor.Instant(1772366400000)

var transition = monitor.Transition{
	From: monitor.Up, To: monitor.Down, At: noon, Decided: noon + 2000, Reason: "2 checks in a row failed: nothing listens",
	Fault: monitor.FaultRefused, Evidence: []string{"shop/cart@local#1772366400000", "shop/cart@local#1772366402000"},
}

// samples holds one event of each type that this program makes.
func samples() map[string]events.Event {
	key := func(id string) events.Head { return events.Head{ID: id, Source: "sample", Key: "7"} }
	due := &events.ProbeDue{
		Slot: noon, Until: noon + 10_000, Location: "local", Batch: 3, Kind: monitor.Scheduled,
		Endpoints: []events.DueEndpoint{{
			Shard: 7, Due: monitor.Due{First: noon + 250, Every: monitor.Duration(4 * time.Second), Count: 3},
			Slowed: &events.Slowed{Interval: monitor.Duration(time.Second), Since: noon - 1_860_000},
			Endpoint: &monitor.Endpoint{
				Namespace: "shop", ID: "cart", Name: "The cart", Interval: monitor.Duration(4 * time.Second), Timeout: monitor.Duration(5 * time.Second), Revision: 12,
				HTTP: monitor.HTTP{URL: "https://shop.example/cart?a=1&b=2", Method: "GET", Headers: map[string]string{"Authorization": "Bearer ${TOKEN}"}, Redirects: 5, Proxy: "http://u:${PASSWORD}@proxy.example:3128", TLS: &monitor.TLS{CA: "-----BEGIN CERTIFICATE-----\n", Certificate: "${CERTIFICATE}", Key: "${KEY}", ServerName: "cart.internal"}, Address: "10.0.0.7:8443"},
				Expect: monitor.Expect{
					Status: []monitor.StatusRange{{From: 200, To: 299}, {From: 304, To: 304}}, Latency: monitor.Duration(500 * time.Millisecond),
					JSON: map[string]any{"status": "ok", "items.0.count": 3.0}, Certificate: monitor.Duration(14 * 24 * time.Hour), CEL: "size(json.items) > 0",
				},
				Alert: monitor.Alert{After: 2, Recover: 2, For: monitor.Duration(time.Minute), Channels: []string{"oncall"}},
				Tags:  map[string]string{"team": "payments"},
			},
		}},
	}
	results := &events.ProbeResults{Shard: 7, Location: "local", Rows: []monitor.Result{
		{
			Endpoint: "shop/cart", Location: "local", Due: noon, Start: noon + 1, Kind: monitor.Scheduled, Outcome: monitor.Passed, Micros: 12_345, Status: 200, Bytes: 512, Spared: 3,
			Phases: monitor.Phases{DNS: 100, Connect: 200, TLS: 300, FirstByte: 11_000, Transfer: 745}, Certificate: noon + 86_400_000,
		},
		{
			Endpoint: "shop/cart", Location: "local", Due: noon + 1000, Start: noon + 1001, Kind: monitor.Scheduled, Outcome: monitor.Failed, Micros: 900, Status: 500,
			Fault: monitor.FaultExpectation, Reason: "status is <500>, want 200-299", Unmet: []monitor.Unmet{{Expectation: "status", Want: "200-299", Got: "500"}, {Expectation: "json.status", Want: `"ok"`, Got: `"ä\u2028"`}},
			Extract: "<h1>Bad gateway</h1>\ntoken=[redacted] \u2028…",
		},
		{Endpoint: "shop/till", Location: "local", Due: noon, Kind: monitor.Manual, Outcome: monitor.OutcomeUnknown, Fault: monitor.FaultSkipped, Reason: "its time was over"},
	}}
	changed := &events.IncidentChanged{
		Shard: 7, Change: monitor.Opened, Transition: transition, URL: "https://shop.example/cart", Channels: []string{"oncall"}, Decided: noon + 2040,
		Incident: monitor.Incident{
			ID: monitor.IncidentID("shop/cart", noon), Namespace: "shop", Endpoint: "shop/cart", Name: "The cart", Started: noon,
			Reason: transition.Reason, Fault: transition.Fault, Sequence: 1, Timeline: []monitor.Transition{transition},
		},
	}
	return map[string]events.Event{
		events.TypePing:            events.New(events.TypePing, events.Head{ID: "ping", Source: "sample"}, &events.Ping{}),
		events.TypeProbeDue:        events.New(events.TypeProbeDue, events.Head{ID: due.SlotID(), Source: "schedule", Key: "3", Location: "local"}, due),
		events.TypeProbeResults:    events.New(events.TypeProbeResults, key("1772366400000-7-local-1772366400001-0"), results),
		events.TypeShardTick:       events.New(events.TypeShardTick, key("1772366400000-7"), &events.ShardTick{Shard: 7, Minute: noon}),
		events.TypeIncidentChanged: events.New(events.TypeIncidentChanged, key(changed.ID()), changed),
		events.TypeRowRejected:     events.New(events.TypeRowRejected, key("rejected"), &events.RowRejected{Shard: 7, Location: "local", Reason: "due: must be a time", Row: []byte(`{"due":0}`)}),
	}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for kind, sample := range samples() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			sample.SetTime(noon.Time())
			wire, err := sample.Wire()
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(wire)
			if err != nil {
				t.Fatal(err)
			}
			var pretty bytes.Buffer
			if err := json.Indent(&pretty, append(got, '\n'), "", "  "); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", kind+".json")
			if *update {
				if err := os.WriteFile(path, pretty.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), pretty.String()); diff != "" {
				t.Errorf("the wire has changed: golden -, now +:\n%s", diff)
			}
		})
	}
}
