package contract_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"

	"github.com/api-endpoint-monitor/monitor/shared/contract"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

const noon = monitor.Instant(1772366400000)

// whole holds an event of each type in which every field is set.
func whole() map[string]events.Event {
	out := map[string]events.Event{
		events.TypePing:            made(events.TypePing, &events.Ping{}),
		events.TypeProbeDue:        made(events.TypeProbeDue, wholeDue()),
		events.TypeProbeResults:    made(events.TypeProbeResults, wholeResults()),
		events.TypeShardTick:       made(events.TypeShardTick, &events.ShardTick{Shard: 7, Minute: noon}),
		events.TypeIncidentChanged: made(events.TypeIncidentChanged, wholeChange()),
		events.TypeRowRejected:     made(events.TypeRowRejected, &events.RowRejected{Shard: 7, Location: "local", Reason: "due: must be a time", Row: []byte(`{"due":0}`)}),
	}
	return out
}

func made[T any](kind string, data *T) events.Event {
	head := events.Head{ID: "1", Source: "sample", Key: "7"}
	switch kind {
	case events.TypePing:
		head.Key = ""
	case events.TypeProbeDue:
		head.Location = "local"
	}
	return events.New(kind, head, data)
}

func wholeDue() *events.ProbeDue {
	second := monitor.Duration(time.Second)
	return &events.ProbeDue{
		Slot: noon, Until: noon + 10_000, Location: "local", Batch: 3, Part: 1, Kind: monitor.Scheduled,
		Endpoints: []events.DueEndpoint{{
			Shard: 7, Due: monitor.Due{First: noon + 250, Every: 4 * second, Count: 3}, Slowed: &events.Slowed{Interval: second, Since: noon - 1_860_000},
			Endpoint: &monitor.Endpoint{
				Namespace: "shop", ID: "cart", Name: "The cart", Interval: 4 * second, Timeout: 5 * second, Revision: 12, NoExtract: true,
				HTTP: monitor.HTTP{
					URL: "https://shop.example/cart", Method: "POST", Headers: map[string]string{"Authorization": "Bearer ${TOKEN}"}, Body: "{}", Redirects: 5,
					Proxy: "http://u:${PASSWORD}@proxy.example:3128", TLS: &monitor.TLS{CA: "${CA}", Certificate: "${CERTIFICATE}", Key: "${KEY}", ServerName: "cart.internal"}, Address: "10.0.0.7:8443",
				},
				Expect: monitor.Expect{
					Status: []monitor.StatusRange{{From: 200, To: 299}, {From: 304, To: 304}}, Latency: 500 * monitor.Duration(time.Millisecond),
					JSON: map[string]any{"status": "ok", "items.0.count": 3.0}, Certificate: monitor.Duration(14 * 24 * time.Hour), CEL: "size(json.items) > 0",
				},
				Alert:    monitor.Alert{After: 2, Recover: 2, For: 90 * second, Confirm: monitor.ConfirmQuick, Channels: []string{"oncall"}},
				Adaptive: monitor.Adaptive{FixedTimeout: true, FixedCadence: true}, Tags: map[string]string{"team": "payments"},
			},
		}},
	}
}

var unmet = []monitor.Unmet{{Expectation: "json.status", Want: `"ok"`, Got: `"ä"`}}

func wholeResults() *events.ProbeResults {
	return &events.ProbeResults{Shard: 7, Location: "local", Rows: []monitor.Result{{
		Endpoint: "shop/cart", Location: "local", Due: noon, Start: noon + 1, Kind: monitor.Scheduled, Outcome: monitor.Failed, Micros: 12_345, Status: 500, Bytes: 512,
		Phases: monitor.Phases{DNS: 100, Connect: 200, TLS: 300, FirstByte: 11_000, Transfer: 745}, Certificate: noon + 86_400_000,
		Fault: monitor.FaultExpectation, Reason: "status is 500, want 200-299", Unmet: unmet, Spared: 3, Extract: "Bad gateway",
	}}}
}

func wholeChange() *events.IncidentChanged {
	transition := monitor.Transition{
		From: monitor.Up, To: monitor.Down, At: noon, Decided: noon + 2000, Reason: "2 checks in a row failed", Fault: monitor.FaultExpectation,
		Saw: monitor.Sight{Status: 500, Micros: 900, Unmet: unmet}, Evidence: []string{"shop/cart@local#1772366400000"},
	}
	return &events.IncidentChanged{
		Shard: 7, Change: monitor.Updated, Transition: transition, URL: "https://shop.example/cart", Channels: []string{"oncall"}, Decided: noon + 2040,
		Tally: monitor.Tally{Since: noon, Checks: 2, Failed: 2, Micros: 900},
		Incident: monitor.Incident{
			ID: "a1", Namespace: "shop", Endpoint: "shop/cart", Name: "The cart", Started: noon, Ended: noon + 9000, Reason: transition.Reason,
			Fault: transition.Fault, Sequence: 1, Timeline: []monitor.Transition{transition},
		},
	}
}

// letters holds the records that lie with the dead letters, by their names.
func letters(t *testing.T) map[string]contract.Record {
	t.Helper()
	event := recordOf(t, whole()[events.TypeProbeDue])
	raw := contract.Record{Headers: map[string]string{}, Value: []byte("\x00")}
	for name, value := range map[string]string{
		"knativeerrordest": "/functions/store", "knativeerrorcode": "400", "knativeerrordata": "bm8=", "reason": "invalid",
		"origintopic": "monitor-events", "originpartition": "3", "originoffset": "120", "origingroup": "monitor-store", "attempts": "1",
	} {
		event.Headers["ce_"+name], raw.Headers[name] = value, value
	}
	return map[string]contract.Record{"deadLetter": event, "noEvent": raw, "rowRejected": recordOf(t, whole()[events.TypeRowRejected])}
}

func recordOf(t *testing.T, e events.Event) contract.Record {
	t.Helper()
	record, err := contract.RecordOf(e)
	if err != nil {
		t.Fatal(err)
	}
	return record
}

// golden returns an event of the golden files.
func golden(t *testing.T, text []byte) events.Event {
	t.Helper()
	var wire cloudevents.Event
	if err := json.Unmarshal(text, &wire); err != nil {
		t.Fatal(err)
	}
	return events.FromWire(wire)
}

func published(t *testing.T) *contract.Contract {
	t.Helper()
	c, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func strict(t *testing.T) *contract.Contract {
	t.Helper()
	c, err := contract.Strict()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// keyOf returns the name of a message in the document by its event type.
func messageOf(kind string) string {
	for name, one := range map[string]string{
		"ping": events.TypePing, "probeDue": events.TypeProbeDue, "probeResults": events.TypeProbeResults,
		"shardTick": events.TypeShardTick, "incidentChanged": events.TypeIncidentChanged, "rowRejected": events.TypeRowRejected,
	} {
		if one == kind {
			return name
		}
	}
	return strings.ToLower(kind)
}
