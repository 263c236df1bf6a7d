package monitor

import (
	"fmt"
	"slices"
	"strconv"
)

// Incident lasts from the transition to down until the one to up, whatever
// lies between.
type Incident struct {
	ID        string       `json:"id"`
	Namespace string       `json:"namespace"`
	Endpoint  string       `json:"endpoint"`        // key
	Name      string       `json:"name"`            // the endpoint's, when the incident opened
	Started   Instant      `json:"started"`         // due time of the first failing check
	Ended     Instant      `json:"ended,omitempty"` // due time of the first good check after it; 0 while open
	Reason    string       `json:"reason"`
	Fault     Fault        `json:"fault,omitempty"`
	Sequence  int          `json:"sequence"` // of its last change, from 1
	Timeline  []Transition `json:"timeline"` // oldest first, MaxTimeline at most: the first and the newest ones
}

// MaxTimeline is how many transitions an incident keeps.
const MaxTimeline = 100

// Change says what became of an incident.
type Change string

// The changes.
const (
	Opened   Change = "opened"
	Updated  Change = "updated" // its endpoint's health changed, but not to up
	Resolved Change = "resolved"
)

// IncidentChange is one step in an incident's life, as it is told.
type IncidentChange struct {
	Shard      int        `json:"shard"`
	Change     Change     `json:"change"`
	Transition Transition `json:"transition"`
	Incident   Incident   `json:"incident"`           // after the change
	URL        string     `json:"url,omitempty"`      // of the endpoint
	Channels   []string   `json:"channels,omitempty"` // names in the incident's namespace
	Tally      Tally      `json:"tally,omitzero"`     // the outage in numbers, up to the change
	Decided    Instant    `json:"decided"`            // when the decision was made, by the clock of alert
}

// ID is the identity of the change: incident-sequence.
func (c *IncidentChange) ID() string { return c.Incident.ID + "-" + strconv.Itoa(c.Incident.Sequence) }

// IncidentID returns the ID of the incident of an endpoint that started at the
// given time: opening it twice gives the same ID.
func IncidentID(endpoint string, started Instant) string {
	return fmt.Sprintf("%016x%s", hash64(endpoint), strconv.FormatInt(int64(started), 36))
}

// Track returns the state with its incident carried on by the transition, and
// what is to be told of it; nil where the transition touches no incident.
// Shard and Decided of the change are left to the caller.
//
// Who is told is fixed when the incident opens: whoever heard of the opening
// hears of the end, even if the endpoint is changed or removed meanwhile.
func (s State) Track(e *Endpoint, t *Transition) (State, *IncidentChange) {
	if t == nil || (s.Incident == nil && t.To != Down) {
		return s, nil
	}
	change := Updated
	if s.Incident == nil {
		change = Opened
		s.Incident = &Incident{
			ID: IncidentID(s.Endpoint, t.At), Namespace: NamespaceOf(s.Endpoint), Endpoint: s.Endpoint,
			Name: e.Name, Started: t.At, Reason: t.Reason, Fault: t.Fault,
		}
		s.URL, s.Told = e.HTTP.URL, e.Alert.Channels
	}
	next := *s.Incident
	next.Sequence++
	next.Timeline = appendBounded(next.Timeline, *t)
	s.Incident = &next
	out := &IncidentChange{Change: change, Transition: *t, URL: s.URL, Channels: s.Told, Tally: s.Tally}
	if t.To == Up {
		out.Change, next.Ended = Resolved, max(t.At, next.Started)
		s.Incident, s.URL, s.Told = nil, "", nil
	}
	out.Incident = next
	return s, out
}

// Retire returns the transition that ends what is believed of an endpoint that
// is no longer watched.
func (s State) Retire(now Instant) *Transition {
	at := max(now, s.Since)
	return &Transition{From: s.Health, To: Up, At: at, Decided: at, Reason: "the endpoint is no longer watched"}
}

func appendBounded(timeline []Transition, t Transition) []Transition {
	if len(timeline) < MaxTimeline {
		return append(slices.Clip(timeline), t)
	}
	kept := make([]Transition, 0, MaxTimeline)
	kept = append(kept, timeline[:MaxTimeline/2]...)
	kept = append(kept, timeline[MaxTimeline/2+1:]...)
	return append(kept, t)
}

// ShardState is what alert keeps of one shard, written whole by
// compare-and-swap.
type ShardState struct {
	Shard    int              `json:"shard"`
	States   map[string]State `json:"states"`            // by endpoint; those that are not plainly up
	Outbox   []IncidentChange `json:"outbox,omitempty"`  // decided but not yet emitted, in order
	Decided  Instant          `json:"decided,omitempty"` // every result that arrived before it has been decided on
	Revision int64            `json:"-"`                 // as read; 0 where nothing is stored yet
}
