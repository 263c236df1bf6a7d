package kafka

import (
	"slices"
	"strings"
	"time"

	"github.com/IBM/sarama"
	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"github.com/cloudevents/sdk-go/v2/types"

	"github.com/api-endpoint-monitor/monitor/shared/events"
)

// The headers of an event in binary mode
// (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md#32-binary-content-mode).
const (
	headerPrefix  = "ce_"
	headerVersion = headerPrefix + "specversion"
	headerID      = headerPrefix + "id"
	headerSource  = headerPrefix + "source"
	headerType    = headerPrefix + "type"
	headerTime    = headerPrefix + "time"
	headerContent = "content-type"
)

// plainHeaders writes the headers of an event as functions make them, at a
// fraction of what the SDK's codec takes. It returns false for all others, and
// for what is no event: the codec then has the word.
func plainHeaders(e *cloudevents.Event) ([]sarama.RecordHeader, bool) {
	head, ok := e.Context.(*cloudevents.EventContextV1)
	if !ok || len(e.FieldErrors) > 0 || head.Time == nil || head.Time.IsZero() || head.DataContentType == nil || *head.DataContentType != cloudevents.ApplicationJSON ||
		head.Subject != nil || head.DataSchema != nil || !trimmed(head.ID) || !trimmed(head.Type) {
		return nil, false
	}
	source := head.Source.URL.String()
	if !trimmed(source) {
		return nil, false
	}
	out := headers{list: make([]sarama.RecordHeader, 0, 6+len(head.Extensions)), text: make([]byte, 0, usualHeaders)}
	out.add(headerVersion, cloudevents.CloudEventsVersionV1)
	out.add(headerID, head.ID)
	out.add(headerSource, source)
	out.add(headerType, head.Type)
	out.add(headerContent, cloudevents.ApplicationJSON)
	out.begin(headerTime)
	out.text = head.Time.UTC().AppendFormat(out.text, time.RFC3339Nano)
	out.end()
	for name, value := range head.Extensions {
		text, ok := value.(string)
		if !ok {
			return nil, false
		}
		out.begin(headerPrefix, name)
		out.text = append(out.text, text...)
		out.end()
	}
	return out.list, true
}

func trimmed(text string) bool { return text != "" && strings.TrimSpace(text) == text }

// usualHeaders is how many bytes the headers of an event have.
const usualHeaders = 256

// headers are written into one piece of memory.
type headers struct {
	list     []sarama.RecordHeader
	text     []byte
	from, at int // where the header at hand begins, and its value
}

func (h *headers) begin(name ...string) {
	h.from = len(h.text)
	for _, part := range name {
		h.text = append(h.text, part...)
	}
	h.at = len(h.text)
}

func (h *headers) end() {
	h.list = append(h.list, sarama.RecordHeader{Key: slices.Clip(h.text[h.from:h.at]), Value: slices.Clip(h.text[h.at:])})
}

func (h *headers) add(name, value string) {
	h.begin(name)
	h.text = append(h.text, value...)
	h.end()
}

// plainEvent reads a record that has the headers of an event as plainHeaders
// writes them. It returns false for all others, be they events or
// not: the codec then has the word.
func plainEvent(record *sarama.ConsumerMessage) (events.Event, bool) {
	head := &cloudevents.EventContextV1{}
	seen := 0
	for _, header := range record.Headers {
		known, ok := readHeader(head, header.Key, string(header.Value))
		if !ok {
			return events.Event{}, false
		}
		seen |= known
	}
	if seen != allRequired {
		return events.Event{}, false
	}
	return events.FromWire(cloudevents.Event{Context: head, DataEncoded: record.Value}), true
}

// The headers that must all be there, as bits.
const (
	hasVersion = 1 << iota
	hasID
	hasSource
	hasType
	hasTime
	hasContent

	allRequired = 1<<iota - 1
)

// readHeader writes one header into the context. It returns its bit, if it must
// be there, and false where it is not the plain case.
func readHeader(head *cloudevents.EventContextV1, name []byte, value string) (bit int, plain bool) {
	switch string(name) {
	case headerVersion:
		return hasVersion, value == cloudevents.CloudEventsVersionV1
	case headerID:
		head.ID = value
		return hasID, trimmed(value)
	case headerSource:
		source := types.ParseURIRef(value)
		if source == nil || value[0] != '/' || !trimmed(value) {
			return 0, false
		}
		head.Source = *source
		return hasSource, true
	case headerType:
		head.Type = value
		return hasType, trimmed(value)
	case headerTime:
		at, err := types.ParseTime(value)
		head.Time = &types.Timestamp{Time: at}
		return hasTime, err == nil && !at.IsZero()
	case headerContent:
		head.DataContentType = &value
		return hasContent, value == cloudevents.ApplicationJSON
	}
	return 0, readExtension(head, string(name), value)
}

// readExtension takes an extension, and passes over the headers of others.
func readExtension(head *cloudevents.EventContextV1, name, value string) bool {
	extension, ok := strings.CutPrefix(name, headerPrefix)
	if !ok {
		return name == strings.ToLower(name) // as the codec compares it
	}
	if extension == "" || strings.ContainsFunc(extension, notInName) {
		return false
	}
	switch extension {
	case "subject", "dataschema", "datacontenttype", "kafkaoffset", "kafkapartition", "kafkatopic":
		return false
	}
	if head.Extensions == nil {
		head.Extensions = make(map[string]any, 2)
	}
	head.Extensions[extension] = value
	return true
}

func notInName(c rune) bool { return (c < 'a' || c > 'z') && (c < '0' || c > '9') }
