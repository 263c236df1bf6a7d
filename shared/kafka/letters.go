package kafka

import (
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/IBM/sarama"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Letters reads dead letters and puts them back. It is not safe for concurrent
// use; several may be at work side by side. Use OpenLetters.
type Letters struct {
	subject subject // the topic of dead letters
	origin  string  // the topic that they go back to
	client  sarama.Client
	sender  *Sender

	run   string         // the name of this value in its marks
	seen  map[int32]span // what was read of partitions
	marks map[Position]replay
	sent  map[string]bool // origins that were put back
}

// OpenLetters connects to the brokers, to read the topic of dead letters, and to
// put letters back into the topic of origin. Invalid: the settings cannot be.
// Unavailable: the topic cannot be read; the error says why.
func OpenLetters(ctx context.Context, settings Settings, topic, origin string) (*Letters, error) {
	sender, err := NewSender(settings, "monitor-letters", origin)
	if err != nil {
		return nil, err
	}
	l := &Letters{
		subject: subject{settings: settings, topic: topic}, origin: origin, sender: sender,
		run: rand.Text(), seen: map[int32]span{}, marks: map[Position]replay{}, sent: map[string]bool{},
	}
	if err := inspect(ctx, l.subject, toRead()); err != nil {
		return nil, err
	}
	config, err := settings.config("monitor-letters")
	if err != nil {
		return nil, err
	}
	if l.client, err = newClient(settings, config); err != nil {
		return nil, l.subject.explain(err)
	}
	return l, nil
}

// Close disconnects.
func (l *Letters) Close(ctx context.Context) error {
	err := l.sender.Close(ctx)
	_ = l.client.Close() // it may be closed already
	return err
}

// Range says which part of the topic is read.
type Range struct {
	Since  time.Time       // letters from this time on; zero: from the first
	Newest int64           // this many records of each partition at most; 0: all
	From   map[int32]int64 // these partitions alone, from these offsets on; nil: all of them
}

// Found is what a scan found.
type Found struct {
	Letters []Letter // by position, without Data
	Passed  int64    // records before these, which Range.Newest left out
}

// Scan reads the letters of a range up to the topic's end as it is now, and
// returns those that are to be kept. Unavailable: ctx ended first, or the
// brokers fail.
func (l *Letters) Scan(ctx context.Context, within Range, keep func(*Letter) bool) (Found, error) {
	defer l.bound(ctx)()
	var starts, ends map[int32]int64
	found := Found{}
	err := l.ask(ctx, func() (err error) {
		starts, ends, found.Passed, err = l.limits(within)
		return err
	})
	if err != nil {
		return Found{}, l.explain(ctx, err)
	}
	for _, partition := range slices.Sorted(maps.Keys(starts)) {
		err := l.read(ctx, place{partition, starts[partition]}, ends[partition], func(letter *Letter) {
			if keep(letter) {
				letter.Data, letter.Event.DataEncoded = nil, nil // many of them would be too much
				found.Letters = append(found.Letters, *letter)
			}
		})
		if err != nil {
			return Found{}, l.explain(ctx, err)
		}
	}
	for i := range found.Letters {
		known := l.marks[found.Letters[i].Position]
		found.Letters[i].Begun, found.Letters[i].Replayed = known.begun, known.done
	}
	return found, nil
}

// limits returns where to begin and to end in each partition.
func (l *Letters) limits(within Range) (starts, ends map[int32]int64, passed int64, err error) {
	if err := l.client.RefreshMetadata(l.subject.topic); err != nil {
		return nil, nil, 0, err
	}
	if starts, err = offsetsOf(l.client, l.subject.topic, sarama.OffsetOldest); err != nil {
		return nil, nil, 0, err
	}
	if ends, err = offsetsOf(l.client, l.subject.topic, sarama.OffsetNewest); err != nil {
		return nil, nil, 0, err
	}
	var since map[int32]int64
	if !within.Since.IsZero() {
		if since, err = offsetsOf(l.client, l.subject.topic, within.Since.UnixMilli()); err != nil {
			return nil, nil, 0, err
		}
	}
	for partition, start := range starts {
		if from, ok := since[partition]; ok && from < 0 {
			start = ends[partition] // nothing is as new
		} else if ok {
			start = max(start, from)
		}
		if from, ok := within.From[partition]; ok {
			start = max(start, from)
		} else if within.From != nil {
			delete(starts, partition)
			continue
		}
		starts[partition] = start
		if left := ends[partition] - start - within.Newest; within.Newest > 0 && left > 0 {
			starts[partition] += left
			passed += left
		}
	}
	return starts, ends, passed, nil
}

// maxAsked is how often brokers are asked that have just lost a partition, or a
// connection.
const maxAsked = 8

// ask asks again, with what is known of the brokers made new, where the question
// went to a broker that does not lead the partition any more.
func (l *Letters) ask(ctx context.Context, question func() error) error {
	for try := 1; ; try++ {
		err := question()
		if err == nil || try == maxAsked || !isMoving(err) && !isBroken(err) || !pause(ctx, backoff(try)) {
			return err
		}
		_ = l.client.RefreshMetadata(l.subject.topic) // the next try says what is wrong
	}
}

func isMoving(err error) bool {
	for _, known := range []error{
		sarama.ErrNotLeaderForPartition, sarama.ErrLeaderNotAvailable, sarama.ErrOffsetNotAvailable,
		sarama.ErrUnknownLeaderEpoch, sarama.ErrFencedLeaderEpoch,
	} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}

// fetchBytes is how much of a partition is read at a time.
const fetchBytes = 1 << 20

// read reads a partition from a place up to an offset, and hands out the letters.
// Marks of replays are kept.
func (l *Letters) read(ctx context.Context, at place, end int64, each func(*Letter)) error {
	begin := at.offset
	for at.offset < end {
		if err := ctx.Err(); err != nil {
			return err
		}
		records, next, err := l.fetch(ctx, at, fetchBytes)
		if err != nil {
			return err
		}
		for _, record := range records {
			if record.Offset >= end {
				continue
			}
			if mark, ok := markOf(record); ok {
				l.note(mark)
				continue
			}
			letter := letterOf(record)
			each(&letter)
		}
		if next == at.offset {
			return sarama.ErrIncompleteResponse
		}
		at.offset = next
	}
	l.seen[at.partition] = l.seen[at.partition].with(begin, max(begin, end))
	return nil
}

// span is a range of offsets, without the last.
type span struct{ from, to int64 }

// with returns the span and another one that touches it, or else the other one.
func (s span) with(from, to int64) span {
	if from < s.from || from > s.to {
		return span{from, to}
	}
	return span{s.from, max(s.to, to)}
}

func (l *Letters) fetch(ctx context.Context, at place, bytes int32) (records []*sarama.ConsumerMessage, next int64, err error) {
	err = l.ask(ctx, func() (err error) {
		records, next, err = fetch(l.client, l.subject.topic, at, bytes)
		return err
	})
	return records, next, err
}

// Get returns the letter at a position, with its data. NotFound: there is none,
// or none any more.
func (l *Letters) Get(ctx context.Context, at Position) (Letter, error) {
	defer l.bound(ctx)()
	var starts, ends map[int32]int64
	err := l.ask(ctx, func() (err error) {
		starts, ends, _, err = l.limits(Range{})
		return err
	})
	if err != nil {
		return Letter{}, l.explain(ctx, err)
	}
	first, known := starts[at.Partition]
	switch {
	case !known:
		return Letter{}, monitor.Errorf(monitor.NotFound, "%s: the topic %s has the partitions 0 to %d", at, l.subject.topic, len(starts)-1)
	case at.Offset < first:
		return Letter{}, monitor.Errorf(monitor.NotFound, "%s: the letter was removed, as all of its partition before %d@%d", at, at.Partition, first)
	case at.Offset >= ends[at.Partition]:
		return Letter{}, monitor.Errorf(monitor.NotFound, "%s: the partition ends before it, at %d@%d", at, at.Partition, ends[at.Partition])
	}
	records, _, err := l.fetch(ctx, place{at.Partition, at.Offset}, 1)
	if err != nil {
		return Letter{}, l.explain(ctx, err)
	}
	if len(records) == 0 || records[0].Offset != at.Offset {
		return Letter{}, monitor.Errorf(monitor.NotFound, "%s: there is no record", at)
	}
	if _, ok := markOf(records[0]); ok {
		return Letter{}, monitor.Errorf(monitor.NotFound, "%s: this is the mark of a replay, and no dead letter", at)
	}
	return letterOf(records[0]), nil
}

// bound has requests fail once ctx ends, until what it returns is called.
func (l *Letters) bound(ctx context.Context) (release func()) {
	stop := context.AfterFunc(ctx, func() { _ = l.client.Close() })
	return func() { stop() }
}

func (l *Letters) explain(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if _, known := errors.AsType[*monitor.Error](err); known {
		return err
	}
	if ctx.Err() != nil {
		return monitor.Wrap(monitor.Unavailable, ctx.Err(), "the topic %s was not read in time: read less of it, or give it more time", l.subject.topic)
	}
	return l.subject.explain(err)
}
