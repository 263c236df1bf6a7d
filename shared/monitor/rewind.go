package monitor

import "maps"

// NotAfter returns the state with every mark that lies behind latest moved back
// to it, and how many did. A mark says up to when results have been decided on;
// after the clock was set back, one from before would have all results ignored
// until the time comes again. Runs of checks that began there begin anew. The
// state itself does not change.
func (s ShardState) NotAfter(latest Instant) (ShardState, int) {
	moved := 0
	if s.Decided > latest {
		s.Decided = latest
		moved++
	}
	var states map[string]State
	for endpoint, state := range s.States {
		back, count := state.notAfter(latest)
		if count == 0 {
			continue
		}
		if states == nil {
			states = maps.Clone(s.States)
		}
		states[endpoint] = back
		moved += count
	}
	if states != nil {
		s.States = states
	}
	return s, moved
}

func (s State) notAfter(latest Instant) (State, int) {
	moved := 0
	for location, at := range s.Seen {
		if at <= latest {
			continue
		}
		if moved == 0 {
			s.Seen = maps.Clone(s.Seen)
		}
		s.Seen[location] = latest
		moved++
	}
	s.Noted, s.Since = min(s.Noted, latest), min(s.Since, latest)
	for _, streak := range []*Streak{&s.Bad, &s.Good, &s.Slow, &s.Quick} {
		if streak.First > latest {
			*streak = Streak{}
		}
	}
	return s, moved
}
