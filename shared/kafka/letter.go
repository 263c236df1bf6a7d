package kafka

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"maps"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/IBM/sarama"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Position is where a record lies in a topic. Its text is partition@offset.
type Position struct {
	Partition int32
	Offset    int64
}

// String returns partition@offset.
func (p Position) String() string { return fmt.Sprintf("%d@%d", p.Partition, p.Offset) }

// ParsePosition reads partition@offset. Invalid: the text is something else.
func ParsePosition(text string) (Position, error) {
	before, behind, found := strings.Cut(text, "@")
	partition, bad := strconv.ParseInt(before, 10, 32)
	offset, worse := strconv.ParseInt(behind, 10, 64)
	if !found || bad != nil || worse != nil || partition < 0 || offset < 0 {
		return Position{}, monitor.Errorf(monitor.Invalid, "a position must be partition@offset, such as 3@127, got %q", text)
	}
	return Position{int32(partition), offset}, nil
}

// Letter is a dead letter as it lies in its topic. What it says came with the
// record, and may be anything.
type Letter struct {
	Position   Position
	Time       time.Time    // when it was written
	Key        string       // of the record; "" where it has none
	Event      events.Event // without the attributes of a dead letter; see IsEvent
	Headers    [][2]string  // of what is no event, without the attributes of a dead letter
	Data       []byte
	Attributes map[string]string // of the dead letter: Extension…

	// Replayed is when the letter was put back, and Begun when that began for the
	// first time. Both are zero where nobody did, or where the marks of it were
	// not read.
	Replayed, Begun time.Time
}

// IsEvent tells whether the letter holds a CloudEvent.
func (l *Letter) IsEvent() bool { return l.Event.Context != nil }

// Type returns the event's type, or "" for what is no event.
func (l *Letter) Type() string {
	if !l.IsEvent() {
		return ""
	}
	return l.Event.Type()
}

// ID returns the event's ID, or "" for what is no event.
func (l *Letter) ID() string {
	if !l.IsEvent() {
		return ""
	}
	return l.Event.ID()
}

// Function returns the name of the function, or of the sink, that failed: the
// last part of the path that the letter names, or else the first one of its
// host. Rows are rejected by the function that emitted the letter.
func (l *Letter) Function() string {
	to := l.Attributes[ExtensionDestination]
	if to == "" && l.Type() == events.TypeRowRejected {
		to = l.Event.Source()
	}
	parsed, err := url.Parse(to)
	if err != nil {
		return to
	}
	if path := strings.Trim(parsed.Path, "/"); path != "" {
		return path[strings.LastIndex(path, "/")+1:]
	}
	host, _, _ := strings.Cut(parsed.Hostname(), ".")
	return host
}

// Reason returns the code of the error, or, where only an HTTP status is known,
// that.
func (l *Letter) Reason() string {
	if reason := l.Attributes[ExtensionReason]; reason != "" {
		return reason
	}
	if l.Type() == events.TypeRowRejected {
		return "rejected"
	}
	return l.Attributes[ExtensionCode]
}

// Error returns what the function answered, for people.
func (l *Letter) Error() string {
	text := l.Attributes[ExtensionData]
	if decoded, err := base64.StdEncoding.DecodeString(text); err == nil {
		return string(decoded)
	}
	return text
}

// letterAttributes are the names of what makes a record a dead letter.
var letterAttributes = []string{
	ExtensionDestination, ExtensionCode, ExtensionData, ExtensionReason, ExtensionTopic,
	ExtensionPartition, ExtensionOffset, ExtensionGroup, ExtensionAttempts,
}

// letterOf returns the dead letter that a record holds.
func letterOf(record *sarama.ConsumerMessage) Letter {
	l := Letter{
		Position: Position{record.Partition, record.Offset}, Time: record.Timestamp,
		Key: string(record.Key), Attributes: map[string]string{},
	}
	e, err := eventOf(record)
	if err != nil {
		l.Data = record.Value
		l.Headers = l.raw(record.Headers)
		return l
	}
	extensions := e.Extensions()
	for _, name := range letterAttributes {
		if value, ok := extensions[name]; ok {
			l.Attributes[name] = fmt.Sprint(value)
			e.SetExtension(name, nil) // takes it off
		}
	}
	l.Event, l.Data = e, e.Data()
	return l
}

// raw takes the attributes of a dead letter out of headers: they were put behind
// all others, which may have the same names.
func (l *Letter) raw(headers []*sarama.RecordHeader) [][2]string {
	var out [][2]string
	for _, header := range slices.Backward(headers) {
		name, value := string(header.Key), string(header.Value)
		if _, found := l.Attributes[name]; !found && slices.Contains(letterAttributes, name) {
			l.Attributes[name] = value
			continue
		}
		out = append(out, [2]string{name, value})
	}
	slices.Reverse(out)
	return out
}

// Listed returns the attributes of the event, or the headers of what is none,
// and then those of the dead letter: names and values.
func (l *Letter) Listed() [][2]string {
	out := slices.Clone(l.Headers)
	if l.IsEvent() {
		at := ""
		if !l.Event.Time().IsZero() {
			at = l.Event.Time().Format(time.RFC3339Nano)
		}
		out = append(out, [2]string{"id", l.Event.ID()}, [2]string{"source", l.Event.Source()}, [2]string{"type", l.Event.Type()},
			[2]string{"subject", l.Event.Subject()}, [2]string{"time", at},
			[2]string{"datacontenttype", l.Event.DataContentType()}, [2]string{"dataschema", l.Event.DataSchema()})
		extensions := l.Event.Extensions()
		for _, name := range slices.Sorted(maps.Keys(extensions)) {
			out = append(out, [2]string{name, fmt.Sprint(extensions[name])})
		}
	}
	for _, name := range letterAttributes {
		if value, ok := l.Attributes[name]; ok && name != ExtensionData {
			out = append(out, [2]string{name, value})
		}
	}
	return slices.DeleteFunc(out, func(one [2]string) bool { return one[1] == "" })
}

// origin names the record that the letter was made of; "" where nobody knows.
func (l *Letter) origin() string {
	at := l.Attributes
	if at[ExtensionTopic] == "" || at[ExtensionOffset] == "" {
		return ""
	}
	return at[ExtensionTopic] + "/" + at[ExtensionPartition] + "@" + at[ExtensionOffset]
}

// SortByOrigin sorts letters by where the records lay that they were made of, so
// that those of a key go back in the order in which they came. Those of which it
// is not known are last, by time.
func SortByOrigin(letters []Letter) {
	slices.SortStableFunc(letters, func(a, b Letter) int {
		return cmp.Or(
			cmp.Compare(a.number(ExtensionPartition), b.number(ExtensionPartition)),
			cmp.Compare(a.number(ExtensionOffset), b.number(ExtensionOffset)),
			a.Time.Compare(b.Time),
		)
	})
}

// number returns an attribute that is a number; one that is none comes last.
func (l *Letter) number(name string) int64 {
	number, err := strconv.ParseInt(l.Attributes[name], 10, 64)
	if err != nil {
		return math.MaxInt64
	}
	return number
}
