package monitor

import "time"

// Notice is one incident change to be told to one channel.
type Notice struct {
	Incident string         `json:"incident"`
	Sequence int            `json:"sequence"`
	Channel  string         `json:"channel"` // key: namespace/name
	Shard    int            `json:"shard"`
	Change   IncidentChange `json:"change"`
	Created  Instant        `json:"created"`
	Attempts int            `json:"attempts,omitempty"`
	NextTry  Instant        `json:"next_try,omitempty"` // not before; 0: at once
	Lease    Instant        `json:"lease,omitempty"`    // until then one sender holds it
	Sent     Instant        `json:"sent,omitempty"`     // when the last attempt began
	Accepted Instant        `json:"accepted,omitempty"` // when the provider took it
	Receipt  string         `json:"receipt,omitempty"`  // the provider's word for it
	GivenUp  Instant        `json:"given_up,omitempty"` // when it expired or could never be delivered
	Error    string         `json:"error,omitempty"`    // of the last attempt; safe for people
	Revision int64          `json:"-"`                  // as read; 0 where it is not stored yet
}

// Delivery is one attempt to tell a notice to its channel.
type Delivery struct {
	Channel Channel
	Notice  Notice
	Thread  string // the receipt of the newest notice of its incident before it that the channel accepted; may be empty
}

// NoticeExpiry is how long a notice is tried.
const NoticeExpiry = 24 * time.Hour

// NoticeKey names a notice.
type NoticeKey struct {
	Incident string
	Sequence int
	Channel  string
}

// Key returns the notice's name.
func (n *Notice) Key() NoticeKey { return NoticeKey{n.Incident, n.Sequence, n.Channel} }

// Pending tells whether the notice is still to be delivered.
func (n *Notice) Pending() bool { return n.Accepted == 0 && n.GivenUp == 0 }

// Notices returns the notices that a change asks for, one a channel; Hears says
// which channels take them. Those of an update hold no more of the incident's
// timeline than its opening, and there are none of an update beyond MaxTimeline:
// an endpoint that keeps changing fills neither the store nor a conversation.
func (c *IncidentChange) Notices(now Instant) []Notice {
	told := *c
	if c.Change == Updated {
		if c.Incident.Sequence > MaxTimeline {
			return nil
		}
		told.Incident.Timeline = c.Incident.Timeline[:min(len(c.Incident.Timeline), 1)]
	}
	notices := make([]Notice, 0, len(c.Channels))
	for _, name := range c.Channels {
		notices = append(notices, Notice{
			Incident: c.Incident.ID, Sequence: c.Incident.Sequence, Shard: c.Shard,
			Channel: c.Incident.Namespace + "/" + name, Change: told, Created: now,
		})
	}
	return notices
}

// Sendable returns those of the pending notices that may be sent now: the
// first of each incident and channel, when its next try has come and nobody
// holds it. An endpoint's earlier incident goes before its later one, unless
// its notice waits for another try: one that a provider keeps refusing holds
// back no new outage. Notices must be ordered by incident, channel and sequence.
func Sendable(pending []Notice, now Instant) []Notice {
	type line struct{ endpoint, channel string }
	var fronts []*Notice
	first := map[line]Instant{} // the start of the incident whose turn it is
	var before NoticeKey
	for i := range pending {
		n := &pending[i]
		front := n.Incident != before.Incident || n.Channel != before.Channel
		before = n.Key()
		if !front || !n.Pending() || n.NextTry > now {
			continue
		}
		fronts = append(fronts, n)
		of, started := line{n.Change.Incident.Endpoint, n.Channel}, n.Change.Incident.Started
		if earliest, known := first[of]; !known || started < earliest {
			first[of] = started
		}
	}
	var ready []Notice
	for _, n := range fronts {
		if turn := first[line{n.Change.Incident.Endpoint, n.Channel}]; n.Lease <= now && n.Change.Incident.Started == turn {
			ready = append(ready, *n)
		}
	}
	return ready
}

// Backoff returns how long to wait after the given number of failed attempts:
// 1 s, doubled each time, 5 min at most, and at least what the provider asks.
func Backoff(attempts int, asked time.Duration) time.Duration {
	wait := 5 * time.Minute
	if attempts < 9 {
		wait = time.Second << max(attempts-1, 0)
	}
	return max(wait, asked)
}
