package probe

import "github.com/api-endpoint-monitor/monitor/shared/monitor"

// History is what a probe remembers of an endpoint to know what is news.
// The zero value knows nothing.
type History struct {
	outcome monitor.Outcome
	count   int
	first   monitor.Instant
	last    monitor.Instant
}

// Next returns the history after one more result, and whether the result may
// change what is believed of the endpoint, so that it must not wait: a change
// of outcome, the first results of a run up to the policy's threshold, and the
// failure with which a run reaches policy.For. Results of manual checks are
// always news, for somebody waits for them; unknown ones never are.
func (h History) Next(r *monitor.Result, policy monitor.Alert) (History, bool) {
	switch {
	case r.Kind == monitor.Manual:
		return h, true
	case r.Outcome == monitor.OutcomeUnknown:
		return h, false
	case r.Outcome != h.outcome:
		return History{outcome: r.Outcome, count: 1, first: r.Due, last: r.Due}, true
	}
	before := h.last
	h.count++
	h.last = r.Due
	news := h.count <= threshold(r.Outcome, policy)
	if r.Outcome == monitor.Failed && before.Sub(h.first) < policy.For.D() {
		news = news || r.Due.Sub(h.first) >= policy.For.D()
	}
	return h, news
}

// unconfirmed tells whether the run is one of failures, but shorter than the
// policy asks for.
func (h History) unconfirmed(policy monitor.Alert) bool {
	return h.outcome == monitor.Failed && h.count < policy.After
}

func threshold(outcome monitor.Outcome, policy monitor.Alert) int {
	switch outcome {
	case monitor.Failed:
		return policy.After
	case monitor.OutcomeDegraded:
		return max(policy.After, policy.Recover)
	default:
		return policy.Recover
	}
}
