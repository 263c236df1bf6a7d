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

// part is what one event of a batch carries: so many members from one on.
type part struct {
	batch, number int
	from, count   int
}

// handOut returns the events of the slot as it is planned at now: of what is
// past by then, only an endpoint's last due time is left, and that only if
// none is to come. Endpoints that are not due in the slot are watched: probe
// checks them when they close the connection that was kept. Those that have been
// down for long are due less often.
func (s *Schedule) handOut(r *roster, down states, slot, now monitor.Instant) handout {
	until := slot.Add(s.parts.Plan.Slot)
	var out handout
	dues := make([]events.DueEndpoint, len(r.members))
	for i := range r.members {
		m := &r.members[i]
		all, slowed := m.due(down, slot, until)
		due, lost := all.From(now)
		out.checks += due.Count
		out.lost += lost
		dues[i] = events.DueEndpoint{Endpoint: m.endpoint, Shard: m.shard, Due: due, Slowed: slowed}
		if slowed != nil {
			effective := *m.endpoint
			effective.Interval = due.Every
			dues[i].Endpoint = &effective
			out.slowed++
		}
	}
	parts := cut(r.members, s.parts.Plan, r.largest)
	out.requests = len(parts)
	out.checks *= len(s.parts.Locations)
	out.lost *= len(s.parts.Locations)
	head := events.ProbeDue{Slot: slot, Until: until, Kind: monitor.Scheduled}
	out.events = eventsOf(head, dues, parts, s.parts.Locations)
	return out
}

// cut divides the members, which are in order of shards, into batches and these
// into parts: as many batches as the requests in flight allow, given the parts
// that the fullest of them needs.
func cut(members []member, plan monitor.Plan, largest time.Duration) []part {
	for most := 1; ; {
		parts, fullest := cutInto(members, plan, plan.BatchCount(largest, most))
		if fullest <= most {
			return parts
		}
		most = fullest
	}
}

// cutInto divides the members into the number of batches. It also returns the
// number of parts of the batch that has the most.
func cutInto(members []member, plan monitor.Plan, batches int) (parts []part, fullest int) {
	size := 0
	for i := range members {
		batch := plan.BatchOf(members[i].shard, batches)
		last := len(parts) - 1
		switch {
		case last < 0 || parts[last].batch != batch:
			parts, size = append(parts, part{batch: batch, from: i}), headRoom
		case size+members[i].size > events.MaxDataBytes:
			parts, size = append(parts, part{batch: batch, number: parts[last].number + 1, from: i}), headRoom
		}
		size += members[i].size
		last = len(parts) - 1
		parts[last].count++
		fullest = max(fullest, parts[last].number+1)
	}
	return parts, fullest
}

// eventsOf returns the events of the parts, which share the due times.
func eventsOf(head events.ProbeDue, dues []events.DueEndpoint, parts []part, locations []string) []events.Event {
	out := make([]events.Event, 0, len(parts)*len(locations))
	for _, location := range locations {
		for _, p := range parts {
			due := head
			due.Location, due.Batch, due.Part = location, p.batch, p.number
			due.Endpoints = dues[p.from : p.from+p.count : p.from+p.count]
			out = append(out, events.New(events.TypeProbeDue, events.Head{
				ID: due.SlotID(), Source: "schedule", Key: strconv.Itoa(p.batch), Location: location,
			}, &due))
		}
	}
	return out
}
