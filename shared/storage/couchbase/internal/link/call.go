package link

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/couchbase/gocb/v2"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// call is one operation, or many at once, from when it is asked for until it
// ends: all its tries, and its place among those in flight.
type call struct {
	ctx    context.Context
	in     *Collection
	what   kind
	weight int
	start  time.Time
	until  time.Time // its own end, or that of its context
	tries  int
	hasty  bool  // this try has so little time that its end says nothing of the node
	last   error // why the try before failed, or one before it that had its time
}

// begin enters a call, once there is room for it.
func (c *Collection) begin(ctx context.Context, what kind, weight int, bound time.Duration) (*call, error) {
	if !c.bucket.warm.Load() {
		bound = firstBound
	}
	now := time.Now()
	k := &call{ctx: ctx, in: c, what: what, weight: weight, start: now, until: now.Add(bound)}
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(k.until) {
		k.until = deadline
	}
	if c.link.limit.tryEnter(weight) {
		return k, nil
	}
	waiting, cancel := context.WithDeadline(ctx, k.until)
	defer cancel()
	if err := c.link.limit.enter(waiting, weight); err != nil {
		c.link.metrics.refused.Inc()
		if ctx.Err() != nil {
			return nil, ended(ctx)
		}
		return nil, monitor.Wrap(monitor.Unavailable, err, "%d operations wait for Couchbase already, and it does not keep up: try again", maxInFlight)
	}
	return k, nil
}

// end leaves, and notes how the call ended.
func (k *call) end(err error) {
	link := k.in.link
	link.limit.leave(k.weight)
	link.metrics.observe(k.what, k.start)
	switch monitor.CodeOf(err) {
	case "":
		k.in.bucket.answered()
	case monitor.Conflict:
		link.metrics.conflicts.Inc()
	default:
		link.metrics.refused.Inc()
	}
}

// next waits until the call may try once more. It returns an error, which is
// ready for whoever asked, if there is no more time, nobody waits any more, or no
// further try can help.
func (k *call) next() error {
	if err := k.stopped(); err != nil {
		return err
	}
	if k.tries == 0 {
		k.tries++
		return nil
	}
	wait := backoff(k.tries)
	reason := k.in.bucket.reason(k.ctx, k.last)
	if isHopeless(reason) || time.Until(k.until) < wait {
		return k.in.place.explain(cmp.Or(reason, k.last))
	}
	k.in.link.metrics.retries.Inc()
	k.tries++
	pause(k.ctx, wait)
	return k.stopped()
}

// stopped returns why no call may go on: nobody waits for it any more, or the link
// is closed.
func (k *call) stopped() error {
	if k.ctx.Err() != nil {
		return k.ended()
	}
	if k.in.link.closed.Load() {
		return k.in.place.explain(gocb.ErrShutdown)
	}
	return nil
}

// timeout returns how long one try may take: at most half of what is left, so that
// there is time to look what became of it.
func (k *call) timeout(most time.Duration) time.Duration {
	if !k.in.bucket.warm.Load() {
		most = firstTry
	}
	given := max(min(most, time.Until(k.until)/2), time.Millisecond)
	k.hasty = given < most/4
	return given
}

// failed notes why a try was in vain, and returns what that means. That nobody waits
// any more, or that a last try had no time to be answered, does not hide why the one
// before failed.
func (k *call) failed(err error) verdict {
	meaning := verdictOf(err)
	silent := errors.Is(err, gocb.ErrRequestCanceled) || k.hasty && k.last != nil && errors.Is(err, gocb.ErrTimeout)
	if (meaning == later || meaning == unsure) && !silent {
		k.last = err
	}
	return meaning
}

// ended returns the error of a call whose context has ended: why it was not done
// until then, if it was tried.
func (k *call) ended() error {
	if k.last == nil {
		return ended(k.ctx)
	}
	return k.in.place.explain(errors.Join(k.last, context.Cause(k.ctx)))
}
