package events

import (
	"encoding/json"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Event is a CloudEvent and, where it was made or decoded in this process, its
// decoded data.
type Event struct {
	cloudevents.Event
	value any // *T of the event's type, shared: never written to
}

// Head holds the attributes that an emitter chooses.
type Head struct {
	ID       string
	Source   string // the function: "schedule", "probe", …
	Key      string // partition key; "" for none
	Location string // "" for none
}

// New returns an event of the given type that carries the value, which nobody
// may change from here on. It is encoded only by Encoded and Wire.
func New[T any](kind string, head Head, value *T) Event {
	out := Event{Event: cloudevents.New(), value: value}
	out.SetID(head.ID)
	out.SetSource("/functions/" + head.Source)
	out.SetType(kind)
	out.SetTime(time.Now().UTC())
	out.SetDataContentType(cloudevents.ApplicationJSON)
	if head.Key != "" {
		out.SetExtension(ExtensionKey, head.Key)
	}
	if head.Location != "" {
		out.SetExtension(ExtensionLocation, head.Location)
	}
	return out
}

// FromWire returns an event as it was received.
func FromWire(received cloudevents.Event) Event { return Event{Event: received} }

// Key returns the partition key, or "" where the event has none.
func (e Event) Key() string {
	key, _ := e.Extensions()[ExtensionKey].(string)
	return key
}

// Encoded returns the event's data as JSON. It encodes the value if the event
// was made in this process; the result is shared and must not be changed.
func (e Event) Encoded() ([]byte, error) {
	if data := e.Event.Data(); data != nil || e.value == nil {
		return data, nil
	}
	if results, ok := e.value.(*ProbeResults); ok {
		return AppendResults(nil, results), nil
	}
	data, err := json.Marshal(e.value)
	return data, monitor.Wrap(monitor.Internal, err, "cannot encode %s", e.Type())
}

// Wire returns the event with its data encoded, ready for a protocol binding.
func (e Event) Wire() (cloudevents.Event, error) {
	data, err := e.Encoded()
	if err != nil {
		return cloudevents.Event{}, err
	}
	out := e.Event.Clone()
	out.DataEncoded = data
	return out, nil
}

// Decode returns the event's data: the shared value if this process made or
// decoded the event already, else what the bytes say. Data that does not fit
// is Invalid.
func Decode[T any](e Event) (*T, error) {
	if value, ok := e.value.(*T); ok {
		return value, nil
	}
	value := new(T)
	var err error
	if results, ok := any(value).(*ProbeResults); ok {
		err = DecodeResults(e.Event.Data(), results)
	} else {
		err = json.Unmarshal(e.Event.Data(), value)
	}
	if err != nil {
		return nil, monitor.Wrap(monitor.Invalid, err, "the data of %s %s does not fit its type", e.Type(), e.ID())
	}
	return value, nil
}

// Decoded returns the event with its data decoded once for all who get it.
// An event of a type that is not known, or whose data does not fit, is
// returned as it is: its handler will say so.
func Decoded(e Event) Event {
	if e.value != nil {
		return e
	}
	var value any
	var err error
	switch e.Type() {
	case TypeProbeDue:
		value, err = Decode[ProbeDue](e)
	case TypeProbeResults:
		value, err = Decode[ProbeResults](e)
	case TypeShardTick:
		value, err = Decode[ShardTick](e)
	case TypeIncidentChanged:
		value, err = Decode[IncidentChanged](e)
	default:
		return e
	}
	if err == nil {
		e.value = value
	}
	return e
}
