package kafka

import "context"

// Window is a window, for tests.
type Window struct{ *window }

// NewWindow returns a window that tells how far all is finished.
func NewWindow(next int64, mark func(next int64)) Window { return Window{newWindow(next, mark)} }

// Pass counts a record as finished.
func (w Window) Pass(offset int64) { w.pass(offset) }

// Open counts a record as in hand.
func (w Window) Open(offset int64) { w.open(offset) }

// Done ends a handler's work.
func (w Window) Done(offset int64, finished bool) { w.done(offset, finished) }

// Tick ticks until ctx ends.
func (c *Consumer) Tick(ctx context.Context) error { return c.tick(ctx) }
