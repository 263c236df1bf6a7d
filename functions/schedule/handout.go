package schedule

import (
	"strconv"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// handout is what one slot hands out.
type handout struct {
	events   []events.Event
	checks   int // due times in them, over all locations
	lost     int // due times that were past when the slot was planned, likewise
	requests int // events of one location
	slowed   int // endpoints that are checked less often than defined
}

// entry is an endpoint with its due times, and its size in an event.
type entry struct {
	due  events.DueEndpoint
	size int
}

// part is what one event of a batch carries.
type part struct {
	batch, number int
	endpoints     []events.DueEndpoint
}

// handOut returns the events of the slot as it is planned at now: of what is
// past by then, only an endpoint's last due time is left, and that only if
// none is to come. Endpoints that are not due in the slot are watched: probe
// checks them when they close the connection that was kept. Those that have been
// down for long are due less often.
func (s *Schedule) handOut(r *roster, down states, slot, now monitor.Instant) handout {
	until := slot.Add(s.parts.Plan.Slot)
	var out handout
	var entries []entry
	for i := range r.members {
		m := &r.members[i]
		all, slowed := m.due(down, slot, until)
		due, lost := all.From(now)
		out.checks += due.Count
		out.lost += lost
		one := events.DueEndpoint{Endpoint: m.endpoint, Shard: m.shard, Due: due, Slowed: slowed}
		if slowed != nil {
			one.Endpoint.Interval = due.Every
			out.slowed++
		}
		entries = append(entries, entry{due: one, size: m.size})
	}
	parts := cut(entries, s.parts.Plan, r.largest)
	out.requests = len(parts)
	out.checks *= len(s.parts.Locations)
	out.lost *= len(s.parts.Locations)
	head := events.ProbeDue{Slot: slot, Until: until, Kind: monitor.Scheduled}
	out.events = eventsOf(head, parts, s.parts.Locations)
	return out
}

// cut divides the entries, which must be in order of shards, into batches and
// these into parts: as many batches as the requests in flight allow, given the
// parts that the fullest of them needs.
func cut(entries []entry, plan monitor.Plan, largest time.Duration) []part {
	for most := 1; ; {
		parts, fullest := cutInto(entries, plan, plan.BatchCount(largest, most))
		if fullest <= most {
			return parts
		}
		most = fullest
	}
}

// cutInto divides the entries into the number of batches. It also returns the
// number of parts of the batch that has the most.
func cutInto(entries []entry, plan monitor.Plan, batches int) (parts []part, fullest int) {
	size := 0
	for i := range entries {
		batch := plan.BatchOf(entries[i].due.Shard, batches)
		last := len(parts) - 1
		switch {
		case last < 0 || parts[last].batch != batch:
			parts, size = append(parts, part{batch: batch}), headRoom
		case size+entries[i].size > events.MaxDataBytes:
			parts, size = append(parts, part{batch: batch, number: parts[last].number + 1}), headRoom
		}
		size += entries[i].size
		last = len(parts) - 1
		parts[last].endpoints = append(parts[last].endpoints, entries[i].due)
		fullest = max(fullest, parts[last].number+1)
	}
	return parts, fullest
}

func eventsOf(head events.ProbeDue, parts []part, locations []string) []events.Event {
	out := make([]events.Event, 0, len(parts)*len(locations))
	for _, location := range locations {
		for _, p := range parts {
			due := head
			due.Location, due.Batch, due.Part, due.Endpoints = location, p.batch, p.number, p.endpoints
			out = append(out, events.New(events.TypeProbeDue, events.Head{
				ID: due.SlotID(), Source: "schedule", Key: strconv.Itoa(p.batch), Location: location,
			}, &due))
		}
	}
	return out
}
