package probe_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/api-endpoint-monitor/monitor/functions/probe"
)

// crewModel says what a crew must do, and what it did.
type crewModel struct {
	crew  probe.Crew
	limit int

	mu      sync.Mutex
	rounds  int
	takes   []time.Duration // of each check, by number
	started []time.Time     // the zero time: it was not
	running int
	over    int
	faults  []string
}

func newCrewModel(limit int) *crewModel {
	m := &crewModel{limit: limit}
	m.crew = probe.NewCrew(limit, m.do)
	return m
}

func (m *crewModel) take(takes time.Duration) {
	m.mu.Lock()
	number := len(m.takes)
	m.takes, m.started = append(m.takes, takes), append(m.started, time.Time{})
	m.mu.Unlock()
	m.crew.Take(number)
}

func (m *crewModel) do(number int) {
	m.mu.Lock()
	if !m.started[number].IsZero() {
		m.faults = append(m.faults, fmt.Sprintf("%d is made twice", number))
	}
	m.started[number] = time.Now()
	if m.running++; m.running > m.limit {
		m.faults = append(m.faults, fmt.Sprintf("%d checks run at once", m.running))
	}
	takes := m.takes[number]
	m.mu.Unlock()
	time.Sleep(takes)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.running--
	m.over++
}

// check returns what was wrong up to now, while everything is at rest.
func (m *crewModel) check() []string {
	synctest.Wait()
	m.mu.Lock()
	defer m.mu.Unlock()
	faults := slices.Clone(m.faults)
	if want := min(m.limit, len(m.takes)-m.over); m.running != want {
		faults = append(faults, fmt.Sprintf("%d checks run, want %d: nobody waits while another is free", m.running, want))
	}
	if waits := slices.IndexFunc(m.started, time.Time.IsZero); waits >= 0 {
		if slices.ContainsFunc(m.started[waits:], func(at time.Time) bool { return !at.IsZero() }) {
			faults = append(faults, fmt.Sprintf("%d waits, and one behind it has started", waits))
		}
	} else if !slices.IsSortedFunc(m.started, time.Time.Compare) {
		faults = append(faults, "the checks did not start in the order in which they came")
	}
	return faults
}

func (m *crewModel) step(s crewStep) {
	switch {
	case s.does == "take":
		for n := range s.many {
			m.take(s.by * time.Duration(n%3))
		}
	case s.does == "wait":
		time.Sleep(s.by)
	case s.does == "join":
		m.crew.Join()
		m.rounds++
	case m.rounds > 0:
		m.crew.Leave()
		m.rounds--
	}
}

// finish lets everything end. A crew that nobody needs has no workers.
func (m *crewModel) finish() []string {
	for range m.rounds {
		m.crew.Leave()
	}
	for {
		synctest.Wait()
		m.mu.Lock()
		left := len(m.takes) - m.over
		m.mu.Unlock()
		if left == 0 {
			break
		}
		time.Sleep(time.Second)
	}
	faults := m.check()
	if workers := m.crew.Workers(); workers != 0 {
		faults = append(faults, fmt.Sprintf("%d workers are left", workers))
	}
	return faults
}

// crewStep is one thing that happens to a crew.
type crewStep struct {
	does string
	many int
	by   time.Duration
}

// TestCrew holds a crew to a model: it makes each check once, first come first
// served, so many at once at most and no fewer than it can; and its workers go
// with the last round.
func TestCrew(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		limit := rapid.IntRange(1, 6).Draw(rt, "limit")
		steps := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) crewStep {
			return crewStep{
				does: rapid.SampledFrom([]string{"take", "take", "wait", "join", "leave"}).Draw(rt, "does"),
				many: rapid.IntRange(1, 10).Draw(rt, "many"),
				by:   time.Duration(rapid.IntRange(0, 1000).Draw(rt, "ms")) * time.Millisecond,
			}
		}), 1, 40).Draw(rt, "steps")
		var faults []string
		synctest.Test(t, func(*testing.T) {
			m := newCrewModel(limit)
			for _, s := range steps {
				if m.step(s); len(faults) == 0 {
					faults = m.check()
				}
			}
			faults = append(faults, m.finish()...)
		})
		if len(faults) > 0 {
			rt.Fatalf("got %q", faults)
		}
	})
}

// TestCrewShared has many ask a crew at once.
func TestCrewShared(t *testing.T) {
	t.Parallel()
	bubble(t, "each check is made once, so many at once at most", func(t *testing.T) {
		const limit, each = 7, 200
		var running, most, made atomic.Int64
		crew := probe.NewCrew(limit, func(number int) {
			for now := running.Add(1); ; {
				if before := most.Load(); now <= before || most.CompareAndSwap(before, now) {
					break
				}
			}
			time.Sleep(time.Duration(number%5) * time.Millisecond)
			made.Add(1)
			running.Add(-1)
		})
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				crew.Join()
				defer crew.Leave()
				for number := range each {
					crew.Take(number)
					if number%50 == 0 {
						time.Sleep(10 * time.Millisecond)
					}
				}
			})
		}
		all.Wait()
		time.Sleep(time.Hour)
		synctest.Wait()
		if made.Load() != 50*each || most.Load() != limit || crew.Workers() != 0 {
			t.Fatalf("got %d made, %d at once, %d workers left, want %d, %d and none", made.Load(), most.Load(), crew.Workers(), 50*each, limit)
		}
	})
	bubble(t, "after a rush few are kept, and a line that never ends takes no more room than those in it", func(t *testing.T) {
		crew := probe.NewCrew(2*probe.KeptIdle, func(int) { time.Sleep(time.Second) })
		crew.Join()
		for number := range 2 * probe.KeptIdle {
			crew.Take(number)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := crew.Workers(); got != probe.KeptIdle {
			t.Errorf("got %d workers without work, want %d", got, probe.KeptIdle)
		}
		crew.Leave()
		slow := probe.NewCrew(1, func(int) { time.Sleep(time.Second) })
		slow.Take(0)
		for number := range 5000 {
			slow.Take(number) // one is in line all the time
			time.Sleep(time.Second)
		}
		if got := slow.Room(); got > 16 {
			t.Errorf("got a line with %d places, want a few", got)
		}
		time.Sleep(time.Minute) // the last ones end
	})
}
