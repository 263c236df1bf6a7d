package query

import (
	"crypto/rand"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// hub tells the live stream's clients what has changed. What it tells is the
// state of things, not a log: a client that comes back gets all that changed
// behind its position, however old that is. Only incidents are kept as they
// came, so a client that missed too many of them must fetch everything again.
//
// Clients that name the same endpoints are one audience, for which each frame
// is encoded once. A client that does not keep up is cut; it comes back and
// resumes. The hub's lock is taken before the memory's.
type hub struct {
	mu        sync.Mutex
	memory    *memory
	view      func(*monitor.IncidentChange) IncidentView
	meters    *meters
	run       string // this process run: positions of another mean nothing
	closed    bool
	audiences map[string]*audience
	wanted    map[string]int // how many audiences name an endpoint

	incidents []toldIncident
	forgotten uint64     // up to this position incidents are not kept any more
	resynced  uint64     // at this position results were missed
	cataloged uint64     // at this position the catalog changed
	counts    LiveCounts // as last told
}

// toldIncident is an incident as it was told at a position.
type toldIncident struct {
	position uint64
	event    []byte
}

// maxToldIncidents is how many incident changes are kept for clients that come
// back.
const maxToldIncidents = 1000

// audience is the clients that name the same endpoints.
type audience struct {
	ids     map[string]bool
	clients map[*client]bool
}

// client is one open stream.
type client struct {
	frames   chan []byte
	cut      chan struct{} // closed: the stream ends now
	audience *audience
	name     string // of its audience
}

// maxFrames is how many frames wait for one client.
const maxFrames = 64

func newHub(m *memory, view func(*monitor.Incident) IncidentView, meters *meters, run string) *hub {
	return &hub{
		memory: m, view: func(c *monitor.IncidentChange) IncidentView { return view(&c.Incident) }, meters: meters, run: run,
		audiences: map[string]*audience{}, wanted: map[string]int{},
	}
}

// runName returns a name for this process run, which no other has: clients go
// from one process to another with the positions that they have.
func runName() string { return rand.Text()[:12] }

// flush tells all clients the news, if there are any, as they look now.
func (h *hub) flush(now monitor.Instant) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tell(h.memory.collect(h.wanted, nil, now))
}

// join adds a client that has seen everything up to the event with the ID last
// ("" for a new one) and returns it with the frame that it gets first. It
// returns nil once the hub is closed.
func (h *hub) join(ids []string, last string, now monitor.Instant) (*client, []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, nil
	}
	since, ours := h.positionOf(last)
	if last == "" {
		since, ours = math.MaxUint64, true
	}
	c := h.memory.collect(h.wanted, &joining{ids: ids, since: since}, now)
	h.tell(c)
	stale := last != "" && (!ours || since < h.forgotten || since < h.resynced || since > c.position)
	return h.enter(ids), h.opening(c, since, stale)
}

func (h *hub) enter(ids []string) *client {
	name := strings.Join(ids, ",")
	a, ok := h.audiences[name]
	if !ok {
		a = &audience{ids: map[string]bool{}, clients: map[*client]bool{}}
		for _, id := range ids {
			a.ids[id] = true
			h.wanted[id]++
		}
		h.audiences[name] = a
	}
	one := &client{frames: make(chan []byte, maxFrames), cut: make(chan struct{}), audience: a, name: name}
	a.clients[one] = true
	h.meters.clients.Inc()
	return one
}

// leave removes the client; a second time changes nothing.
func (h *hub) leave(one *client) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.remove(one)
}

func (h *hub) remove(one *client) {
	a := one.audience
	if !a.clients[one] {
		return
	}
	delete(a.clients, one)
	close(one.cut)
	h.meters.clients.Dec()
	if len(a.clients) > 0 {
		return
	}
	delete(h.audiences, one.name)
	for id := range a.ids {
		if h.wanted[id]--; h.wanted[id] == 0 {
			delete(h.wanted, id)
		}
	}
}

// close ends all streams, and those that are still to come.
func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for _, a := range h.audiences {
		for one := range a.clients {
			h.remove(one)
		}
	}
}

func (h *hub) idOf(position uint64) string { return h.run + "-" + strconv.FormatUint(position, 10) }

func (h *hub) positionOf(id string) (uint64, bool) {
	digits, found := strings.CutPrefix(id, h.run+"-")
	position, err := strconv.ParseUint(digits, 10, 64)
	return position, found && err == nil
}

// canonical returns the endpoints' keys in one order and each once.
func canonical(ids []string) []string {
	sorted := slices.Sorted(slices.Values(ids))
	return slices.Compact(sorted)
}
