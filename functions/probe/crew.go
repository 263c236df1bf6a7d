package probe

import (
	"slices"
	"sync"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// keptIdle is how many workers without work are kept for the next line.
const keptIdle = 128

// crew makes checks, so many at once at most. Those that find nobody free wait
// in line: a due time is made in the order in which it came, whatever endpoint
// it is of. No endpoint has more than one scheduled and one extra check in line,
// so the line is bounded.
type crew struct {
	limit int
	make  func(check)

	mu      sync.Mutex
	rounds  int // that may have checks to make
	workers int
	idle    []chan check
	line    []check // those that wait, from head on
	head    int
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

// take lets a worker make the check, now or when one is free.
func (c *crew) take(next check) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch free := len(c.idle); {
	case free > 0:
		c.idle[free-1] <- next
		c.idle = c.idle[:free-1]
	case c.workers < c.limit:
		c.workers++
		go c.work(next)
	default:
		if c.head > len(c.line)/2 { // a line that never ends takes no more room than those in it
			c.line, c.head = slices.Delete(c.line, 0, c.head), 0
		}
		c.line = append(c.line, next)
	}
}

// work makes checks until there are none and enough others wait for some.
func (c *crew) work(next check) {
	jobs := make(chan check, 1)
	for more := true; more; next, more = c.next(jobs) {
		c.make(next)
	}
}

// next returns the check to make next; it waits for one.
func (c *crew) next(jobs chan check) (check, bool) {
	c.mu.Lock()
	if c.head < len(c.line) {
		defer c.mu.Unlock()
		first := c.line[c.head]
		c.line[c.head] = check{}
		if c.head++; c.head == len(c.line) {
			c.line, c.head = c.line[:0], 0
		}
		return first, true
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
	if c.rounds--; c.rounds > 0 {
		return
	}
	for _, jobs := range c.idle {
		close(jobs)
	}
	c.workers -= len(c.idle)
	c.idle = nil
}
