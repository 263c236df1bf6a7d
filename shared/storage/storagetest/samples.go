package storagetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// origin is when all samples begin: the start of a window, an hour, a day and a
// month, which is the running one, for a driver may forget what is long over.
var origin = monitor.Days.PackStart(monitor.At(time.Now()))

const (
	shop = "shop/checkout"
	here = "local"
)

// passed returns a good result of the endpoint, seconds after origin.
func passed(endpoint string, seconds int) monitor.Result {
	due := origin.Add(time.Duration(seconds) * time.Second)
	return monitor.Result{
		Endpoint: endpoint, Location: here, Due: due, Start: due + 1, Kind: monitor.Scheduled,
		Outcome: monitor.Passed, Micros: 1500, Status: 200, Bytes: 12, Phases: monitor.Phases{FirstByte: 1400, Transfer: 20},
	}
}

// failed returns a result with all that a failure carries.
func failed(endpoint string, seconds int) monitor.Result {
	r := passed(endpoint, seconds)
	r.Outcome, r.Fault, r.Reason, r.Status = monitor.Failed, monitor.FaultExpectation, "status is 500, want 200-299", 500
	r.Kind, r.Certificate = monitor.Manual, origin.Add(240*time.Hour)
	r.Phases = monitor.Phases{DNS: 1, Connect: 2, TLS: 3, FirstByte: 4, Transfer: 5}
	r.Unmet = []monitor.Unmet{{Expectation: "status", Want: "200-299", Got: "500"}, {Expectation: "json.ok", Want: "true", Got: "false"}}
	r.Spared = 3
	r.Extract = "<h1>Bad gateway</h1>\nno upstream is healthy…"
	return r
}

func windowOf(rows ...monitor.Result) monitor.Window {
	key := monitor.WindowOf(&rows[0])
	return monitor.Window{Endpoint: key.Endpoint, Location: key.Location, Start: key.Start, Rows: rows}
}

func keyOf(w monitor.Window) monitor.WindowKey {
	return monitor.WindowKey{Endpoint: w.Endpoint, Location: w.Location, Start: w.Start}
}

func packKeyOf(p monitor.Pack) monitor.PackKey {
	return monitor.PackKey{Tier: p.Tier, Endpoint: p.Endpoint, Location: p.Location, Start: p.Start}
}

// withoutRevisions wants a revision of each of the packs, and takes it away.
func withoutRevisions(t *testing.T, packs []monitor.Pack) []monitor.Pack {
	t.Helper()
	for i := range packs {
		if packs[i].Revision == 0 {
			t.Errorf("got revision 0 of a stored pack, want another")
		}
		packs[i].Revision = 0
	}
	return packs
}

func cell(start monitor.Instant, passed int) monitor.Cell {
	return monitor.Cell{
		Start: start, Passed: passed, Degraded: 2, Failed: 3, Unknown: 4, Late: 5, Spared: 6,
		Micros: 6000, Min: 7, Max: 8000, Sketch: []byte{1, 2, byte(passed)},
	}
}

func incident(n int, started monitor.Instant) monitor.Incident {
	return monitor.Incident{
		ID: fmt.Sprintf("incident-%03d", n), Namespace: "shop", Endpoint: shop, Name: "Checkout", Started: started,
		Reason: "2 checks in a row failed: timeout", Fault: monitor.FaultTimeout, Sequence: 1,
		Timeline: []monitor.Transition{{
			From: monitor.Up, To: monitor.Down, At: started, Decided: started + 1000,
			Reason: "2 checks in a row failed: timeout", Fault: monitor.FaultTimeout, Evidence: []string{"a", "b"},
		}},
	}
}

func notice(of string, sequence int, channel string) monitor.Notice {
	about := incident(1, origin)
	about.ID, about.Sequence = of, sequence
	return monitor.Notice{
		Incident: of, Sequence: sequence, Channel: channel, Shard: 3, Created: origin,
		Change: monitor.IncidentChange{Shard: 3, Change: monitor.Opened, Incident: about, Channels: []string{"oncall"}, Decided: origin},
	}
}

func endpoint(namespace, id string) monitor.Endpoint {
	return monitor.Endpoint{
		Namespace: namespace, ID: id, Name: "The " + id,
		HTTP:     monitor.HTTP{URL: "https://" + id + ".example", Method: "GET", Headers: map[string]string{"Accept": "text/plain"}, Proxy: "http://u:${P}@proxy.example", TLS: &monitor.TLS{Key: "${KEY}"}},
		Interval: monitor.Duration(time.Second), Timeout: monitor.Duration(5 * time.Second),
		Expect: monitor.Expect{
			Status: []monitor.StatusRange{{From: 200, To: 299}}, Latency: monitor.Duration(time.Second),
			JSON: map[string]any{"ok": true, "n": 1.5}, CEL: "true",
		},
		Alert: monitor.Alert{After: 2, Recover: 3, Channels: []string{"oncall"}},
		Tags:  map[string]string{"team": "payments"},
	}
}
