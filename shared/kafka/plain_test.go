package kafka_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/IBM/sarama"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
)

// values are what headers hold: what is usual first, and then what is odd.
func values() map[string][]string {
	return map[string][]string{
		"ce_specversion":     {"1.0", "0.3", "2.0", ""},
		"ce_id":              {"1790000000-7", "a b", " a", "ü", ""},
		"ce_source":          {"/functions/probe", "urn:x", "#", "/a b", "/%zz", "//h", "/é", "/ ", ""},
		"ce_type":            {events.TypeProbeResults, "x", " x", ""},
		"ce_time":            {"2026-11-22T12:00:00.123Z", "2026-11-22T12:00:00+02:00", "0001-01-01T00:00:00Z", "noon", ""},
		"content-type":       {"application/json", "text/plain", "application/json; charset=utf-8", "application/cloudevents+json", "a/b/c", ""},
		"ce_partitionkey":    {"12", "", "ü"},
		"ce_location":        {"local"},
		"traceparent":        {"00-1-2-3"},
		"Traceparent":        {"00-1-2-3"},
		"ce_subject":         {"a", ""},
		"ce_dataschema":      {"https://example.org/schema", "%zz"},
		"ce_datacontenttype": {"text/plain"},
		"ce_kafkaoffset":     {"5"},
		"ce_no-name":         {"1"},
		"ce_":                {"1"},
		"CE_ID":              {"b"},
	}
}

// mostly draws the first of the values, or any other.
func mostly(t *rapid.T, of []string) string {
	if rapid.IntRange(0, 9).Draw(t, "usual") > 0 {
		return of[0]
	}
	return rapid.SampledFrom(of).Draw(t, "value")
}

// anyHeaders draws those of an event, with some missing, added, doubled and odd.
func anyHeaders(t *rapid.T) []*sarama.RecordHeader {
	names := []string{"ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "content-type", "ce_partitionkey"}
	if rapid.IntRange(0, 5).Draw(t, "missing") == 0 {
		at := rapid.IntRange(0, len(names)-1).Draw(t, "which")
		names = slices.Delete(names, at, at+1)
	}
	all := slices.Sorted(maps.Keys(values()))
	for range rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(t, "more") {
		names = append(names, rapid.SampledFrom(all).Draw(t, "name"))
	}
	var out []*sarama.RecordHeader
	for _, name := range rapid.Permutation(names).Draw(t, "order") {
		out = append(out, &sarama.RecordHeader{Key: []byte(name), Value: []byte(mostly(t, values()[name]))})
	}
	return out
}

// TestPlainEvent holds what is read without the SDK's codec to what that reads.
func TestPlainEvent(t *testing.T) {
	t.Parallel()
	plain, other := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		record := &sarama.ConsumerMessage{
			Topic: "events", Partition: 3, Offset: 7, Headers: anyHeaders(t),
			Value: rapid.SampledFrom([][]byte{[]byte(`{"a":1}`), {}, nil}).Draw(t, "data"),
		}
		got, wasPlain, err := kafka.EventOf(record)
		if !wasPlain {
			other++
			return
		}
		plain++
		want, wantErr := kafka.DecodeBySDK(record)
		if err != nil || wantErr != nil {
			t.Fatalf("got error %v, the SDK %v", err, wantErr)
		}
		if diff := cmp.Diff(want.Event, got.Event); diff != "" {
			t.Fatalf("event (-SDK +ours):\n%s", diff)
		}
	})
	if plain == 0 || other == 0 {
		t.Errorf("got %d plain records and %d others, want some of both", plain, other)
	}
}

// TestPlainHeaders holds what is written without the SDK's codec to what that
// writes.
func TestPlainHeaders(t *testing.T) {
	t.Parallel()
	plain, other := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		e := events.New(rapid.SampledFrom([]string{"x", events.TypeShardTick, " x", ""}).Draw(t, "type"), events.Head{
			ID: rapid.SampledFrom([]string{"1-2", "ü", " 1", ""}).Draw(t, "id"), Source: rapid.SampledFrom([]string{"probe", "a b"}).Draw(t, "source"),
			Key: rapid.SampledFrom([]string{"12", "", "ü"}).Draw(t, "key"), Location: rapid.SampledFrom([]string{"", "eu"}).Draw(t, "location"),
		}, &events.ShardTick{Shard: 5})
		unusual(t, &e)
		got, wasPlain, err := kafka.RecordOf(e)
		if !wasPlain {
			other++
			return
		}
		plain++
		want, wantErr := kafka.EncodeBySDK(e)
		if err != nil || wantErr != nil {
			t.Fatalf("got error %v, the SDK %v", err, wantErr)
		}
		if diff := cmp.Diff(texts(want.Headers), texts(got.Headers)); diff != "" || got.Key != want.Key {
			t.Fatalf("got the key %v, want %v; headers (-SDK +ours):\n%s", got.Key, want.Key, diff)
		}
		if data, err := e.Encoded(); err != nil || string(got.Value.(sarama.ByteEncoder)) != string(data) {
			t.Fatalf("got the data %s, want %s, %v", got.Value, data, err)
		}
	})
	if plain == 0 || other == 0 {
		t.Errorf("got %d plain events and %d others, want some of both", plain, other)
	}
}

// unusual may give the event what functions do not.
func unusual(t *rapid.T, e *events.Event) {
	switch rapid.IntRange(0, 15).Draw(t, "unusual") {
	case 0:
		e.SetSubject("a")
	case 1:
		e.SetDataSchema("https://example.org/schema")
	case 2:
		e.SetTime(time.Time{})
	case 3:
		e.SetDataContentType("text/plain")
	case 4:
		e.SetSource("")
	case 5:
		e.SetExtension("number", 5)
	case 6:
		e.SetTime(time.Date(2026, 11, 22, 12, 0, 0, 5, time.FixedZone("", 7200)))
	case 7:
		e.SetSource("%zz")
	case 8:
		e.SetSpecVersion("0.3")
	}
}

func texts(all []sarama.RecordHeader) map[string]string {
	out := map[string]string{}
	for _, one := range all {
		out[string(one.Key)] += string(one.Value) + "|"
	}
	return out
}
