package probe

import "slices"

// line is where checks wait for their turn, in the order in which they came.
// It is guarded by its crew.
type line struct {
	waiting []*check // from head on
	head    int
}

// add has a check wait behind the others.
func (l *line) add(last *check) {
	if l.head > len(l.waiting)/2 { // a line that never ends takes no more room than those in it
		l.waiting, l.head = slices.Delete(l.waiting, 0, l.head), 0
	}
	l.waiting = append(l.waiting, last)
}

// take returns the check that came first; nil, if none waits.
func (l *line) take() *check {
	if l.head == len(l.waiting) {
		return nil
	}
	first := l.waiting[l.head]
	l.waiting[l.head] = nil
	if l.head++; l.head == len(l.waiting) {
		l.waiting, l.head = l.waiting[:0], 0
	}
	return first
}

// drop takes the checks of a round out of the line.
func (l *line) drop(of *round) (dropped []*check) {
	left := l.waiting[:0]
	for _, waits := range l.waiting[l.head:] {
		if waits.round == of {
			dropped = append(dropped, waits)
		} else {
			left = append(left, waits)
		}
	}
	clear(l.waiting[len(left):])
	l.waiting, l.head = left, 0
	return dropped
}
