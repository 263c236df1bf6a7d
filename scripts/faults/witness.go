package main

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// check names a result: one endpoint, one due time.
type check struct {
	endpoint int
	due      int64 // ms
}

// witness reads results all the time and remembers which were there: what was
// shown once must never be gone.
type witness struct {
	mu   sync.Mutex
	seen map[check]bool
}

// watch looks at one endpoint after another until ctx ends.
func (w *witness) watch(ctx context.Context, from api, endpoints int) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for ctx.Err() == nil {
		endpoint := rand.N(endpoints) //nolint:gosec // chance, not secrets
		rows, err := from.newest(ctx, key(endpoint), 20)
		if err == nil {
			w.note(endpoint, rows)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

func (w *witness) note(endpoint int, rows []row) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range rows {
		w.seen[check{endpoint, rows[i].Due.UnixMilli()}] = true
	}
}

func (w *witness) checks() []check {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := make([]check, 0, len(w.seen))
	for c := range w.seen {
		all = append(all, c)
	}
	return all
}
