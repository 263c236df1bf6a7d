package query

import (
	"cmp"
	"strings"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// definition is what never changes of an endpoint between two revisions of the
// catalog. It is shared and never written to.
type definition struct {
	endpoint *monitor.Endpoint
	key      string
	shard    int
	opening  []byte // of its summary's JSON: all that does not change
}

func newDefinition(endpoint *monitor.Endpoint, shards int) *definition {
	key := endpoint.Key()
	return &definition{
		endpoint: endpoint,
		key:      key,
		shard:    monitor.ShardOf(key, shards),
		opening:  summaryOpening(endpoint),
	}
}

// mentions tells whether the text, in lower case, is in what a search looks through.
func (d *definition) mentions(text string) bool {
	return strings.Contains(d.key, text) || strings.Contains(strings.ToLower(d.endpoint.Name), text) ||
		strings.Contains(strings.ToLower(d.endpoint.HTTP.URL), text)
}

// belief is what is believed of an endpoint.
type belief struct {
	health   monitor.Health
	since    monitor.Instant
	reason   string
	incident string // ID of the open one
}

// notChecked is what is believed of an endpoint before its first conclusive
// result.
const notChecked = "not checked yet"

// row is one endpoint in memory.
type row struct {
	*definition
	belief
	open       *open  // nil: no incident is
	changed    uint64 // the position at which the belief last changed
	last       newest
	conclusive bool // some result said something about the endpoint
	cells      cells
}

func newRow(d *definition) *row {
	return &row{definition: d, belief: belief{health: monitor.Unknown, reason: notChecked}}
}

// plain returns what is believed of an endpoint of which alert keeps nothing:
// it is up, if it was seen at all. What is known already of such a belief
// stays.
func (r *row) plain() belief {
	if !r.conclusive {
		return belief{health: monitor.Unknown, reason: cmp.Or(r.last.reason(), notChecked)}
	}
	if r.health == monitor.Up && r.incident == "" {
		return r.belief
	}
	return belief{health: monitor.Up}
}

func beliefOf(state *monitor.State) belief {
	b := belief{health: state.Health, since: state.Since, reason: state.Reason}
	if state.Incident != nil {
		b.incident = state.Incident.ID
	}
	return b
}

// see enters a result of the location with that number, if it is not there
// yet, and says where its cell went.
func (r *row) see(result *monitor.Result, location string, number int) place {
	where := r.place(result, number)
	if where == nowhere {
		return nowhere
	}
	r.conclusive = r.conclusive || result.Outcome != monitor.OutcomeUnknown
	if result.Due >= r.last.due {
		r.last.see(result, r.key, location)
	}
	return where
}

// place enters the result's cell. Only scheduled checks have one: the history
// of an endpoint is drawn in steps of its interval.
func (r *row) place(result *monitor.Result, number int) place {
	switch {
	case result.Kind == monitor.Scheduled:
		return r.cells.add(newCell(result.Due, number, result.Outcome))
	case result.Due > r.last.due:
		return aside
	default:
		return nowhere
	}
}

// compact returns the result without what would keep the event alive that it
// came in: the texts of one event share their bytes. Its extract goes too: only
// lists of results show one. Its reason is often the one before.
func compact(result *monitor.Result, key, location, reason string) monitor.Result {
	kept := *result
	kept.Endpoint, kept.Location = key, location
	kept.Kind = known(kept.Kind, monitor.Scheduled, monitor.Confirm, monitor.Connection, monitor.Manual)
	kept.Outcome = known(kept.Outcome, monitor.Passed, monitor.OutcomeDegraded, monitor.Failed, monitor.OutcomeUnknown)
	kept.Fault = known(kept.Fault, monitor.FaultNone, monitor.FaultSkipped, monitor.FaultOverrun)
	kept.Reason, kept.Extract = known(kept.Reason, reason), ""
	if kept.Unmet != nil {
		kept.Unmet = make([]monitor.Unmet, len(result.Unmet))
		for i, unmet := range result.Unmet {
			kept.Unmet[i] = monitor.Unmet{
				Expectation: strings.Clone(unmet.Expectation), Want: strings.Clone(unmet.Want), Got: strings.Clone(unmet.Got),
			}
		}
	}
	return kept
}

// known returns the one of the texts that equals value, else a copy of value.
func known[T ~string](value T, texts ...T) T {
	for _, text := range texts {
		if text == value {
			return text
		}
	}
	return T(strings.Clone(string(value)))
}
