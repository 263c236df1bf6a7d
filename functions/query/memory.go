package query

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// memory is every endpoint with what is known of it now, under one lock.
type memory struct {
	mu        sync.RWMutex
	shards    []shard
	locations []string // their numbers in cells
	rows      map[string]*row
	sorted    []*row // by namespace, then ID
	revision  int64  // of the catalog
	counts    Counts
	strays    []monitor.Result // of endpoints that the catalog has not shown yet
	position  uint64           // how many times news were taken
	news      news             // since then
	staleness staleness
}

// shard is what query remembers of one shard's states.
type shard struct {
	rows       []*row
	doubt      int    // how many times more its states are worth reading
	generation uint64 // rises with each incident change that came by the tail
}

// maxStrays is how many results wait for their endpoint to show up.
const maxStrays = 1000

// doubtful is how many times a shard's states are read after a result that may
// have changed them: alert may not have decided on it at the first.
const doubtful = 2

func newMemory(shards int, locations []string) *memory {
	return &memory{
		shards: make([]shard, shards), locations: slices.Clone(locations), rows: map[string]*row{},
	}
}

// define takes over a catalog: endpoints come, change and go, and those that
// stay keep what is known of them.
func (m *memory) define(catalog *monitor.Catalog) {
	definitions := make([]*definition, len(catalog.Endpoints))
	for i := range catalog.Endpoints {
		definitions[i] = newDefinition(&catalog.Endpoints[i], len(m.shards))
	}
	slices.SortFunc(definitions, func(a, b *definition) int {
		return compareKeys(a.endpoint.Namespace, a.endpoint.ID, b.endpoint.Namespace, b.endpoint.ID)
	})
	m.mu.Lock()
	defer m.mu.Unlock()
	before := m.rows
	m.rows, m.sorted = make(map[string]*row, len(definitions)), make([]*row, 0, len(definitions))
	m.counts, m.revision = Counts{}, catalog.Revision
	for i := range m.shards {
		m.shards[i].rows = m.shards[i].rows[:0]
	}
	for _, d := range definitions {
		m.enter(d, before[d.key])
	}
	m.news.catalog, m.news.any = true, true
	m.takeStrays()
}

func (m *memory) enter(d *definition, r *row) {
	s := &m.shards[d.shard]
	if r == nil {
		r = newRow(d)
		s.doubt = doubtful
	}
	r.definition = d
	m.rows[d.key] = r
	m.sorted = append(m.sorted, r)
	m.counts.add(r.health, 1)
	s.rows = append(s.rows, r)
}

func (m *memory) takeStrays() {
	strays := m.strays
	m.strays = nil
	for i := range strays {
		if r, ok := m.rows[strays[i].Endpoint]; ok {
			m.see(r, &strays[i])
		}
	}
}

// apply enters results, each check once. It reports whether some belong to
// endpoints that the catalog has not shown yet: they wait.
func (m *memory) apply(results []monitor.Result) (strays bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range results {
		r, ok := m.rows[results[i].Endpoint]
		if ok {
			m.see(r, &results[i])
			continue
		}
		strays = true
		if len(m.strays) < maxStrays {
			m.strays = append(m.strays, compact(&results[i], strings.Clone(results[i].Endpoint), strings.Clone(results[i].Location), ""))
		}
	}
	return strays
}

func (m *memory) see(r *row, result *monitor.Result) {
	number := m.location(result.Location)
	where := r.see(result, m.locations[number], number)
	if where == nowhere {
		return
	}
	m.news.result(r, result, where)
	if result.Outcome != monitor.Passed || r.health != monitor.Up {
		m.shards[r.shard].doubt = doubtful
	}
	if r.health == monitor.Unknown && r.reason == notChecked {
		m.believe(r, r.plain())
	}
}

func (m *memory) location(name string) int {
	at := slices.Index(m.locations, name)
	if at < 0 {
		at = len(m.locations)
		m.locations = append(m.locations, strings.Clone(name))
	}
	return at
}

func (m *memory) believe(r *row, now belief) {
	if r.belief == now {
		return
	}
	if r.health != now.health {
		m.counts.add(r.health, -1)
		m.counts.add(now.health, 1)
	}
	r.belief = now
	if r.changed != m.position+1 {
		r.changed = m.position + 1
		m.news.changed(r)
	}
}

// change enters a step in an incident's life, as alert told it.
func (m *memory) change(change *monitor.IncidentChange) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.news.incident(change)
	r, ok := m.rows[change.Incident.Endpoint]
	if !ok {
		return
	}
	now := belief{health: change.Transition.To, since: change.Transition.At, reason: change.Transition.Reason}
	if change.Change != monitor.Resolved {
		now.incident = change.Incident.ID
	}
	r.open = nil
	if now.incident != "" {
		r.open = &open{change.Incident, change.Channels}
	}
	m.shards[r.shard].generation++
	m.shards[r.shard].doubt = doubtful
	m.believe(r, now)
}

// settle enters the states of a shard, unless an incident change came by the
// tail after generation: the states may have been read before it.
func (m *memory) settle(state *monitor.ShardState, generation uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := &m.shards[state.Shard]
	if s.generation != generation {
		return
	}
	if s.doubt > 0 {
		s.doubt--
	}
	for _, r := range s.rows {
		if known, ok := state.States[r.key]; ok {
			r.open = openOf(&known)
			m.believe(r, beliefOf(&known))
		} else {
			r.open = nil
			m.believe(r, r.plain())
		}
	}
}

// worthReading returns the shards whose states may have changed, each with its
// generation, and the shard next besides: silence makes no news.
func (m *memory) worthReading(next int) map[int]uint64 {
	m.mu.RLock()
	defer m.mu.RUnlock()
	worth := map[int]uint64{}
	for i := range m.shards {
		if m.shards[i].doubt > 0 || i%restShare == next%restShare {
			worth[i] = m.shards[i].generation
		}
	}
	return worth
}

// restShare: of the shards without news, one in so many is read each second.
const restShare = 16

func compareKeys(namespaceA, idA, namespaceB, idB string) int {
	return cmp.Or(cmp.Compare(namespaceA, namespaceB), cmp.Compare(idA, idB))
}

// defines tells whether the memory holds this revision of the catalog.
func (m *memory) defines(revision int64) bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.revision == revision
}

// generations returns every shard with its generation.
func (m *memory) generations() map[int]uint64 {
	m.mu.RLock()
	defer m.mu.RUnlock()
	all := make(map[int]uint64, len(m.shards))
	for i := range m.shards {
		all[i] = m.shards[i].generation
	}
	return all
}

// recatalog has live clients told of the catalog although it stays as it is.
func (m *memory) recatalog() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.news.any, m.news.catalog = true, true
}

// missed says that results may be missing between those that were entered.
func (m *memory) missed() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.news.any, m.news.resync = true, true
}
