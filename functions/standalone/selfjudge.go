package standalone

import (
	"fmt"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// From here on the monitor is not well.
const (
	maxLate    = 0.1             // share of the checks that start more than lateAfter too late
	maxSkipped = 0.05            // share of the checks that are not made at all
	maxWaiting = 5 * time.Minute // until a notice is accepted
)

// judged is how many slots the shares are of.
const judged = 6

// health is what the monitor is judged by: its figures at the end of each of
// the last slots, oldest first, and the oldest notice that is still pending.
type health struct {
	slot    time.Duration
	shared  bool      // other processes do their part: what is planned here may be checked there, and stored elsewhere
	figures []figures // judged+1 at most
	waiting time.Duration
}

// problems says what is wrong, one sentence each, the gravest first; nothing
// while all is well. What is a share of some slots is judged once these have gone by.
func (h health) problems() []string {
	var found []string
	say := func(wrong bool, format string, values ...any) {
		if wrong {
			found = append(found, fmt.Sprintf(format, values...))
		}
	}
	if len(h.figures) > judged {
		first, half, last := h.figures[0], h.figures[judged/2], h.figures[judged]
		all, span := last.since(first), monitor.Duration(judged*h.slot)
		say(all.slots == 0, "no slot was planned for %s", span)
		say(!h.shared && all.made == 0 && half.since(first).planned > 0, "no check was made for %s", span)
		say(!h.shared && all.stored == 0, "no result was stored for %s", span)
		say(all.seen == 0, "no result reached the dashboard for %s", span)
		say(all.late > maxLate*all.made, "%.0f of %.0f checks started more than %ds late", all.late, all.made, lateAfter)
		lost, asked := all.skipped+all.missed, max(all.planned+all.missed, 1)
		if h.shared {
			asked = max(all.made+lost, 1)
		}
		say(lost > maxSkipped*asked, "%.0f of %.0f checks were skipped", lost, asked)
		say(all.dead > 0, "%.0f events could not be delivered and are dead letters", all.dead)
		say(all.untold > 0, "%.0f changes of incidents could not be told and were given up", all.untold)
	}
	if len(h.figures) > 0 {
		now := h.figures[len(h.figures)-1]
		patience := 2*h.slot + monitor.MaxTimeout + time.Minute // a request to probe is held for two slots and a timeout
		say(seconds(now.stuck) > patience, "an event has waited for %s at %s", whole(seconds(now.stuck)), now.where)
		say(seconds(now.lag) > monitor.Plan{Slot: h.slot}.FoldLag(), "results have waited for %s to be folded", whole(seconds(now.lag)))
	}
	say(h.waiting > maxWaiting, "a notice has waited for %s to be accepted", whole(h.waiting))
	return found
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func whole(d time.Duration) monitor.Duration { return monitor.Duration(d.Truncate(time.Second)) }
