package schedule

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Room in an event, in bytes: what one endpoint's due times, shard and
// cadence take at most, and what the event's other fields do.
const (
	dueRoom  = 256
	headRoom = 1024
)

// roster is the catalog as the scheduler needs it.
type roster struct {
	revision int64
	members  []member // by shard, then key
	largest  time.Duration
	slowable []int // the shards that hold an endpoint whose cadence adapts
}

// member is an endpoint that can be checked.
type member struct {
	key      string
	shard    int
	size     int // of its entry in an event, at most
	endpoint *monitor.Endpoint
}

// fault is a definition that cannot be checked.
type fault struct {
	key string
	err error
}

func newRoster(catalog monitor.Catalog, plan monitor.Plan) (*roster, []fault) {
	r := &roster{revision: catalog.Revision, members: make([]member, 0, len(catalog.Endpoints))}
	var faults []fault
	for i := range catalog.Endpoints {
		endpoint := &catalog.Endpoints[i]
		m, err := newMember(endpoint, plan)
		if err != nil {
			faults = append(faults, fault{endpoint.Key(), err})
			continue
		}
		r.members = append(r.members, m)
		r.largest = max(r.largest, endpoint.Timeout.D())
	}
	slices.SortFunc(r.members, func(a, b member) int {
		return cmp.Or(cmp.Compare(a.shard, b.shard), cmp.Compare(a.key, b.key))
	})
	for i := range r.members {
		m := &r.members[i]
		if last := len(r.slowable) - 1; m.slowable() && (last < 0 || r.slowable[last] != m.shard) {
			r.slowable = append(r.slowable, m.shard)
		}
	}
	return r, faults
}

// newMember returns the endpoint as a member, or Invalid if no batch can hold it.
func newMember(e *monitor.Endpoint, plan monitor.Plan) (member, error) {
	most := monitor.InFlight*plan.Slot - 2*plan.Slot
	switch {
	case e.Interval.D() < monitor.MinInterval || e.Interval.D() > monitor.MaxInterval:
		return member{}, monitor.FieldErrorf("interval", "must be between %s and %s, got %s",
			monitor.Duration(monitor.MinInterval), monitor.Duration(monitor.MaxInterval), e.Interval)
	case e.Timeout <= 0 || e.Timeout.D() > most:
		return member{}, monitor.FieldErrorf("timeout", "must be above 0 and, with slots of %s, at most %s, got %s",
			monitor.Duration(plan.Slot), monitor.Duration(most), e.Timeout)
	}
	data, err := json.Marshal(e)
	if err != nil {
		return member{}, monitor.Wrap(monitor.Invalid, err, "the definition cannot be written as JSON")
	}
	if len(data)+dueRoom+headRoom > events.MaxDataBytes {
		return member{}, monitor.Errorf(monitor.Invalid, "the definition takes %d bytes, more than an event holds: shorten its body", len(data))
	}
	key := e.Key()
	return member{key: key, shard: monitor.ShardOf(key, plan.Shards), size: len(data) + dueRoom, endpoint: e}, nil
}

// checks returns how many checks are due in [from, to) at one location.
func (r *roster) checks(down states, from, to monitor.Instant) int {
	count := 0
	for i := range r.members {
		due, _ := r.members[i].due(down, from, to)
		count += due.Count
	}
	return count
}
