package probe

import "github.com/api-endpoint-monitor/monitor/shared/monitor"

// History is what a probe remembers of an endpoint to know what is news.
// The zero value knows nothing.
type History struct {
	outcome monitor.Outcome
	count   int
	first   monitor.Instant
	last    monitor.Instant
	good    int  // checks in a row that passed or were degraded
	up      bool // they reached the policy's recover, and failures its after not since
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
	}
	h, news := h.run(r, policy)
	if r.Outcome.Good() {
		h.good++
		h.up = h.up || h.good >= policy.Recover
	} else {
		h.good = 0
		h.up = h.up && h.count < policy.After
	}
	return h, news
}

// run enters a result into the run of like ones.
func (h History) run(r *monitor.Result, policy monitor.Alert) (History, bool) {
	if r.Outcome != h.outcome {
		h.outcome, h.count, h.first, h.last = r.Outcome, 1, r.Due, r.Due
		return h, true
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

// unconfirmed tells whether the run is shorter than the policy asks for, and one
// that matters: of good checks, if the endpoint was down for long, else of
// failures.
func (h History) unconfirmed(policy monitor.Alert, long bool) bool {
	if long && !h.up {
		return h.good > 0 && h.good < policy.Recover
	}
	return h.outcome == monitor.Failed && h.count < policy.After
}

// lasts tells whether the run is one of failures that is as long as the policy
// asks for: one more says nothing new.
func (h History) lasts(policy monitor.Alert) bool {
	return h.outcome == monitor.Failed && h.count >= policy.After
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
