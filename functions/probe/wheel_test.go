package probe_test

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/api-endpoint-monitor/monitor/functions/probe"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// put is a check on the wheel. It is called for at the line of its due time, or,
// where that is over already, at the next line at the latest.
type put struct {
	at, latest monitor.Instant
	round      int
	kind       monitor.Kind
}

// wheelModel says what a wheel must do, and what it did.
type wheelModel struct {
	wheel  *probe.Wheel
	wrong  atomic.Int64 // how far the wheel's clock is ahead, in nanoseconds
	jumped time.Time    // when the clock was set last

	mu      sync.Mutex
	count   int
	waiting map[int]put
	faults  []string
}

func newWheelModel(rounds int) *wheelModel {
	m := &wheelModel{waiting: map[int]put{}}
	m.wheel = probe.NewWheel(m.clock, rounds, m.called)
	return m
}

func (m *wheelModel) clock() time.Time { return time.Now().Add(time.Duration(m.wrong.Load())) }

// lineOf returns the time of the first line that is not before an instant.
func lineOf(at monitor.Instant) monitor.Instant {
	grid := monitor.Instant(monitor.Grid / time.Millisecond)
	return (at + grid - 1) / grid * grid
}

func (m *wheelModel) put(after time.Duration, round int, kind monitor.Kind) {
	now := monitor.At(m.clock())
	p := put{now.Add(after), lineOf(max(now, now.Add(after))), round, kind}
	m.mu.Lock()
	m.count++
	number := m.count
	m.waiting[number] = p
	m.mu.Unlock()
	m.wheel.Put(p.at, round, number, kind)
}

// called is told by the wheel.
func (m *wheelModel) called(number int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p, known := m.waiting[number]
	delete(m.waiting, number)
	switch now := monitor.At(m.clock()); {
	case !known:
		m.faults = append(m.faults, fmt.Sprintf("%d is called for twice, or after it was dropped", number))
	case now < p.at:
		m.faults = append(m.faults, fmt.Sprintf("%d is called for %s early", number, p.at.Sub(now)))
	}
	for other, o := range m.waiting {
		if known && o.latest < lineOf(p.at) {
			m.faults = append(m.faults, fmt.Sprintf("%d is called for before %d, which is due earlier", number, other))
		}
	}
}

func (m *wheelModel) drop(round int) {
	m.wheel.Drop(round)
	m.mu.Lock()
	defer m.mu.Unlock()
	for number, p := range m.waiting {
		if p.round == round && p.kind == monitor.Scheduled {
			delete(m.waiting, number)
		}
	}
}

// set sets the wheel's clock.
func (m *wheelModel) set(by time.Duration) {
	m.wrong.Add(int64(by))
	m.jumped = time.Now()
}

// check returns what was wrong up to now, while everything is at rest. After the
// clock was set it may take one turn of the wheel until that is noticed.
func (m *wheelModel) check() []string {
	synctest.Wait()
	m.mu.Lock()
	defer m.mu.Unlock()
	faults := slices.Clone(m.faults)
	for number, p := range m.waiting {
		if now := monitor.At(m.clock()); p.latest <= now && time.Since(m.jumped) > probe.WheelTurn {
			faults = append(faults, fmt.Sprintf("%d is %s late", number, now.Sub(p.latest)))
		}
	}
	return faults
}

// finish lets the time of everything come.
func (m *wheelModel) finish() []string {
	m.mu.Lock()
	last := monitor.At(m.clock())
	for _, p := range m.waiting {
		last = max(last, p.latest)
	}
	m.mu.Unlock()
	time.Sleep(last.Sub(monitor.At(m.clock())) + 2*probe.WheelTurn)
	faults := m.check()
	if m.wheel.Turning() {
		faults = append(faults, "the wheel turns with nothing on it")
	}
	return faults
}

// wheelStep is one thing that happens to a wheel.
type wheelStep struct {
	does        string
	by          time.Duration
	round, many int
	kind        monitor.Kind
}

func (m *wheelModel) step(s wheelStep) {
	switch s.does {
	case "put":
		for n := range s.many {
			m.put(s.by*time.Duration(n+1), s.round, s.kind)
		}
	case "wait":
		time.Sleep(s.by)
	case "drop":
		m.drop(s.round)
	case "set":
		m.set(s.by)
	}
}

func drawWheelSteps(rt *rapid.T) []wheelStep {
	one := rapid.Custom(func(rt *rapid.T) wheelStep {
		s := wheelStep{does: rapid.SampledFrom([]string{"put", "put", "put", "wait", "wait", "drop", "set"}).Draw(rt, "does")}
		s.round, s.many = rapid.IntRange(0, 2).Draw(rt, "round"), rapid.IntRange(1, 3).Draw(rt, "many")
		s.kind = rapid.SampledFrom([]monitor.Kind{monitor.Scheduled, monitor.Confirm}).Draw(rt, "kind")
		least := map[string]int{"put": -20_000, "wait": 0, "drop": 0, "set": -100_000}[s.does]
		s.by = time.Duration(rapid.OneOf(rapid.IntRange(max(least, -50), 50), rapid.IntRange(least, 100_000)).Draw(rt, "ms")) * time.Millisecond
		return s
	})
	return rapid.SliceOfN(one, 1, 40).Draw(rt, "steps")
}

// TestWheel holds the wheel to a model: nothing is called for early, late, twice
// or never, in order of the due times, whatever is put on and dropped and
// however the clock is set.
func TestWheel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		steps := drawWheelSteps(rt)
		var faults []string
		synctest.Test(t, func(*testing.T) {
			m := newWheelModel(3)
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

func TestWheelAfterStandstill(t *testing.T) {
	t.Parallel()
	bubble(t, "what came due meanwhile is called for in order", func(t *testing.T) {
		m := newWheelModel(1)
		for _, after := range []time.Duration{probe.WheelTurn - time.Second, time.Second, probe.WheelTurn + 2*time.Second, time.Minute} {
			m.put(after, 0, monitor.Scheduled)
		}
		m.set(2 * probe.WheelTurn)
		if faults := m.finish(); len(faults) > 0 {
			t.Fatalf("got %q", faults)
		}
	})
	bubble(t, "a clock that is set back and forth holds up nothing for longer than a turn", func(t *testing.T) {
		m := newWheelModel(1)
		m.put(time.Second, 0, monitor.Scheduled)
		m.set(-time.Hour)
		time.Sleep(2 * time.Second) // it waits for an hour from now on
		m.set(time.Hour)
		if faults := m.finish(); len(faults) > 0 {
			t.Fatalf("got %q", faults)
		}
	})
}

// TestWheelShared has many put on and drop at once, some of them from within a
// call as rounds do: each check is called for once, and what was dropped at most
// once.
func TestWheelShared(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		puts := rapid.SliceOfN(rapid.IntRange(-100, 15_000), 8, 200).Draw(rt, "ms from the start")
		dropped := rapid.Bool().Draw(rt, "a round is dropped")
		jump := time.Duration(rapid.IntRange(-5000, 5000).Draw(rt, "the clock is set by ms")) * time.Millisecond
		var calls []atomic.Int64
		synctest.Test(t, func(t *testing.T) { calls = shareWheel(t, puts, dropped, jump) })
		for number := range calls {
			got := calls[number].Load()
			if got > 1 || got == 0 && (!dropped || number%len(puts)%2 == 0) {
				rt.Fatalf("%d was called for %d times, want once", number, got)
			}
		}
	})
}

// shareWheel puts checks on a wheel, all at once, the odd ones for a round that
// may be dropped meanwhile, and returns how often each was called for. A check
// of the first half puts on one of the second half when it is called for.
func shareWheel(t *testing.T, puts []int, dropped bool, jump time.Duration) []atomic.Int64 {
	t.Helper()
	var wrong atomic.Int64
	clock := func() time.Time { return time.Now().Add(time.Duration(wrong.Load())) }
	calls := make([]atomic.Int64, 2*len(puts))
	start := monitor.At(time.Now())
	var wheel *probe.Wheel
	wheel = probe.NewWheel(clock, 2, func(number int) {
		if calls[number].Add(1); number < len(puts) {
			wheel.Put(monitor.At(clock()).Add(20*time.Millisecond), number%2, number+len(puts), monitor.Scheduled)
		}
	})
	var all sync.WaitGroup
	for number, ms := range puts {
		all.Go(func() {
			wheel.Put(start.Add(time.Duration(ms)*time.Millisecond), number%2, number, monitor.Scheduled)
		})
	}
	all.Go(func() { wrong.Store(int64(jump)) })
	if dropped {
		all.Go(func() { wheel.Drop(1) })
	}
	all.Wait()
	time.Sleep(time.Minute)
	synctest.Wait()
	if wheel.Turning() {
		t.Error("the wheel turns with nothing on it")
	}
	return calls
}

// TestWheelLetsWork has one processor: with more of them, others may work while
// the wheel calls for everything at once.
func TestWheelLetsWork(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	const all = 2000
	var mu sync.Mutex
	var work sync.WaitGroup
	begun, ended, most, called := 0, 0, 0, make(chan struct{})
	wheel := probe.NewWheel(time.Now, 1, func(int) {
		mu.Lock()
		defer mu.Unlock()
		begun++
		most = max(most, begun-ended)
		work.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			ended++
		})
		if begun == all {
			close(called)
		}
	})
	at := monitor.At(time.Now()).Add(200 * time.Millisecond)
	for i := range all {
		wheel.Put(at, 0, i, monitor.Scheduled)
	}
	<-called
	work.Wait()
	if most > all/2 {
		t.Fatalf("got up to %d of %d checks begun before those under way were worked on, want few", most, all)
	}
}
