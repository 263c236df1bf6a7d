package query

import "github.com/api-endpoint-monitor/monitor/shared/monitor"

// joining is what a client of the live stream asks for when it comes.
type joining struct {
	ids   []string // endpoints whose results it wants
	since uint64   // the position that it has seen
}

// collected is the news since the last time, as they look now, all at one
// moment.
type collected struct {
	news
	position uint64 // after the news
	counts   LiveCounts
	revision int64          // of the catalog
	beliefs  []LiveEndpoint // what changed for anyone
	results  []LiveEndpoint // of wanted endpoints, in order
	named    []LiveEndpoint // for one that joins: its endpoints whole
	since    []LiveEndpoint // for one that joins: beliefs that changed since its position
}

// collect takes the news. Results are taken of the wanted endpoints only.
// Without news the position stays.
func (m *memory) collect(wanted map[string]int, who *joining, now monitor.Instant) *collected {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := &collected{news: m.news, counts: m.liveCounts(), revision: m.revision}
	m.news = news{unheard: len(wanted) == 0 && (who == nil || len(who.ids) == 0)}
	if c.any {
		m.position++
	}
	c.position = m.position
	for _, r := range c.news.beliefs {
		c.beliefs = append(c.beliefs, r.live(now))
	}
	c.results = liveResults(c.news.results, wanted, now)
	if who != nil {
		m.collectFor(who, c, now)
	}
	return c
}

func (m *memory) collectFor(who *joining, c *collected, now monitor.Instant) {
	for _, key := range who.ids {
		if r, ok := m.rows[key]; ok {
			c.named = append(c.named, r.liveWhole(now))
		}
	}
	for _, r := range m.sorted {
		if r.changed > who.since {
			c.since = append(c.since, r.live(now))
		}
	}
}

// liveResults tells each result of a wanted endpoint, or, where one came out of
// order, the endpoint's cells whole.
func liveResults(all []seen, wanted map[string]int, now monitor.Instant) []LiveEndpoint {
	if len(wanted) == 0 {
		return nil
	}
	whole := map[*row]bool{}
	for i := range all {
		if all[i].whole {
			whole[all[i].row] = false
		}
	}
	var told []LiveEndpoint
	for i := range all {
		r := all[i].row
		if wanted[r.key] == 0 {
			continue
		}
		if done, ok := whole[r]; ok {
			if !done {
				told = append(told, r.liveWhole(now))
				whole[r] = true
			}
			continue
		}
		one := r.live(now)
		if one.Last = &all[i].result; all[i].letter != 0 {
			one.Letter = string(all[i].letter)
		}
		told = append(told, one)
	}
	return told
}

func (m *memory) liveCounts() LiveCounts {
	return LiveCounts{Counts: m.counts, Total: m.counts.total(), Stale: m.staleness.since()}
}
