package probe

import (
	"sync"
	"time"

	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/functions/probe/redact"
	"github.com/api-endpoint-monitor/monitor/shared/expect"
)

// The bounds of the patrol.
const (
	patrolEvery = PaceGrain
	maxSeconds  = 64 // second looks at once in a process
)

// patrol sees to the looks under way: once one has waited for longer than it
// should have to, a second one is made. It goes round for as long as there are
// any of which it may be so; those that end before it comes by cost next to
// nothing.
type patrol struct {
	clock func() time.Time
	timer *time.Timer

	mu      sync.Mutex
	flights []*flight
	armed   bool // the timer runs
	seconds int
}

// flight is a look under way.
type flight struct {
	check
	ctx         *look.Flight
	request     *look.Request
	expectation *expect.Expectation
	values      redact.Values
	began       time.Time
	plenty      time.Duration // after so long a second look is made; 0: never
	second      *second
	index       int // among the patrol's
}

// join adds a flight, which the end of its round's cut ends.
func (p *patrol) join(f *flight) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f.index = len(p.flights)
	p.flights = append(p.flights, f)
	if f.round.cut.Err() != nil {
		f.ctx.Cut()
	}
	if f.plenty > 0 && !p.armed {
		p.arm(min(patrolEvery, f.plenty))
	}
}

// leave removes a flight. It returns the second look that was made beside it,
// and whether that one had ended before; what comes of it later ends nobody.
func (p *patrol) leave(f *flight) (beside *second, ended bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.flights) - 1
	p.flights[f.index] = p.flights[last]
	p.flights[f.index].index = f.index
	p.flights[last], p.flights = nil, p.flights[:last]
	if beside = f.second; beside == nil {
		return nil, false
	}
	f.second, beside.first = nil, nil
	return beside, beside.ended
}

// cut ends all looks of a round.
func (p *patrol) cut(r *round) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.flights {
		if f.round == r {
			f.ctx.Cut()
		}
	}
}

func (p *patrol) arm(after time.Duration) {
	p.armed = true
	if p.timer == nil {
		p.timer = time.AfterFunc(after, p.walk)
	} else {
		p.timer.Reset(after)
	}
}

// walk begins the second looks whose time has come.
func (p *patrol) walk() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.armed = false
	now, next, more := p.clock(), patrolEvery, false
	for _, f := range p.flights {
		if f.plenty == 0 {
			continue
		}
		left := f.plenty - now.Sub(f.began)
		if left > 0 {
			next, more = min(next, left), true
			continue
		}
		if p.seconds < maxSeconds && f.doubt(now) {
			p.seconds++
		}
		f.plenty = 0
	}
	if more {
		p.arm(next)
	}
}
