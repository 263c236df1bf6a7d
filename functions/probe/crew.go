package probe

import (
	"sync"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// keptIdle is how many workers without work are kept for the next line.
const keptIdle = 128

// crew makes checks, so many at once at most. Those that find nobody free wait
// in line: they are made in the order in which they came, whatever endpoint they
// are of. No endpoint has more than one scheduled and one extra check in line,
// so the line is bounded; its next due time takes over the place of one that
// still waits, so that endpoints take turns when there is no time for all of
// their checks. A check whose host has no room waits in that one's line first.
type crew struct {
	limit int
	make  func(check)

	mu      sync.Mutex
	hosts   hosts
	rounds  int // that may have checks to make
	workers int
	idle    []chan check
	line    line
}

// newCrew returns a crew without workers.
func newCrew(limit, perHost int) *crew {
	return &crew{limit: max(limit, 1), hosts: newHosts(perHost, check.host), make: func(c check) { c.round.make(c) }}
}

// check is one look to be made.
type check struct {
	round    *round
	endpoint int
	at       monitor.Instant // the due time
	kind     monitor.Kind
}

// extra tells whether nobody asked for the check but this process itself.
func (c check) extra() bool { return c.kind == monitor.Confirm || c.kind == monitor.Connection }

// entry is the endpoint's.
func (c check) entry() *entry { return c.round.entries[c.endpoint] }

// host is where its look goes.
func (c check) host() string { return c.round.due.Endpoints[c.endpoint].Endpoint.HTTP.Host() }

// wait returns the check as it stands in a line.
func (c check) wait() *check {
	if c.kind == monitor.Scheduled {
		c.entry().waiting = &c
	}
	return &c
}

// called notes that the check waits no more.
func (c *check) called() {
	if c.kind == monitor.Scheduled {
		c.entry().waiting = nil
	}
}

// take lets a worker make the check, now or when one is free.
func (c *crew) take(next check) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.hosts.enter(next) { // or it waits there
		c.admit(next)
	}
}

// admit lets a worker make a check whose host has room for it. The crew is held.
func (c *crew) admit(next check) {
	switch free := len(c.idle); {
	case free > 0:
		c.idle[free-1] <- next
		c.idle = c.idle[:free-1]
	case c.workers < c.limit:
		c.workers++
		go c.work(next)
	default:
		c.line.add(next.wait())
	}
}

// lend tells whether the check's host has room for one more look that no worker
// makes; giveBack says that it is over.
func (c *crew) lend(aside check) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.hosts.full(aside) && c.hosts.enter(aside)
}

func (c *crew) giveBack(aside check) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if called := c.hosts.leave(aside); called != nil {
		called.called()
		c.admit(*called)
	}
}

// relieve has a check take the place of the one before it, if that one still
// waits for its turn, and records that it was not made.
func (c *crew) relieve(next check) bool {
	c.mu.Lock()
	waiting := next.entry().waiting
	if waiting == nil || waiting.kind != next.kind || waiting.host() != next.host() {
		c.mu.Unlock()
		return false
	}
	last, whose := *waiting, ""
	if c.hosts.full(last) {
		whose = " against " + last.host()
	}
	*waiting = next
	c.mu.Unlock()
	last.round.pass(last, whose)
	return true
}

// drop takes the checks of a round that wait for their turn out of the lines.
func (c *crew) drop(of *round) []*check {
	c.mu.Lock()
	defer c.mu.Unlock()
	dropped := c.hosts.drop(of)
	for _, admitted := range c.line.drop(of) {
		dropped = append(dropped, admitted)
		if called := c.hosts.leave(*admitted); called != nil {
			c.line.add(called)
		}
	}
	for _, waits := range dropped {
		waits.called()
	}
	return dropped
}

// work makes checks until there are none and enough others wait for some.
func (c *crew) work(next check) {
	jobs := make(chan check, 1)
	for more := true; more; next, more = c.next(next, jobs) {
		c.make(next)
	}
}

// next returns the check to make after the last one; it waits for one.
func (c *crew) next(last check, jobs chan check) (check, bool) {
	c.mu.Lock()
	if called := c.hosts.leave(last); called != nil {
		c.line.add(called)
	}
	if first := c.line.take(); first != nil {
		defer c.mu.Unlock()
		first.called()
		return *first, true
	}
	if len(c.idle) >= keptIdle || c.rounds == 0 {
		c.workers--
		c.mu.Unlock()
		return check{}, false
	}
	c.idle = append(c.idle, jobs)
	c.mu.Unlock()
	job, more := <-jobs
	return job, more
}

// join says that one more round may have checks to make.
func (c *crew) join() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rounds++
}

// leave says that a round has no more. With the last of them the workers go.
func (c *crew) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hosts.forget()
	if c.rounds--; c.rounds > 0 {
		return
	}
	for _, jobs := range c.idle {
		close(jobs)
	}
	c.workers -= len(c.idle)
	c.idle = nil
}
