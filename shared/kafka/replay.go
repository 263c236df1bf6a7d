package kafka

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/IBM/sarama"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// The headers of a mark, which is a record beside the dead letters that has
// nothing else. It lies in the partition of its letter and behind it, so that it
// is kept for as long as the letter is.
const (
	headerReplay = "monitor-replay"     // begun or done
	headerOf     = "monitor-replay-of"  // the letter's position
	headerRun    = "monitor-replay-run" // who does it
)

const (
	markBegun = "begun"
	markDone  = "done"
)

// replay is what is known of the replays of a letter.
type replay struct {
	first string    // run that began first
	begun time.Time // when that was
	done  time.Time // when one was finished; zero: none was
}

type mark struct {
	of    Position
	step  string
	run   string
	wrote time.Time
}

// markOf returns the mark that a record holds. What has the attributes of a dead
// letter, or is an event, is none, whatever its other headers say.
func markOf(record *sarama.ConsumerMessage) (mark, bool) {
	m := mark{wrote: record.Timestamp}
	of := ""
	for _, header := range record.Headers {
		name := string(header.Key)
		switch {
		case name == headerReplay:
			m.step = string(header.Value)
		case name == headerOf:
			of = string(header.Value)
		case name == headerRun:
			m.run = string(header.Value)
		case strings.HasPrefix(name, "ce_") || slices.Contains(letterAttributes, name):
			return mark{}, false
		}
	}
	var err error
	if m.of, err = ParsePosition(of); err != nil {
		return mark{}, false
	}
	fits := m.of.Partition == record.Partition && m.of.Offset < record.Offset
	return m, fits && (m.step == markBegun || m.step == markDone)
}

func (l *Letters) note(m mark) {
	known := l.marks[m.of]
	if m.step == markDone {
		known.done = m.wrote
	}
	if known.first == "" {
		known.first, known.begun = m.run, m.wrote
	}
	l.marks[m.of] = known
}

// Replay puts a letter back into the topic that it came from: with its key, and
// without the attributes of a dead letter. All Triggers that match get it again,
// not only the one that failed. Letters made of one record go back once.
//
// Before, a mark beside the letter says that its replay began, and behind it one
// that it is done. Of several that begin at a time, the one whose mark lies first
// goes on. So each letter goes back once, as long as nobody asks for more by
// again; after a crash in between it may or may not have, and its mark says so.
//
// Conflict: it was replayed, or somebody is at it. NotFound: there is no such
// letter. Invalid: it cannot be replayed. Unavailable: it may have gone back.
func (l *Letters) Replay(ctx context.Context, at Position, again bool) error {
	letter, err := l.Get(ctx, at)
	if err != nil {
		return err
	}
	record, err := l.back(ctx, &letter)
	if err != nil {
		return err
	}
	if err := l.claim(ctx, at, again); err != nil {
		return err
	}
	if origin := letter.origin(); origin == "" || !l.sent[origin] {
		if err := l.sender.keep(ctx, record); err != nil {
			return monitor.Wrap(monitor.Unavailable, err, "%s: it may have gone back or not; -again repeats it", at)
		}
		l.sent[origin] = true
	}
	_, err = l.mark(ctx, at, markDone)
	return err
}

// back returns the record that a letter was made of.
func (l *Letters) back(ctx context.Context, letter *Letter) (*sarama.ProducerMessage, error) {
	at := letter.Position
	switch topic := letter.Attributes[ExtensionTopic]; {
	case letter.Type() == events.TypeRowRejected:
		return nil, monitor.Errorf(monitor.Invalid,
			"%s: it tells of a row that is no result, and no function takes it: mend what sends such rows, and the next ones will be stored", at)
	case len(letter.Attributes) == 0:
		return nil, monitor.Errorf(monitor.Invalid, "%s: it says of no function that it failed: it is no dead letter", at)
	case topic != "" && topic != l.origin:
		return nil, monitor.Errorf(monitor.Invalid, "%s: it came from the topic %q, and letters go back to %s alone", at, topic, l.origin)
	}
	if letter.IsEvent() {
		record, err := recordOf(ctx, l.origin, letter.Event)
		if err == nil && record.Key == nil && letter.Key != "" {
			record.Key = sarama.StringEncoder(letter.Key)
		}
		return record, err
	}
	record := &sarama.ProducerMessage{Topic: l.origin}
	if letter.Key != "" {
		record.Key = sarama.StringEncoder(letter.Key)
	}
	if letter.Data != nil {
		record.Value = sarama.ByteEncoder(letter.Data)
	}
	for _, header := range letter.Headers {
		record.Headers = append(record.Headers, sarama.RecordHeader{Key: []byte(header[0]), Value: []byte(header[1])})
	}
	return record, nil
}

// claim marks the replay as begun, and makes sure that it is the first one.
func (l *Letters) claim(ctx context.Context, at Position, again bool) error {
	if err := l.catchUp(ctx, at); err != nil {
		return err
	}
	if known := l.marks[at]; known.first != "" && !again {
		return known.conflict(at)
	}
	end, err := l.mark(ctx, at, markBegun)
	if err != nil {
		return err
	}
	if err := l.readOn(ctx, at, end+1); err != nil {
		return err
	}
	if known := l.marks[at]; known.first != l.run && !again {
		return known.conflict(at)
	}
	return nil
}

func (r replay) conflict(at Position) error {
	if !r.done.IsZero() {
		return monitor.Errorf(monitor.Conflict, "%s: it was replayed at %s; -again repeats it", at, r.done.UTC().Format(time.RFC3339))
	}
	return monitor.Errorf(monitor.Conflict, "%s: its replay began at %s and has not ended: somebody is at it, or it may have gone back or not; -again repeats it",
		at, r.begun.UTC().Format(time.RFC3339))
}

// catchUp reads what may hold marks of a letter: all behind it.
func (l *Letters) catchUp(ctx context.Context, at Position) error {
	defer l.bound(ctx)()
	var ends map[int32]int64
	err := l.ask(ctx, func() (err error) {
		ends, err = offsetsOf(l.client, l.subject.topic, sarama.OffsetNewest)
		return err
	})
	if err != nil {
		return l.explain(ctx, err)
	}
	return l.readOn(ctx, at, ends[at.Partition])
}

// readOn reads the letter's partition on up to an offset.
func (l *Letters) readOn(ctx context.Context, at Position, end int64) error {
	defer l.bound(ctx)()
	from := at.Offset + 1
	if known := l.seen[at.Partition]; known.from <= from {
		from = max(from, known.to)
	}
	return l.explain(ctx, l.read(ctx, place{at.Partition, from}, end, func(*Letter) {}))
}

// mark writes a mark and returns its offset. A key that is a number is that of
// the partition.
func (l *Letters) mark(ctx context.Context, at Position, step string) (int64, error) {
	record := &sarama.ProducerMessage{Topic: l.subject.topic, Key: sarama.StringEncoder(strconv.Itoa(int(at.Partition)))}
	for _, one := range [][2]string{{headerReplay, step}, {headerOf, at.String()}, {headerRun, l.run}} {
		record.Headers = append(record.Headers, sarama.RecordHeader{Key: []byte(one[0]), Value: []byte(one[1])})
	}
	if err := l.sender.keep(ctx, record); err != nil {
		return 0, monitor.Wrap(monitor.Unavailable, err, "%s: the mark of its replay could not be written", at)
	}
	if record.Partition != at.Partition {
		return 0, monitor.Wrap(monitor.Internal, fmt.Errorf("partition %d", record.Partition), "%s: the mark of its replay lies elsewhere", at)
	}
	return record.Offset, nil
}
