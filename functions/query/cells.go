package query

import "github.com/api-endpoint-monitor/monitor/shared/monitor"

// recentCells is how many of an endpoint's newest checks are kept in memory.
const recentCells = 60

// cell is one check in 8 bytes: its due time, its location's number and its
// outcome's letter. Cells sort by due time.
type cell uint64

func newCell(due monitor.Instant, location int, outcome monitor.Outcome) cell {
	return cell(due)<<16 | cell(uint8(location))<<8 | cell(letterOf(outcome))
}

func (c cell) letter() byte { return byte(c) }

// check is what tells the cell's check from others.
func (c cell) check() cell { return c >> 8 }

func letterOf(outcome monitor.Outcome) byte {
	switch outcome {
	case monitor.Passed:
		return 'p'
	case monitor.OutcomeDegraded:
		return 'd'
	case monitor.Failed:
		return 'f'
	default:
		return 'u'
	}
}

// cells are the newest checks of an endpoint, oldest first.
type cells struct {
	count int
	all   [recentCells]cell
}

// place says where an added cell went.
type place int

const (
	nowhere place = iota // the check is there already, or too old
	within               // between or before others
	atEnd
	aside // the check has no cell
)

// add enters a check once, at its place in due order, and drops the oldest
// where there is no room.
func (c *cells) add(entry cell) place {
	at := c.count
	for at > 0 && c.all[at-1].check() > entry.check() {
		at--
	}
	if at > 0 && c.all[at-1].check() == entry.check() {
		return nowhere
	}
	where := within
	if at == c.count {
		where = atEnd
	}
	switch {
	case c.count < recentCells:
		copy(c.all[at+1:c.count+1], c.all[at:c.count])
		c.count++
	case at == 0:
		return nowhere
	default:
		at--
		copy(c.all[:at], c.all[1:at+1])
	}
	c.all[at] = entry
	return where
}

// letters are the outcomes of a row's newest checks, ready to be shown.
type letters struct {
	count int
	all   [recentCells]byte
}

func (c *cells) letters() (l letters) {
	l.count = c.count
	for i := range c.count {
		l.all[i] = c.all[i].letter()
	}
	return l
}

func (l *letters) text() []byte { return l.all[:l.count] }
