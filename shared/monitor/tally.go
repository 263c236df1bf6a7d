package monitor

import "slices"

// Tally is an outage in numbers: the checks that counted since the endpoint was
// plainly up.
type Tally struct {
	Since  Instant `json:"since"` // due time of the first of them
	Checks int     `json:"checks"`
	Failed int     `json:"failed,omitempty"`
	Micros int64   `json:"us,omitempty"` // how long the last of them took
}

func (t Tally) with(r *Result) Tally {
	if t.Checks == 0 {
		t.Since = r.Due
	}
	t.Checks++
	if !r.Outcome.Good() {
		t.Failed++
	}
	t.Micros = r.Micros
	return t
}

// Sight is what one check saw, as far as people are told of it.
type Sight struct {
	Status int     `json:"status,omitempty"` // HTTP; 0: there was no answer
	Micros int64   `json:"us,omitempty"`
	Unmet  []Unmet `json:"unmet,omitempty"` // MaxUnmet at most
}

// MaxUnmet is how many missed expectations a transition tells of its first
// check.
const MaxUnmet = 5

func sightOf(r *Result) Sight {
	return Sight{Status: r.Status, Micros: r.Micros, Unmet: slices.Clone(r.Unmet[:min(len(r.Unmet), MaxUnmet)])}
}
