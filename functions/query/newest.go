package query

import "github.com/api-endpoint-monitor/monitor/shared/monitor"

// newest is the newest result of an endpoint. Nearly all are scheduled checks that
// have passed and say nothing more: of them it holds less than half.
type newest struct {
	due, start, certificate monitor.Instant // due is 0 where there is none
	micros, bytes           int64
	status                  int
	monitor.Phases
	location string
	other    *monitor.Result // the whole of any other result; nil
}

// see takes over a result, without what would keep its event alive.
func (n *newest) see(result *monitor.Result, key, location string) {
	before := n.other
	*n = newest{
		due: result.Due, start: result.Start, certificate: result.Certificate,
		micros: result.Micros, bytes: result.Bytes, status: result.Status, Phases: result.Phases, location: location,
	}
	if plain(result) {
		return
	}
	if n.other = before; n.other == nil {
		n.other = new(monitor.Result)
	}
	*n.other = compact(result, key, location, n.other.Reason)
}

// plain tells whether the result is all in a newest that has no other.
func plain(r *monitor.Result) bool {
	return r.Kind == monitor.Scheduled && r.Outcome == monitor.Passed && r.Fault == "" && r.Reason == "" && r.Unmet == nil && r.Spared == 0
}

// result returns the whole result of the endpoint, all but its extract.
func (n *newest) result(key string) monitor.Result {
	if n.other != nil {
		return *n.other
	}
	return monitor.Result{
		Endpoint: key, Location: n.location, Due: n.due, Start: n.start, Kind: monitor.Scheduled, Outcome: monitor.Passed,
		Micros: n.micros, Status: n.status, Bytes: n.bytes, Phases: n.Phases, Certificate: n.certificate,
	}
}

// reason returns the reason of the result.
func (n *newest) reason() string {
	if n.other == nil {
		return ""
	}
	return n.other.Reason
}
