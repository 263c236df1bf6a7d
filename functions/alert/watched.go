package alert

import "github.com/api-endpoint-monitor/monitor/shared/monitor"

// watched is an endpoint with what this process has seen of it.
type watched struct {
	endpoint *monitor.Endpoint
	since    monitor.Instant // when this process began to watch this definition
	seen     []sighting      // one a location
	excuse   excuse
}

type sighting struct {
	location string
	due      monitor.Instant // of the newest conclusive result
}

// excuse is the newest result that says nothing of the endpoint, and why.
type excuse struct {
	due    monitor.Instant
	reason string
}

// redefined returns what is watched under a definition that may have changed.
func (w *watched) redefined(e *monitor.Endpoint, now monitor.Instant) *watched {
	next := &watched{endpoint: e, since: now}
	if w != nil {
		next.seen, next.excuse = w.seen, w.excuse
		if w.endpoint.Revision == e.Revision {
			next.since = w.since
		}
	}
	return next
}

// lastAt returns the due time of the newest conclusive result from a location.
func (w *watched) lastAt(location string) monitor.Instant {
	for i := range w.seen {
		if w.seen[i].location == location {
			return w.seen[i].due
		}
	}
	return 0
}

// last returns the due time of the newest conclusive result.
func (w *watched) last() (due monitor.Instant) {
	for i := range w.seen {
		due = max(due, w.seen[i].due)
	}
	return due
}

// saw notes a result.
func (w *watched) saw(r *monitor.Result) {
	switch {
	case !r.Kind.Counts():
		return
	case r.Outcome == monitor.OutcomeUnknown:
		if r.Due >= w.excuse.due {
			w.excuse = excuse{r.Due, r.Reason}
		}
		return
	}
	for i := range w.seen {
		if w.seen[i].location == r.Location {
			w.seen[i].due = max(w.seen[i].due, r.Due)
			return
		}
	}
	w.seen = append(w.seen, sighting{r.Location, r.Due})
}
