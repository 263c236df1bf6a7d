package query_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func endpoint(namespace, id string) monitor.Endpoint {
	return monitor.Endpoint{
		Namespace: namespace, ID: id, Name: "The " + id,
		HTTP:     monitor.HTTP{URL: "https://" + namespace + ".example/" + id, Method: "GET"},
		Interval: monitor.Duration(time.Second), Timeout: monitor.Duration(5 * time.Second),
		Alert: monitor.Alert{After: 2, Recover: 2},
	}
}

// result is a scheduled check so long before noon.
func result(key string, before time.Duration, outcome monitor.Outcome) monitor.Result {
	r := monitor.Result{
		Endpoint: key, Location: "local", Due: noon.Add(-before), Start: noon.Add(-before) + 1,
		Kind: monitor.Scheduled, Outcome: outcome, Micros: 1234, Status: 200, Bytes: 21,
		Phases: monitor.Phases{FirstByte: 1100, Transfer: 90},
	}
	switch outcome {
	case monitor.Failed:
		r.Status, r.Bytes, r.Phases = 0, 0, monitor.Phases{}
		r.Fault, r.Reason = monitor.FaultRefused, "nothing listens at shop.example:443"
	case monitor.OutcomeDegraded:
		r.Fault, r.Reason = monitor.FaultExpectation, "latency: want at most 1ms, got 1.2ms"
		r.Unmet = []monitor.Unmet{{Expectation: "latency", Want: "at most 1ms", Got: "1.2ms"}}
		r.Extract = `{"status":"ok","token":"[redacted]"}`
	case monitor.OutcomeUnknown:
		r.Start, r.Micros, r.Status, r.Bytes, r.Phases = 0, 0, 0, 0, monitor.Phases{}
		r.Fault, r.Reason = monitor.FaultSkipped, "its time was over before it could start"
	}
	return r
}

// run returns one result a second, the last of them at noon − 1 s: p passed,
// d degraded, f failed, u unknown.
func run(key, letters string) []monitor.Result {
	outcomes := map[rune]monitor.Outcome{
		'p': monitor.Passed, 'd': monitor.OutcomeDegraded, 'f': monitor.Failed, 'u': monitor.OutcomeUnknown,
	}
	var rows []monitor.Result
	for i, letter := range letters {
		rows = append(rows, result(key, time.Duration(len(letters)-i)*time.Second, outcomes[letter]))
	}
	return rows
}

func define(t testing.TB, k *kit, endpoints ...monitor.Endpoint) {
	t.Helper()
	base, err := k.store.CatalogRevision(t.Context())
	must(t, err)
	_, err = k.store.ChangeCatalog(t.Context(), base, monitor.CatalogChange{PutEndpoints: endpoints})
	must(t, err)
}

// arrive puts results into the tail, as store does.
func arrive(t testing.TB, k *kit, rows ...monitor.Result) {
	t.Helper()
	shard := monitor.ShardOf(rows[0].Endpoint, shards)
	data := events.AppendResults(nil, &events.ProbeResults{Shard: shard, Location: rows[0].Location, Rows: rows})
	must(t, k.store.AppendTail(t.Context(), shard, noon, data))
}

// fold puts results of one endpoint and window into the windows, and takes the
// shard's tail out up to and with the given row.
func fold(t testing.TB, k *kit, upTo int64, rows ...monitor.Result) {
	t.Helper()
	ctx := t.Context()
	step := monitorFold(rows)
	step.Folded, step.Drop = upTo, upTo
	for i := range step.Windows {
		w := &step.Windows[i]
		stored, err := k.store.Windows(ctx, []monitor.WindowKey{{Endpoint: w.Endpoint, Location: w.Location, Start: w.Start}})
		must(t, err)
		w.Revision, w.Rows = stored[0].Revision, monitor.Merge(stored[0].Rows, w.Rows)
	}
	must(t, k.store.CommitFold(ctx, step))
}

func resultsEvent(rows ...monitor.Result) events.Event {
	shard := monitor.ShardOf(rows[0].Endpoint, shards)
	return events.New(events.TypeProbeResults, events.Head{
		ID: fmt.Sprint(rows[0].Due), Source: "probe", Key: monitor.ShardKey(shard),
	}, &events.ProbeResults{Shard: shard, Location: rows[0].Location, Rows: rows})
}

func changeEvent(change monitor.IncidentChange) events.Event {
	change.Shard = monitor.ShardOf(change.Incident.Endpoint, shards)
	return events.New(events.TypeIncidentChanged, events.Head{
		ID: change.ID(), Source: "alert", Key: monitor.ShardKey(change.Shard),
	}, &change)
}

// outage returns the changes of an incident of the endpoint that began so long
// before noon: its opening and its end a minute later.
func outage(e monitor.Endpoint, before time.Duration) (opened, resolved monitor.IncidentChange) {
	start := noon.Add(-before)
	state := monitor.NewState(e.Key())
	state, change := state.Track(&e, &monitor.Transition{
		From: monitor.Up, To: monitor.Down, At: start, Decided: start.Add(time.Second),
		Reason: "2 checks in a row failed: nothing listens", Fault: monitor.FaultRefused,
		Evidence: []string{e.Key() + "@local#1"},
	})
	opened = *change
	_, change = state.Track(&e, &monitor.Transition{
		From: monitor.Down, To: monitor.Up, At: start.Add(time.Minute), Decided: start.Add(61 * time.Second),
		Reason: "2 checks in a row passed",
	})
	return opened, *change
}
