package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

const (
	leaseSpan   = time.Minute      // how long an attempt holds its notice
	sendLimit   = 30 * time.Second // the longest attempt; well within the lease
	recordLimit = 10 * time.Second // the longest try to record an outcome
	recordPause = time.Second      // before an outcome that could not be recorded is tried again
	maxPause    = time.Hour        // the longest wait that a provider may ask for
	maxText     = 500              // bytes of a receipt or an error that are kept
)

// attempt sends one notice if this process gets hold of it, and records what
// came of it.
func (n *Notify) attempt(ctx context.Context, notice monitor.Notice) attempted {
	done := attempted{notice: notice}
	channel, found, err := n.catalog.find(ctx, notice.Channel)
	if err == nil {
		switch expired := n.now().Sub(notice.Created) >= monitor.NoticeExpiry; {
		case !found:
			err = n.giveUp(ctx, notice, fmt.Sprintf("channel %s is not defined any more", notice.Channel))
		case expired:
			err = n.giveUp(ctx, notice, fmt.Sprintf("not delivered within %s; last error: %s", monitor.Duration(monitor.NoticeExpiry), notice.Error))
		default:
			done.accepted, done.pause, err = n.deliver(ctx, channel, notice)
		}
	}
	if err != nil && !errors.Is(err, monitor.Conflict) {
		n.logOf(notice).Warn("cannot work on a notice", telemetry.KeyError, err)
		done.pause = max(done.pause, storePause)
	}
	return done
}

// deliver leases the notice, sends it and records the outcome. The duration is
// what the provider asked for. The error is the store's; Conflict says that
// another process holds the notice.
func (n *Notify) deliver(ctx context.Context, channel monitor.Channel, notice monitor.Notice) (bool, time.Duration, error) {
	thread, err := n.thread(ctx, notice)
	if err != nil {
		return false, 0, err
	}
	if notice, err = n.lease(ctx, notice); err != nil {
		return false, 0, err
	}
	receipt, failure := n.send(ctx, monitor.Delivery{Channel: channel, Notice: notice, Thread: thread})
	now := n.now()
	notice.Lease = 0
	if failure == nil {
		notice.Accepted, notice.Receipt, notice.Error, notice.NextTry = now, cut(receipt), "", 0
		n.metrics.accepted(notice.Change.Decided, now)
		return true, 0, n.record(ctx, notice)
	}
	asked := retryAfter(failure)
	notice.Error, notice.NextTry = cut(failure.Error()), now.Add(monitor.Backoff(notice.Attempts, asked))
	n.metrics.failed.Inc()
	n.logOf(notice).Warn("cannot send a notice; it is tried again",
		telemetry.KeyAttempts, notice.Attempts, telemetry.KeyNextTry, notice.NextTry.Time(), telemetry.KeyError, notice.Error)
	return false, asked, n.record(ctx, notice)
}

// thread returns the receipt of the newest notice of the incident that the
// channel accepted, which is one before this; empty where there is none.
func (n *Notify) thread(ctx context.Context, notice monitor.Notice) (string, error) {
	if notice.Sequence == 1 {
		return "", nil
	}
	notices, err := n.parts.Notices.NoticesOf(ctx, notice.Incident)
	if err != nil {
		return "", err
	}
	for i := range slices.Backward(notices) {
		if earlier := &notices[i]; earlier.Channel == notice.Channel && earlier.Accepted != 0 {
			return earlier.Receipt, nil
		}
	}
	return "", nil
}

// lease takes the notice for one attempt. Sent is written before the attempt,
// so that a lease without an outcome shows that the notice may have gone out.
func (n *Notify) lease(ctx context.Context, notice monitor.Notice) (monitor.Notice, error) {
	lost := notice.Lease != 0
	now := n.now()
	notice.Attempts++
	notice.Sent, notice.Lease = now, now.Add(leaseSpan)
	revision, err := n.parts.Notices.UpdateNotice(ctx, notice)
	if err != nil {
		return notice, err
	}
	notice.Revision = revision
	if lost {
		n.metrics.repeated.Inc()
		n.logOf(notice).Warn("the outcome of an attempt was lost; the notice is sent again")
	}
	return notice, nil
}

// send outlives ctx: an attempt that has begun is finished, so that its outcome
// is known. A panic of the sender is a failure like others.
func (n *Notify) send(ctx context.Context, delivery monitor.Delivery) (receipt string, err error) {
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendLimit)
	defer cancel()
	defer func() {
		if cause := recover(); cause != nil {
			err = monitor.Errorf(monitor.Internal, "the sender failed: %v", cause)
		}
	}()
	return n.parts.Send(limited, delivery)
}

// record writes an outcome until the store takes it: an acceptance that is
// forgotten is a notice sent twice. It stops early when ctx ends or when
// another process has taken the notice over.
func (n *Notify) record(ctx context.Context, notice monitor.Notice) error {
	for {
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordLimit)
		_, err := n.parts.Notices.UpdateNotice(limited, notice)
		cancel()
		if err == nil || errors.Is(err, monitor.Conflict) || errors.Is(err, monitor.NotFound) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(recordPause):
		}
	}
}

func (n *Notify) giveUp(ctx context.Context, notice monitor.Notice, why string) error {
	notice.GivenUp, notice.Lease, notice.Error = n.now(), 0, cut(why)
	if _, err := n.parts.Notices.UpdateNotice(ctx, notice); err != nil {
		return err
	}
	n.metrics.givenUp.Inc()
	n.logOf(notice).Error("gave up a notice", telemetry.KeyAttempts, notice.Attempts, telemetry.KeyError, why)
	return nil
}

func retryAfter(err error) time.Duration {
	var asking interface{ RetryAfter() time.Duration }
	if errors.As(err, &asking) {
		return min(max(asking.RetryAfter(), 0), maxPause)
	}
	return 0
}

// logOf returns a log whose lines name the notice.
func (n *Notify) logOf(notice monitor.Notice) *slog.Logger {
	return n.parts.Log.With(telemetry.KeyIncident, notice.Incident,
		telemetry.KeySequence, notice.Sequence, telemetry.KeyChannel, notice.Channel)
}
