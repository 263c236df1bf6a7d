package main

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/api-endpoint-monitor/monitor/scripts/rig"
)

// outage is a span in which a target answers every check with an error.
type outage struct {
	endpoint int
	from, to time.Time
}

// outages script what fails, and when those who are told are down.
type outages struct {
	targets *targets
	every   time.Duration // between two beginnings
	least   time.Duration // how long one lasts
	most    time.Duration

	mu     sync.Mutex
	list   []outage
	healed chan struct{} // closed to end the outages that have begun
}

// run begins outages until ctx ends, and ends every one of them before it
// returns. The endpoints take turns, so that one has long recovered before it
// fails again.
func (o *outages) run(ctx context.Context) {
	order := rand.Perm(len(o.targets.list))
	tick := time.NewTicker(o.every)
	defer tick.Stop()
	var running sync.WaitGroup
	defer running.Wait()
	for i := 0; ; i++ {
		endpoint := order[i%len(order)]
		running.Go(func() { o.fail(ctx, endpoint) })
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (o *outages) fail(ctx context.Context, endpoint int) {
	failing := outage{endpoint: endpoint, from: time.Now()}
	o.targets.list[endpoint].fail(true)
	o.last(ctx)
	o.targets.list[endpoint].fail(false)
	failing.to = time.Now()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.list = append(o.list, failing)
}

// last returns when an outage is over.
func (o *outages) last(ctx context.Context) {
	o.mu.Lock()
	healed := o.healed
	o.mu.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		rig.Pause(ctx, o.least+upTo(o.most-o.least))
	}()
	select {
	case <-healed:
		cancel()
		<-ended
	case <-ended:
	}
}

// heal ends all outages that have begun.
func (o *outages) heal() {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.healed)
	o.healed = make(chan struct{})
}

// all returns the outages that have ended.
func (o *outages) all() []outage {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]outage(nil), o.list...)
}
