package monitor

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// State is what is believed of an endpoint that is not plainly up: no state
// means up, or, without any result, not checked yet. The zero value of all but
// Endpoint and Health is where every endpoint starts; see NewState.
type State struct {
	Endpoint string             `json:"endpoint"`
	Health   Health             `json:"health"`
	Since    Instant            `json:"since,omitempty"` // back-dated; 0: as far back as is known
	Reason   string             `json:"reason,omitempty"`
	Bad      Streak             `json:"bad,omitzero"`       // failed checks in a row
	Good     Streak             `json:"good,omitzero"`      // passed or degraded checks in a row
	Slow     Streak             `json:"slow,omitzero"`      // degraded checks in a row
	Quick    Streak             `json:"quick,omitzero"`     // passed checks in a row
	Tally    Tally              `json:"tally,omitzero"`     // since it was plainly up
	Noted    Instant            `json:"noted,omitempty"`    // due time of the last result that was more than a pass while plainly up
	Seen     map[string]Instant `json:"seen"`               // per location: due time of the last result that was decided on
	Incident *Incident          `json:"incident,omitempty"` // open
	URL      string             `json:"url,omitempty"`      // of the endpoint, when the incident opened
	Told     []string           `json:"told,omitempty"`     // the channels that are told of the incident, fixed when it opened
}

// Streak is a run of like checks.
type Streak struct {
	Count    int      `json:"count"`
	First    Instant  `json:"first"`
	Reason   string   `json:"reason,omitempty"` // of its first check
	Fault    Fault    `json:"fault,omitempty"`  // of its first check
	Saw      Sight    `json:"saw,omitzero"`     // by its first check
	Evidence []string `json:"evidence,omitempty"`
}

// KeepRecovered is how long, in due time, an endpoint that is plainly up again
// keeps its state, so that results that come twice are still known as such.
const KeepRecovered = time.Hour

// NewState returns the state of an endpoint of which nothing is stored.
func NewState(endpoint string) State { return State{Endpoint: endpoint, Health: Up} }

// Next returns the state after one more result, and the transition if the
// health changed. Results of one location must come in due order: one at or
// before the last is ignored, and so are manual and unknown ones.
//
// Failing checks in a row make the endpoint down when there are policy.After
// of them and they span policy.For; as many degraded ones make it degraded.
// Good checks in a row, policy.Recover of them, end that: the endpoint is up,
// or degraded where the last ones were.
func (s State) Next(r *Result, policy Alert) (State, *Transition) {
	if !r.Kind.Counts() || r.Outcome == OutcomeUnknown || r.Due <= s.Seen[r.Location] {
		return s, nil
	}
	if !s.quiet() || r.Outcome != Passed {
		s.Noted = max(s.Noted, r.Due)
	}
	s.see(r)
	if s.quiet() {
		s.Tally = Tally{}
	}
	s.count(r)
	to, streak := s.verdict(r.Due, policy)
	if to == Up {
		s.Good, s.Quick = Streak{}, Streak{}
	}
	if to == s.Health {
		return s, nil
	}
	change := &Transition{
		From: s.Health, To: to, At: streak.First, Decided: r.Due,
		Reason: streak.reason(to), Fault: streak.Fault, Saw: streak.Saw, Evidence: streak.Evidence,
	}
	s.Health, s.Since, s.Reason = to, streak.First, change.Reason
	return s, change
}

func (s *State) see(r *Result) {
	s.Seen = maps.Clone(s.Seen)
	if s.Seen == nil {
		s.Seen = map[string]Instant{}
	}
	s.Seen[r.Location] = r.Due
}

func (s *State) count(r *Result) {
	if !s.quiet() || r.Outcome != Passed {
		s.Tally = s.Tally.with(r)
	}
	if !r.Outcome.Good() {
		s.Bad = s.Bad.with(r)
		s.Good, s.Slow, s.Quick = Streak{}, Streak{}, Streak{}
		return
	}
	s.Bad = Streak{}
	s.Good = s.Good.with(r)
	if r.Outcome == OutcomeDegraded {
		s.Slow, s.Quick = s.Slow.with(r), Streak{}
	} else {
		s.Slow, s.Quick = Streak{}, s.Quick.with(r)
	}
}

func (s *State) verdict(due Instant, policy Alert) (Health, Streak) {
	after := max(policy.After, 1)
	switch {
	case s.Bad.Count >= after && due.Sub(s.Bad.First) >= policy.For.D():
		return Down, s.Bad
	case s.Bad.Count > 0:
		return s.Health, s.Bad
	default:
		return s.recovery(after, max(policy.Recover, 1))
	}
}

// recovery is the verdict on a run of good checks.
func (s *State) recovery(after, recover int) (Health, Streak) {
	grave := s.Health == Down || s.Health == Unknown && s.Incident != nil
	switch {
	case grave && s.Good.Count < recover:
		return s.Health, s.Good
	case grave && s.Slow.Count >= min(after, recover), s.Slow.Count >= after:
		return Degraded, s.Slow
	case s.Health == Degraded && s.Quick.Count < recover:
		return Degraded, s.Slow
	case s.Health == Degraded:
		return Up, s.Quick
	default:
		return Up, s.Good
	}
}

// Silent returns the state after now passed without a conclusive result since
// last, and the transition to unknown if that is too long: three effective
// intervals, and three slots. Reason says what is known of the cause, and may
// be empty.
func (s State) Silent(last, now Instant, interval, slot time.Duration, reason string) (State, *Transition) {
	limit := max(3*interval, 3*slot)
	if s.Health == Unknown || last == 0 || now.Sub(last) < limit {
		return s, nil
	}
	text := fmt.Sprintf("no conclusive result for %s", Duration(limit))
	if reason != "" {
		text += ": " + reason
	}
	change := &Transition{From: s.Health, To: Unknown, At: last, Decided: now, Reason: text}
	s.Health, s.Since, s.Reason, s.Noted = Unknown, last, text, max(s.Noted, now)
	s.Bad, s.Good, s.Slow, s.Quick = Streak{}, Streak{}, Streak{}, Streak{}
	return s, change
}

// Plain tells whether the state says no more than "up", and may be forgotten,
// once the endpoint has been seen up to the due time last.
func (s State) Plain(last Instant) bool { return s.quiet() && last.Sub(s.Noted) >= KeepRecovered }

// Matters tells whether the step from before to s must be saved before its
// result is acknowledged. A pass while plainly up need not: seeing it again, or
// never again, changes nothing, and every other result that was decided on lies
// at or before a saved Seen.
func (s State) Matters(before State) bool {
	if s.quiet() && before.quiet() {
		return false
	}
	return s.Health != before.Health || !maps.Equal(s.Seen, before.Seen)
}

// quiet tells whether the endpoint is up and nothing speaks against it.
func (s *State) quiet() bool {
	return s.Health == Up && s.Bad.Count == 0 && s.Slow.Count == 0 && s.Incident == nil
}

func (s Streak) with(r *Result) Streak {
	if s.Count == 0 {
		s = Streak{First: r.Due, Reason: r.Reason, Fault: r.Fault, Saw: sightOf(r)}
	}
	s.Count++
	if len(s.Evidence) < MaxEvidence {
		s.Evidence = append(slices.Clip(s.Evidence), r.ID().String())
	}
	return s
}

func (s Streak) reason(to Health) string {
	checks := fmt.Sprintf("%d checks in a row", s.Count)
	if s.Count == 1 {
		checks = "1 check"
	}
	switch to {
	case Down:
		return fmt.Sprintf("%s failed: %s", checks, s.Reason)
	case Degraded:
		return fmt.Sprintf("%s degraded: %s", checks, s.Reason)
	default:
		return checks + " passed"
	}
}
