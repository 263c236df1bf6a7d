package kafka

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/IBM/sarama"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

// NewTail returns an events.Tail that follows the topic without a group: it
// takes the right to READ the topic and no other, and leaves nothing behind.
//
// A position names the next record of every partition, and the topic by its ID.
// So it can be resumed by any process, and whatever became of the brokers in
// between. Where records behind it are gone, where the topic was made anew or
// got more partitions, and where the text is no position at all, Tail resyncs
// and begins with what comes. While brokers are away it waits, and goes on where
// it was; if there was no position yet, it resyncs.
//
// The next records are asked for once receive has had the last: a receiver that
// is slow holds one response of each broker in memory, responseBytes as it
// travels, and is never behind more than the topic's retention without being
// told. The events of a key come in order. Tail returns nil when ctx ends, also
// while brokers say nothing, and an Invalid error where the settings cannot be.
func NewTail(settings Settings, topic string, log *slog.Logger) events.Tail {
	return newTail(subject{settings: settings, topic: topic}, log, hanging)
}

func newTail(s subject, log *slog.Logger, hanging time.Duration) events.Tail {
	return func(ctx context.Context, position string, receive func(events.Tailed)) error {
		if err := s.settings.Check(); err != nil {
			return err
		}
		if _, err := s.settings.tailing(ctx, hanging); err != nil {
			return err
		}
		f := &follower{subject: s, log: log, hanging: hanging, receive: receive}
		if position != "" {
			f.bookmark, _ = parseBookmark(position)
			f.missed = f.bookmark == nil
		}
		f.run(ctx)
		return nil
	}
}

// follower is one call of a tail.
type follower struct {
	subject subject
	log     *slog.Logger
	hanging time.Duration // how long a broker may say nothing
	receive func(events.Tailed)

	mu       sync.Mutex // held while receive runs
	bookmark *bookmark  // nil: not known yet
	missed   bool       // events are missing before the bookmark
	answered bool       // brokers gave records, or said that there are none
}

// errLost says that the bookmark does not lead to its records any more.
var errLost = errors.New("the records behind the position are gone")

// run follows the topic, with new connections whenever the old ones are good for
// nothing. What keeps it from that is logged once.
func (f *follower) run(ctx context.Context) {
	said := ""
	for wait := rebuildMin; ctx.Err() == nil; wait = min(2*wait, rebuildMax) {
		f.answered = false
		err := f.session(ctx)
		if ctx.Err() != nil {
			return
		}
		if errors.Is(err, errLost) {
			f.bookmark = nil
		}
		f.missed = f.missed || f.bookmark == nil
		switch {
		case f.answered:
			wait, said = rebuildMin, ""
		case err.Error() != said:
			said = err.Error()
			f.log.Warn("the tail cannot be read from Kafka, trying again", telemetry.KeyError, err)
		}
		pause(ctx, wait)
	}
}

// session follows the topic until something changes about it or about its
// brokers, or until ctx ends.
func (f *follower) session(ctx context.Context) error {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	config, err := f.subject.settings.tailing(ctx, f.hanging)
	if err != nil {
		return err
	}
	now, err := look(ctx, config, f.subject)
	if err != nil {
		return f.subject.explain(err)
	}
	defer now.close()
	if err := now.open(config); err != nil {
		return f.subject.explain(err)
	}
	if err := f.enter(now); err != nil {
		return f.subject.explain(err)
	}
	var reading sync.WaitGroup
	for broker := range now.leads {
		reading.Go(func() { end((&reader{f, now, broker}).run(ctx)) })
	}
	reading.Wait()
	if cause := context.Cause(ctx); !errors.Is(cause, errLost) {
		return f.subject.explain(cause)
	}
	return errLost
}

// enter makes sure that there is a bookmark in the topic as it is now.
func (f *follower) enter(now *layout) error {
	if f.bookmark != nil && !f.bookmark.fits(now) {
		f.bookmark, f.missed = nil, true
	}
	if f.bookmark != nil {
		return nil
	}
	newest, err := now.newest()
	if err != nil {
		return err
	}
	f.bookmark = newest
	if f.missed {
		f.missed = false
		f.receive(events.Tailed{Position: f.bookmark.text(), Resync: true})
	}
	return nil
}

// next returns the offset to read a partition from.
func (f *follower) next(partition int32) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.bookmark.next[partition]
}

// pass moves the bookmark behind a record, and shows the record if it is an event
// of the tail. It reports whether ctx let it.
func (f *follower) pass(ctx context.Context, record *sarama.ConsumerMessage) bool {
	e, shown := tailed(record)
	f.mu.Lock()
	defer f.mu.Unlock()
	if ctx.Err() != nil {
		return false
	}
	f.bookmark.next[record.Partition] = record.Offset + 1
	if shown {
		f.receive(events.Tailed{Position: f.bookmark.text(), Event: e})
	}
	return true
}
