package kafka_test

import (
	"slices"
	"testing"
	"time"

	"github.com/IBM/sarama"
	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
)

// headers are a record's, by name.
type headers [][2]string

func usualHeaders() headers {
	return headers{
		{"ce_specversion", "1.0"},
		{"ce_id", "1790000000-7"},
		{"ce_source", "/functions/probe"},
		{"ce_type", events.TypeProbeResults},
		{"ce_time", "2026-11-22T12:00:00.123Z"},
		{"content-type", "application/json"},
		{"ce_partitionkey", "12"},
	}
}

// oddHeaders are what else records have.
func oddHeaders() headers {
	return headers{
		{"ce_specversion", "0.3"},
		{"ce_specversion", "2.0"},
		{"ce_specversion", ""},
		{"ce_id", "a b"},
		{"ce_id", " a"},
		{"ce_id", "ü"},
		{"ce_id", ""},
		{"CE_ID", "b"},
		{"ce_source", "urn:x"},
		{"ce_source", "#"},
		{"ce_source", "/a b"},
		{"ce_source", "/%zz"},
		{"ce_source", "//h"},
		{"ce_source", "/é"},
		{"ce_source", "/a "},
		{"ce_source", ""},
		{"ce_type", " x"},
		{"ce_type", ""},
		{"ce_time", "2026-11-22T12:00:00+02:00"},
		{"ce_time", "0001-01-01T00:00:00Z"},
		{"ce_time", "noon"},
		{"ce_time", ""},
		{"content-type", "text/plain"},
		{"content-type", "application/json; charset=utf-8"},
		{"content-type", "application/cloudevents+json"},
		{"content-type", "a/b/c"},
		{"content-type", ""},
		{"Content-Type", "text/plain"},
		{"ce_partitionkey", ""},
		{"ce_partitionkey", "ü"},
		{"ce_location", "local"},
		{"traceparent", "00-1-2-3"},
		{"ce_subject", "a"},
		{"ce_dataschema", "https://example.org/schema"},
		{"ce_datacontenttype", "text/plain"},
		{"ce_kafkaoffset", "5"},
		{"ce_kafkapartition", "5"},
		{"ce_kafkatopic", "a"},
		{"ce_no-name", "1"},
		{"ce_Upper", "1"},
		{"ce_", "1"},
	}
}

// with returns the headers with one of them replaced, or added.
func (h headers) with(one [2]string) headers {
	out := headers{}
	for _, known := range h {
		if known[0] != one[0] {
			out = append(out, known)
		}
	}
	return append(out, one)
}

func (h headers) record(data []byte) *sarama.ConsumerMessage {
	record := &sarama.ConsumerMessage{Topic: "events", Partition: 3, Offset: 7, Value: data}
	for _, one := range h {
		record.Headers = append(record.Headers, &sarama.RecordHeader{Key: []byte(one[0]), Value: []byte(one[1])})
	}
	return record
}

// TestPlainEvent holds what is read without the SDK's codec to what that reads:
// of the usual headers, with one missing, and with any two others, be it in the
// place of usual ones or beside them.
func TestPlainEvent(t *testing.T) {
	t.Parallel()
	plain, other := 0, 0
	agree := func(of headers, data []byte) {
		t.Helper()
		record := of.record(data)
		got, wasPlain, err := kafka.EventOf(record)
		if !wasPlain {
			other++
			return
		}
		plain++
		want, wantErr := kafka.DecodeBySDK(record)
		if err != nil || wantErr != nil {
			t.Fatalf("%q: got error %v, the SDK %v", of, err, wantErr)
		}
		if diff := cmp.Diff(want.Event, got.Event); diff != "" {
			t.Fatalf("%q (-SDK +ours):\n%s", of, diff)
		}
	}
	usual := usualHeaders()
	for _, data := range [][]byte{[]byte(`{"a":1}`), {}, nil} {
		agree(usual, data)
		for i := range usual {
			agree(append(usual[:i:i], usual[i+1:]...), data)
		}
	}
	if plain == 0 {
		t.Error("what functions emit is not the plain case")
	}
	for _, first := range oddHeaders() {
		agree(append(slices.Clip(usual), first), nil)
		for _, second := range oddHeaders() {
			agree(usual.with(first).with(second), nil)
		}
	}
	if other == 0 {
		t.Error("got only plain records, want others too")
	}
}

// TestPlainHeaders holds what is written without the SDK's codec to what that
// writes.
func TestPlainHeaders(t *testing.T) {
	t.Parallel()
	plain := 0
	for _, head := range []events.Head{
		{ID: "1-2", Source: "probe", Key: "12", Location: "eu"},
		{ID: "1-2", Source: "probe"},
		{ID: "ü", Source: "a b", Key: "ü"},
		{ID: " 1", Source: "probe"},
		{ID: "", Source: "probe"},
	} {
		for _, kind := range []string{events.TypeShardTick, "x", " x", ""} {
			for _, change := range unusual() {
				e := events.New(kind, head, &events.ShardTick{Shard: 5})
				change(&e)
				got, wasPlain, err := kafka.RecordOf(e)
				if !wasPlain {
					continue
				}
				plain++
				want, wantErr := kafka.EncodeBySDK(e)
				if err != nil || wantErr != nil {
					t.Fatalf("%v: got error %v, the SDK %v", e, err, wantErr)
				}
				if diff := cmp.Diff(texts(want.Headers), texts(got.Headers)); diff != "" || got.Key != want.Key {
					t.Fatalf("%v: got the key %v, want %v; headers (-SDK +ours):\n%s", e, got.Key, want.Key, diff)
				}
				if string(got.Value.(sarama.ByteEncoder)) != `{"shard":5,"minute":0}` {
					t.Fatalf("%v: got the data %s", e, got.Value)
				}
			}
		}
	}
	if plain == 0 {
		t.Error("what functions emit is not the plain case")
	}
}

// unusual are changes of an event, the first of which is none.
func unusual() []func(e *events.Event) {
	return []func(e *events.Event){
		func(*events.Event) {},
		func(e *events.Event) { e.SetSubject("a") },
		func(e *events.Event) { e.SetDataSchema("https://example.org/schema") },
		func(e *events.Event) { e.SetTime(time.Time{}) },
		func(e *events.Event) { e.Context.AsV1().Time.Time = time.Time{} },
		func(e *events.Event) { e.Context.(*cloudevents.EventContextV1).ID = "" },
		func(e *events.Event) { e.Context.(*cloudevents.EventContextV1).Type = "" },
		func(e *events.Event) {
			e.SetTime(time.Date(2026, 11, 22, 12, 0, 0, 5, time.FixedZone("", 7200)))
		},
		func(e *events.Event) { e.SetDataContentType("text/plain") },
		func(e *events.Event) { e.SetDataContentType("") },
		func(e *events.Event) { e.SetSource("") },
		func(e *events.Event) { e.SetSource("%zz") },
		func(e *events.Event) { e.SetSource(" /a") },
		func(e *events.Event) { e.SetExtension("number", 5) },
		func(e *events.Event) { e.SetExtension("partitionkey", 5) },
		func(e *events.Event) { e.SetSpecVersion("0.3") },
	}
}

func texts(all []sarama.RecordHeader) map[string]string {
	out := map[string]string{}
	for _, one := range all {
		out[string(one.Key)] += string(one.Value) + "|"
	}
	return out
}
