package look

import (
	"context"
	"sync"
)

// flights are the looks over kept connections, by the ctx that may end them.
// That way ctx ends a look without a goroutine or an allocation for each.
type flights struct {
	mu    sync.Mutex
	under map[context.Context]map[*line]struct{}
}

func newFlights() *flights {
	return &flights{under: map[context.Context]map[*line]struct{}{}}
}

// join lets the end of ctx end the look along the line. It tells whether ctx
// has not ended yet.
func (f *flights) join(ctx context.Context, l *line) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if ctx.Err() != nil {
		return false
	}
	l.ended.Store(false)
	if f.under[ctx] == nil {
		f.under[ctx] = map[*line]struct{}{}
		context.AfterFunc(ctx, func() { f.end(ctx) })
	}
	f.under[ctx][l] = struct{}{}
	return true
}

func (f *flights) leave(ctx context.Context, l *line) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.under[ctx], l)
}

// end cuts the connections of all looks under ctx.
func (f *flights) end(ctx context.Context) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for l := range f.under[ctx] {
		l.ended.Store(true)
		if k := l.kept.Load(); k != nil {
			_ = k.raw.Close()
		}
	}
	delete(f.under, ctx)
}
