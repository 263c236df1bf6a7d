package bus

import "sync"

// tally counts what is in hand: calls of Emit and deliveries. Once closed it
// takes no more calls from outside, and tells when it is down to nothing.
type tally struct {
	state *tallyState
}

type tallyState struct {
	mu     sync.Mutex
	count  int
	closed bool
	idle   chan struct{}
}

func newTally() tally { return tally{&tallyState{idle: make(chan struct{})}} }

// enter counts a call from outside and reports whether it may go on.
func (t tally) enter() bool {
	t.state.mu.Lock()
	defer t.state.mu.Unlock()
	if t.state.closed {
		return false
	}
	t.state.count++
	return true
}

// join counts a call that may come from what is in hand, and reports whether it
// may go on: until nothing is.
func (t tally) join() bool {
	t.state.mu.Lock()
	defer t.state.mu.Unlock()
	if t.state.closed && t.state.count == 0 {
		return false
	}
	t.state.count++
	return true
}

// add counts what something that is counted already gives rise to.
func (t tally) add() {
	t.state.mu.Lock()
	defer t.state.mu.Unlock()
	t.state.count++
}

func (t tally) done() {
	t.state.mu.Lock()
	defer t.state.mu.Unlock()
	t.state.count--
	t.state.settle()
}

// close returns a channel that is closed when nothing is in hand any more.
func (t tally) close() <-chan struct{} {
	t.state.mu.Lock()
	defer t.state.mu.Unlock()
	if !t.state.closed {
		t.state.closed = true
		t.state.settle()
	}
	return t.state.idle
}

func (s *tallyState) settle() {
	if s.closed && s.count == 0 {
		select {
		case <-s.idle:
		default:
			close(s.idle)
		}
	}
}
