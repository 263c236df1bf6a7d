package query

import (
	"slices"
)

// frame is what one client or audience is told at one position: some events.
// The last one has the position's ID and those before it that of the position
// before: a client that is cut in between gets the rest again.
type frame struct {
	before, id string
	events     [][]byte // from their "event:" on
}

func (f *frame) add(kind string, data any) { f.events = append(f.events, eventOf(kind, data)) }

func (f *frame) addEndpoints(parts ...[]LiveEndpoint) {
	if all := slices.Concat(parts...); len(all) > 0 {
		f.add(liveEndpoints, all)
	}
}

// eventOf returns the event's text, all but its ID.
func eventOf(kind string, data any) []byte {
	text := append([]byte("event: "+kind+"\ndata: "), encoded(data)...)
	return append(text, '\n', '\n')
}

// bytes returns the frame's text; nil if it holds no event.
func (f *frame) bytes() []byte {
	var text []byte
	for i, event := range f.events {
		id := f.before
		if i == len(f.events)-1 {
			id = f.id
		}
		text = append(text, "id: "+id+"\n"...)
		text = append(text, event...)
	}
	return text
}

// tell sends the news to everyone, and keeps what those who come back need.
func (h *hub) tell(c *collected) {
	if !c.any {
		return
	}
	common := h.remember(c)
	for _, a := range h.audiences {
		f := frame{before: h.idOf(c.position - 1), id: h.idOf(c.position), events: slices.Clip(common)}
		f.addEndpoints(c.beliefs, a.of(c.results))
		if text := f.bytes(); text != nil {
			h.send(a, text)
		}
	}
}

// remember returns the events that everyone gets.
func (h *hub) remember(c *collected) [][]byte {
	var common frame
	if h.counts != c.counts {
		h.counts = c.counts
		common.add(liveCounts, c.counts)
	}
	if c.resync {
		h.resynced = c.position
		common.add(liveResync, struct{}{})
	}
	if c.catalog {
		h.cataloged = c.position
		common.add(liveCatalog, LiveCatalog{Revision: c.revision})
	}
	for i := range c.incidents {
		event := eventOf(liveIncident, h.view(&c.incidents[i]))
		common.events = append(common.events, event)
		h.incidents = append(h.incidents, toldIncident{c.position, event})
	}
	if surplus := len(h.incidents) - maxToldIncidents; surplus > 0 {
		h.forgotten = h.incidents[surplus-1].position
		h.incidents = slices.Delete(h.incidents, 0, surplus)
	}
	return common.events
}

func (a *audience) of(results []LiveEndpoint) []LiveEndpoint {
	var own []LiveEndpoint
	for i := range results {
		if a.ids[results[i].Key] {
			own = append(own, results[i])
		}
	}
	return own
}

func (h *hub) send(a *audience, text []byte) {
	for one := range a.clients {
		select {
		case one.frames <- text:
		default:
			h.meters.cut.Inc()
			h.remove(one)
		}
	}
}

// opening returns the frame with which a stream begins: the counts, all that
// changed behind the position since, and the endpoints that the client names.
func (h *hub) opening(c *collected, since uint64, stale bool) []byte {
	id := h.idOf(c.position)
	f := frame{before: id, id: id}
	f.add(liveCounts, c.counts)
	switch {
	case stale:
		h.meters.resyncs.Inc()
		f.add(liveResync, struct{}{})
		f.addEndpoints(c.named)
	default:
		f.before = h.idOf(min(since, c.position))
		h.addMissed(&f, c, since)
		f.addEndpoints(c.since, c.named)
	}
	return f.bytes()
}

func (h *hub) addMissed(f *frame, c *collected, since uint64) {
	if h.cataloged > since {
		f.add(liveCatalog, LiveCatalog{Revision: c.revision})
	}
	for i := range h.incidents {
		if h.incidents[i].position > since {
			f.events = append(f.events, h.incidents[i].event)
		}
	}
}
