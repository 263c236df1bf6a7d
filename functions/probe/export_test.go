package probe

import (
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/expect"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// WheelTurn is how long the wheel needs for one turn.
const WheelTurn = spokes * monitor.Grid

// Wheel is a wheel of numbered checks in numbered rounds.
type Wheel struct {
	wheel  *wheel
	rounds []*round
}

// NewWheel returns a wheel for so many rounds.
func NewWheel(clock func() time.Time, rounds int, call func(number int)) *Wheel {
	w := &Wheel{wheel: newWheel(clock, func(c check) { call(c.endpoint) })}
	for range rounds {
		w.rounds = append(w.rounds, new(round))
	}
	return w
}

// Put puts a check on the wheel.
func (w *Wheel) Put(at monitor.Instant, round, number int, kind monitor.Kind) {
	w.wheel.put(at, check{round: w.rounds[round], endpoint: number, at: at, kind: kind})
}

// Drop takes the due times of a round off.
func (w *Wheel) Drop(round int) { w.wheel.drop(w.rounds[round]) }

// Turning tells whether the wheel turns.
func (w *Wheel) Turning() bool {
	w.wheel.mu.Lock()
	defer w.wheel.mu.Unlock()
	return w.wheel.turning
}

// Crew is a crew that makes numbered checks.
type Crew struct{ crew *crew }

// NewCrew returns a crew without workers.
func NewCrew(limit int, do func(number int)) Crew {
	return Crew{&crew{limit: limit, make: func(c check) { do(c.endpoint) }}}
}

// NewCrewFor returns a crew that makes so many checks of one host at once.
func NewCrewFor(limit, perHost int, host func(number int) string, do func(number int)) Crew {
	c := NewCrew(limit, do)
	c.crew.hosts = newHosts(perHost, func(c check) string { return host(c.endpoint) })
	return c
}

// Take lets a worker make the check.
func (c Crew) Take(number int) { c.crew.take(check{endpoint: number}) }

// Join says that one more round may have checks to make.
func (c Crew) Join() { c.crew.join() }

// Leave says that a round has no more.
func (c Crew) Leave() { c.crew.leave() }

// Workers counts those who work or wait.
func (c Crew) Workers() int {
	c.crew.mu.Lock()
	defer c.crew.mu.Unlock()
	return c.crew.workers
}

// Room is how many places the crew's line takes up.
func (c Crew) Room() int {
	c.crew.mu.Lock()
	defer c.crew.mu.Unlock()
	return cap(c.crew.line.waiting)
}

// KeptIdle is how many workers without work are kept.
const KeptIdle = keptIdle

// Expectations are those of many endpoints.
type Expectations struct{ all *expectations }

// NewExpectations returns those of no endpoint.
func NewExpectations() Expectations { return Expectations{newExpectations()} }

// Compile returns what is expected, which must be right.
func (x Expectations) Compile(t *testing.T, want monitor.Expect) *expect.Expectation {
	t.Helper()
	got, err := x.all.compile(want)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// Refuse returns the code of what is wrong with it.
func (x Expectations) Refuse(want monitor.Expect) monitor.Code {
	_, err := x.all.compile(want)
	return monitor.CodeOf(err)
}

// Known counts those that are kept.
func (x Expectations) Known() int {
	x.all.mu.Lock()
	defer x.all.mu.Unlock()
	return len(x.all.known)
}

// PageRows is how many rows a page of a pile has.
const PageRows = pageRows

// Pile is a pile of numbered rows.
type Pile struct{ pile *pile }

// NewPile returns a pile without rows.
func NewPile() Pile { return Pile{&pile{spare: &pages{}}} }

// Add puts a row behind the others.
func (p Pile) Add(number int64) { p.pile.add(&monitor.Result{Micros: number}) }

// First returns the numbers of the oldest rows.
func (p Pile) First(count int) (numbers []int64) {
	for _, row := range p.pile.first(count) {
		numbers = append(numbers, row.Micros)
	}
	return numbers
}

// Remove takes the oldest rows off.
func (p Pile) Remove(count int) { p.pile.remove(count) }

// Pages counts the pages that the pile holds.
func (p Pile) Pages() int { return len(p.pile.pages) }

// LateBy is a lateness as people are told it.
func LateBy(late time.Duration) string { return lateBy(late) }
