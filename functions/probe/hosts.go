package probe

// hosts lets so many looks go to one host at once. The checks beyond that wait
// in a line of their own and hold no worker meanwhile: what a host delays is
// its own checks. It is guarded by its crew.
type hosts struct {
	limit int // 0: any number
	of    func(check) string
	known map[string]*visits
}

// visits are the looks at one host.
type visits struct {
	under int // way, or in the crew's line
	line  line
}

func newHosts(limit int, of func(check) string) hosts {
	return hosts{limit: limit, of: of, known: map[string]*visits{}}
}

// enter tells whether the look may go to its host. If not, it waits in line.
func (h *hosts) enter(next check) bool {
	if h.limit <= 0 {
		return true
	}
	host := h.of(next)
	at := h.known[host]
	if at == nil {
		at = &visits{}
		h.known[host] = at
	}
	if at.under >= h.limit {
		at.line.add(next.wait())
		return false
	}
	at.under++
	return true
}

// full tells whether no more looks may go to the check's host.
func (h *hosts) full(of check) bool {
	at := h.known[h.of(of)]
	return at != nil && at.under >= h.limit
}

// leave says that a look is over, and returns the check whose turn it
// is then at its host; nil, if none waits.
func (h *hosts) leave(last check) *check {
	if h.limit <= 0 {
		return nil
	}
	at := h.known[h.of(last)]
	next := at.line.take()
	if next == nil {
		at.under--
	}
	return next
}

// drop takes the checks of a round out of the hosts' lines.
func (h *hosts) drop(of *round) (dropped []*check) {
	for _, at := range h.known {
		dropped = append(dropped, at.line.drop(of)...)
	}
	return dropped
}

// forget lets go of the hosts at which nobody looks.
func (h *hosts) forget() {
	for host, at := range h.known {
		if at.under == 0 {
			delete(h.known, host)
		}
	}
}
