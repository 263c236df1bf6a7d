package letters_test

import (
	"strings"
	"testing"

	"github.com/IBM/sarama"
	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// handledAre waits until the function has handled as many events, and compares.
func (w *world) handledAre(want ...string) {
	w.t.Helper()
	w.until(strings.Join(want, ", "), func() bool { return len(w.all()) >= len(want) })
	if diff := cmp.Diff(want, w.all()); diff != "" {
		w.t.Errorf("events handled (-want +got):\n%s", diff)
	}
}

// TestReplayPositions names letters in any order: they go back in theirs, and a
// second time only where that is asked for.
func TestReplayPositions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.emit(3, kindTest, "3", "a", "b", "c")
	w.mend()
	out := w.run("replay", "3@2", "3@0")
	if want := "3@0 replayed\n3@2 replayed\n2 of 2 dead letters replayed\n"; out != want {
		t.Errorf("replay: got %q, want %q", out, want)
	}
	w.handledAre("a", "c")
	out, err := w.try("replay", "3@0", "3@1", "3@2")
	if monitor.CodeOf(err) != monitor.Conflict || !strings.Contains(err.Error(), "3@2: it was replayed at") || !strings.Contains(out, "1 of 3 dead letters replayed") {
		t.Errorf("replay again: got %v and %q, want a conflict, and what is new replayed", err, out)
	}
	w.handledAre("a", "c", "b")
	w.run("replay", "-again", "3@0")
	w.handledAre("a", "c", "b", "a")
	if left := columns(w.run("list"), 0, 8); len(left) != 3 || strings.Contains(strings.Join(left, " "), "-:") || strings.Contains(strings.Join(left, " "), "begun") {
		t.Errorf("list: got %q, want three letters with the time of their replay", left)
	}
	w.fails(monitor.NotFound, "3@77: the partition ends before it", "replay", "3@77")
	w.fails(monitor.NotFound, "3@3: this is the mark of a replay, and no dead letter", "show", "3@3")
}

// TestReplayAll counts before it does anything, and leaves out what cannot go
// back.
func TestReplayAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.emit(3, kindTest, "3", "a", "b", "c")
	w.emit(4, kindTest, "8", "d")
	w.emit(5, events.TypeRowRejected, "3", "row")
	w.mend()
	w.run("replay", "3@1")
	w.handledAre("b")
	out := w.run("replay", "-all")
	if want := "3 dead letters to replay; 1 rejected rows, which cannot be; 1 that were replayed before; -yes replays them\n"; out != want {
		t.Errorf("replay -all: got %q, want %q", out, want)
	}
	w.handledAre("b")
	if out := w.run("replay", "-all", "-yes", "-reason", "internal"); !strings.Contains(out, "0 of 0 dead letters replayed") {
		t.Errorf("replay of no letters: got %q", out)
	}
	out = w.run("replay", "-all", "-yes", "-reason", "invalid", "-function", "store", "-type", kindTest)
	if !strings.Contains(out, "3 of 3 dead letters replayed") {
		t.Errorf("replay -all -yes: got %q", out)
	}
	w.until("all four", func() bool { return len(w.all()) == 4 })
	w.fails(monitor.Invalid, "it tells of a row that is no result, and no function takes it: mend what sends such rows", "replay", w.position("row.rejected"))
}

// TestReplayRefuses has records that are no dead letters of this topic of events.
func TestReplayRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	headers := func(pairs ...string) []sarama.RecordHeader {
		var out []sarama.RecordHeader
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, sarama.RecordHeader{Key: []byte(pairs[i]), Value: []byte(pairs[i+1])})
		}
		return out
	}
	event := []string{"ce_specversion", "1.0", "ce_id", "1", "ce_source", "/s", "ce_type", kindTest}
	for _, record := range []*sarama.ProducerMessage{
		{Headers: headers("x", "y")},
		{Headers: headers(event...)},
		{Headers: headers(append(event, "ce_knativeerrordest", "/functions/store", "ce_origintopic", "others")...)},
	} {
		record.Topic, record.Key = w.source.Topic, sarama.StringEncoder("1")
		w.raw(record)
	}
	w.fails(monitor.Invalid, "1@0: it says of no function that it failed: it is no dead letter", "replay", "1@0")
	w.fails(monitor.Invalid, "1@1: it says of no function that it failed: it is no dead letter", "replay", "1@1")
	w.fails(monitor.Invalid, `1@2: it came from the topic "others", and letters go back to `+w.source.Origin, "replay", "1@2")
	w.source.Topic = "missing"
	w.fails(monitor.Unavailable, "Kafka has no topic missing: create it", "list")
}
