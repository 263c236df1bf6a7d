package look

import (
	runtimemetrics "runtime/metrics"
	"slices"
	"sync"
	"time"
)

// The marks of turns.
const (
	markEvery  = 250 * time.Millisecond
	maxMarks   = 16
	markReused = 20 * time.Millisecond // a reading is good for so long
)

// turns tells how long the goroutines of this process have waited for their
// turn, as the runtime measures it: where that is long, a look that took long
// says nothing of the endpoint.
type turns struct {
	mu     sync.Mutex
	sample []runtimemetrics.Sample
	latest mark
	marks  []mark // oldest first, markEvery apart
}

// mark is how often each wait had been seen at a time.
type mark struct {
	at     time.Time
	counts []uint64
}

func newTurns() *turns {
	return &turns{sample: []runtimemetrics.Sample{{Name: "/sched/latencies:seconds"}}}
}

// mark lets a later wait begin at about now.
func (t *turns) mark(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if last := len(t.marks) - 1; last >= 0 && now.Sub(t.marks[last].at) < markEvery {
		return
	}
	if len(t.marks) == maxMarks {
		t.marks = slices.Delete(t.marks, 0, 1)
	}
	t.read(now)
	t.marks = append(t.marks, t.latest)
}

// wait returns how long one turn in a thousand was waited for, or longer, from a
// little before start to now, as far back as marks go: a turn counts when it
// has come, so a short look alone would not show much.
func (t *turns) wait(start, now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.marks) == 0 {
		return 0
	}
	from := t.marks[0]
	for _, m := range t.marks {
		if !m.at.After(start.Add(-markEvery)) {
			from = m
		}
	}
	if now.Sub(t.latest.at) >= markReused {
		t.read(now)
	}
	return waited(t.sample[0].Value.Float64Histogram().Buckets, from.counts, t.latest.counts)
}

// waited returns how long more than one turn in a thousand was waited for of
// those counted between two marks, or longer. In a busy process most turns come
// at once even so, and a look that takes eight of them still meets a late one.
// One turn alone says nothing.
func waited(buckets []float64, from, to []uint64) time.Duration {
	var all, above uint64
	for i := range to {
		all += to[i] - from[i]
	}
	for i := len(to) - 1; i > 0; i-- {
		if above += to[i] - from[i]; above > max(all/1000, 1) {
			return time.Duration(buckets[i] * float64(time.Second))
		}
	}
	return 0
}

func (t *turns) read(now time.Time) {
	runtimemetrics.Read(t.sample)
	t.latest = mark{now, slices.Clone(t.sample[0].Value.Float64Histogram().Counts)}
}
