package look

import (
	"context"
	"sync"
	"time"
)

// Flight is the context of one look, which Cut ends. Over a kept connection it
// costs the look no goroutine and no allocation, and it may be used again after
// Renew. The zero value is ready.
type Flight struct {
	mu    sync.Mutex
	over  bool
	line  *line // that is looked along; its connection is closed at the end
	stop  func() bool
	done  chan struct{} // made for whoever asks
	after map[*func()]struct{}
}

// Cut ends the look. It does not wait for that.
func (f *Flight) Cut() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.over {
		return
	}
	f.over = true
	if f.line != nil {
		f.line.end()
	}
	if f.done != nil {
		close(f.done)
	}
	for do := range f.after {
		go (*do)()
	}
	clear(f.after)
}

// Renew makes it ready for one more look. It tells whether that can be: not
// where anything that outlasts the last one may still depend on it.
func (f *Flight) Renew() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.done != nil || f.after != nil {
		return false
	}
	f.over = false
	return true
}

// Deadline implements context.Context: a look has its own.
func (f *Flight) Deadline() (deadline time.Time, ok bool) { return time.Time{}, false }

// Value implements context.Context.
func (f *Flight) Value(any) any { return nil }

// Err implements context.Context.
func (f *Flight) Err() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.over {
		return context.Canceled
	}
	return nil
}

// Done implements context.Context.
func (f *Flight) Done() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.done == nil {
		f.done = make(chan struct{})
		if f.over {
			close(f.done)
		}
	}
	return f.done
}

// AfterFunc does what context.AfterFunc promises, by which a context made from
// this one needs no goroutine.
func (f *Flight) AfterFunc(do func()) (stop func() bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.after == nil {
		f.after = map[*func()]struct{}{}
	}
	if f.over {
		go do()
	} else {
		f.after[&do] = struct{}{}
	}
	return func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		_, waits := f.after[&do]
		delete(f.after, &do)
		return waits
	}
}

// flightOf returns ctx where it is a flight, and else one that ends with ctx.
func flightOf(ctx context.Context) *Flight {
	if f, ok := ctx.(*Flight); ok {
		return f
	}
	f := &Flight{}
	f.stop = context.AfterFunc(ctx, f.Cut)
	return f
}

// hold lets the end of the flight end the look along the line, until release.
// It tells whether it has not ended yet.
func (f *Flight) hold(l *line) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	l.ended.Store(f.over)
	f.line = l
	return !f.over
}

// release ends that. A connection that was closed meanwhile is not kept, be the
// answer whole or not.
func (f *Flight) release() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.over && f.line != nil {
		f.line.drop()
	}
	f.line = nil
	if f.stop != nil {
		f.stop()
	}
}

// end cuts the connection of the look along the line.
func (l *line) end() {
	l.ended.Store(true)
	if k := l.kept.Load(); k != nil {
		_ = k.raw.Close()
	}
}
