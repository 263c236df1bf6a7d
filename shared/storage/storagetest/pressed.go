package storagetest

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

// Pressed is a store whose calls can be made to fail, to hang or to be slow, as
// those of a store elsewhere do. All but Close feel it. It is safe for concurrent
// use.
type Pressed struct {
	store storage.Store
	mood  atomic.Pointer[Mood]
	calls atomic.Int64
}

// Mood is what comes before each call: its error is the call's.
type Mood func(ctx context.Context) error

// Press returns the store, which is well until it is told otherwise.
func Press(store storage.Store) *Pressed {
	p := &Pressed{store: store}
	p.Feel(nil)
	return p
}

// Feel sets the mood; nil: all is well.
func (p *Pressed) Feel(mood Mood) {
	if mood == nil {
		mood = func(context.Context) error { return nil }
	}
	p.mood.Store(&mood)
}

// Calls returns how many calls there were.
func (p *Pressed) Calls() int64 { return p.calls.Load() }

// Refuse is the mood of a store that says at once that it is away.
func Refuse(context.Context) error {
	return monitor.Errorf(monitor.Unavailable, "the store is away")
}

// Hang is the mood of a store that does not answer: a call ends with its context,
// or after so long.
func Hang(longest time.Duration) Mood {
	return func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, longest)
		defer cancel()
		<-ctx.Done()
		return monitor.Wrap(monitor.Unavailable, ctx.Err(), "the store was not waited for")
	}
}

// Slow is the mood of a store that takes so long for each call.
func Slow(took time.Duration) Mood {
	hang := Hang(took)
	return func(ctx context.Context) error {
		if err := hang(ctx); ctx.Err() != nil {
			return err
		}
		return nil
	}
}

func (p *Pressed) press(ctx context.Context) error {
	p.calls.Add(1)
	return (*p.mood.Load())(ctx)
}

func pressed[T any](ctx context.Context, p *Pressed, call func() (T, error)) (T, error) {
	if err := p.press(ctx); err != nil {
		var none T
		return none, err
	}
	return call()
}
