package kafka_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/IBM/sarama"
	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

func TestLetters(t *testing.T) {
	t.Parallel()
	goBack(t, fake(t))
}

func TestBrokerLetters(t *testing.T) {
	t.Parallel()
	goBack(t, plain(onBroker(t).Plain))
}

func TestLettersRace(t *testing.T) {
	t.Parallel()
	race(t, fake(t))
}

func TestBrokerLettersRace(t *testing.T) {
	t.Parallel()
	race(t, plain(onBroker(t).Plain))
}

func operator(t *testing.T, settings kafka.Settings, wiring topology.Topology) *kafka.Letters {
	t.Helper()
	l, err := kafka.OpenLetters(t.Context(), settings, wiring.Sinks["dead-letters"], wiring.Topic)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close(context.Background()) })
	return l
}

func scan(t *testing.T, l *kafka.Letters) []kafka.Letter {
	t.Helper()
	found, err := l.Scan(t.Context(), kafka.Range{}, func(*kafka.Letter) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	kafka.SortByOrigin(found.Letters)
	return found.Letters
}

// refusing is a function that refuses all until it is mended, and then keeps the
// texts of what it gets.
func refusing(handled *log, mended *atomic.Bool) events.Handler {
	return events.On(func(_ context.Context, data *struct{ Text string }, _ events.Emit) error {
		if !mended.Load() {
			return monitor.Errorf(monitor.Invalid, "it is not mended yet")
		}
		handled.add(data.Text)
		return nil
	})
}

// goBack has two functions fail on the same events of a key, and a record that is
// no event beside them: all that became dead letters goes back as it came, once.
func goBack(t *testing.T, settings kafka.Settings) {
	t.Helper()
	wiring := wired(true)
	second := wiring.Triggers[0]
	second.Name, second.Subscriber.Name = "alert", "alert"
	wiring.Triggers = append(wiring.Triggers, second)
	wiring = own(t, settings, wiring)
	out := sender(t, settings, wiring.Topic)
	var came recordLines
	read(t, settings, wiring.Topic, came.add)
	var mended atomic.Bool
	var stored, alerted log
	run(t, consumer(t, kafka.Options{Settings: settings, Topology: wiring, Sender: out},
		map[string]events.Handler{"store": refusing(&stored, &mended), "alert": refusing(&alerted, &mended)}))
	emit(t, out, event("1", "3"), event("2", "3"))
	produce(t, settings, poisons(wiring.Topic)[0])
	emit(t, out, event("3", "3"))
	operator := operator(t, settings, wiring)
	until(t, "two letters for each event, one for what is none", patience, func() bool { return len(scan(t, operator)) == 7 })
	mended.Store(true)
	letters := scan(t, operator)
	for i := range letters {
		if err := operator.Replay(t.Context(), letters[i].Position, false); err != nil {
			t.Errorf("replay: got %v, want nil", err)
		}
	}
	until(t, "all events are handled by both", patience, func() bool { return len(stored.all()) == 3 && len(alerted.all()) == 3 })
	for name, handled := range map[string]*log{"store": &stored, "alert": &alerted} {
		if diff := cmp.Diff([]string{"1", "2", "3"}, handled.all()); diff != "" {
			t.Errorf("handled by %s (-want +got):\n%s", name, diff)
		}
	}
	until(t, "what is no event is a dead letter again", patience, func() bool { return len(scan(t, operator)) == 8 })
	until(t, "the reader has all that went back", patience, func() bool { return len(came.all()) >= 8 })
	count := map[string]int{}
	for _, line := range came.all() {
		count[line]++
	}
	for line, times := range count {
		if times != 2 || len(count) != 4 {
			t.Errorf("records of the topic: got %q %d times, want each of the four twice", line, times)
		}
	}
	for _, letter := range scan(t, operator)[:7] {
		if letter.Begun.IsZero() || letter.Replayed.Before(letter.Begun) {
			t.Errorf("letter %s: got a replay from %s to %s, want one that is done", letter.Position, letter.Begun, letter.Replayed)
		}
	}
	gone(t, settings, wiring, letters[0].Position)
}

// recordLines keeps the records of a topic as text, without where and when.
type recordLines struct {
	mu    sync.Mutex
	lines []string
}

func (r *recordLines) add(record *sarama.ConsumerMessage) {
	var headers []string
	for _, header := range record.Headers {
		headers = append(headers, string(header.Key)+"="+string(header.Value))
	}
	slices.Sort(headers)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, strings.Join(append(headers, string(record.Key), string(record.Value)), " "))
}

func (r *recordLines) all() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lines
}

// gone removes a letter, as retention does.
func gone(t *testing.T, settings kafka.Settings, wiring topology.Topology, at kafka.Position) {
	t.Helper()
	config := sarama.NewConfig()
	config.Version = sarama.V3_6_0_0
	admin, err := sarama.NewClusterAdmin(settings.Brokers, config)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	if err := admin.DeleteRecords(wiring.Sinks["dead-letters"], map[int32]int64{at.Partition: at.Offset + 1}); err != nil {
		t.Fatal(err)
	}
	err = operator(t, settings, wiring).Replay(t.Context(), at, true)
	if !errors.Is(err, monitor.NotFound) || !strings.Contains(err.Error(), "the letter was removed") {
		t.Errorf("a letter that was removed: got %v, want not found", err)
	}
}

// race has several operators replay all letters at once: each letter goes back
// once, and all but one of them are told so.
func race(t *testing.T, settings kafka.Settings) {
	t.Helper()
	const letters, operators = 20, 4
	wiring := own(t, settings, wired(true))
	out := sender(t, settings, wiring.Topic)
	var mended atomic.Bool
	var handled log
	run(t, consumer(t, kafka.Options{Settings: settings, Topology: wiring, Sender: out},
		map[string]events.Handler{"store": refusing(&handled, &mended)}))
	for i := range letters {
		emit(t, out, event(strconv.Itoa(i), strconv.Itoa(i%2)))
	}
	first := operator(t, settings, wiring)
	until(t, "all letters", patience, func() bool { return len(scan(t, first)) == letters })
	mended.Store(true)
	all := scan(t, first)
	var replayed, refused atomic.Int64
	var working sync.WaitGroup
	for range operators {
		one := operator(t, settings, wiring)
		working.Go(func() {
			for _, letter := range all {
				switch err := one.Replay(t.Context(), letter.Position, false); monitor.CodeOf(err) {
				case "":
					replayed.Add(1)
				case monitor.Conflict:
					refused.Add(1)
				default:
					t.Errorf("replay: got %v, want nil or a conflict", err)
				}
			}
		})
	}
	working.Wait()
	if replayed.Load() != letters || refused.Load() != letters*(operators-1) {
		t.Errorf("got %d letters replayed and %d refused, want %d and %d", replayed.Load(), refused.Load(), letters, letters*(operators-1))
	}
	until(t, "all are handled", patience, func() bool { return len(handled.all()) >= letters })
	if got := slices.Sorted(slices.Values(handled.all())); len(slices.Compact(got)) != letters || len(handled.all()) != letters {
		t.Errorf("handled: got %q, want each of %d events once", handled.all(), letters)
	}
}

// TestLetterBegun has an operator who fell over in the middle: nobody else goes
// on without being told of it.
func TestLetterBegun(t *testing.T) {
	t.Parallel()
	settings := fake(t)
	wiring := own(t, settings, wired(true))
	out := sender(t, settings, wiring.Topic)
	var mended atomic.Bool
	var handled log
	run(t, consumer(t, kafka.Options{Settings: settings, Topology: wiring, Sender: out},
		map[string]events.Handler{"store": refusing(&handled, &mended)}))
	emit(t, out, event("1", "3"))
	one := operator(t, settings, wiring)
	until(t, "the letter", patience, func() bool { return len(scan(t, one)) == 1 })
	mended.Store(true)
	mark := func(headers ...string) {
		produce(t, settings, &sarama.ProducerMessage{
			Topic: wiring.Sinks["dead-letters"], Key: sarama.StringEncoder("3"), Headers: header(headers...),
		})
	}
	whole := []string{"monitor-replay", "begun", "monitor-replay-of", "3@0", "monitor-replay-run", "other"}
	mark(append(whole, "ce_id", "1")...)              // an event is no mark,
	mark(append(whole, "reason", "internal")...)      // nor is a dead letter,
	mark("monitor-replay", "begun")                   // nor is one of nothing,
	mark(append(whole[2:], "monitor-replay", "?")...) // or of anything else
	if letter := scan(t, one)[0]; !letter.Begun.IsZero() {
		t.Errorf("got a replay begun at %s, want none", letter.Begun)
	}
	mark(whole...)
	at := kafka.Position{Partition: 3}
	err := one.Replay(t.Context(), at, false)
	if !errors.Is(err, monitor.Conflict) || !strings.Contains(err.Error(), "3@0: its replay began at ") {
		t.Errorf("replay of what was begun: got %v, want conflict", err)
	}
	for _, letter := range scan(t, one) {
		if letter.Position == at && (letter.Begun.IsZero() || !letter.Replayed.IsZero()) {
			t.Errorf("got a replay from %s to %s, want one that was begun and is not done", letter.Begun, letter.Replayed)
		}
	}
	if err := one.Replay(t.Context(), at, true); err != nil {
		t.Errorf("replay again: got %v, want nil", err)
	}
	until(t, "the event is handled", patience, func() bool { return len(handled.all()) == 1 })
}

// TestScan reads parts of a topic that has more than one batch can hold.
func TestScan(t *testing.T) {
	t.Parallel()
	settings := fake(t)
	wiring := own(t, settings, wired(true))
	const letters = 40
	for i := range letters {
		produce(t, settings, &sarama.ProducerMessage{
			Topic: wiring.Sinks["dead-letters"], Key: sarama.StringEncoder(strconv.Itoa(i % 2)), Timestamp: time.UnixMilli(int64(1000 * (i + 1))),
			Value: sarama.ByteEncoder(make([]byte, 200<<10)), Headers: header("reason", strconv.Itoa(i)),
		})
	}
	one := operator(t, settings, wiring)
	for name, test := range map[string]struct {
		within kafka.Range
		want   []string // partition@offset of the first, and how many
		passed int64
	}{
		"all":                  {kafka.Range{}, []string{"0@0", "40"}, 0},
		"the newest":           {kafka.Range{Newest: 3}, []string{"0@17", "6"}, 34},
		"more than there are":  {kafka.Range{Newest: 300}, []string{"0@0", "40"}, 0},
		"since a moment":       {kafka.Range{Since: time.UnixMilli(35_000)}, []string{"0@17", "6"}, 0},
		"since the future":     {kafka.Range{Since: time.UnixMilli(99_000)}, []string{"", "0"}, 0},
		"from an offset":       {kafka.Range{From: map[int32]int64{1: 15}}, []string{"1@15", "5"}, 0},
		"from behind the end":  {kafka.Range{From: map[int32]int64{1: 150}}, []string{"", "0"}, 0},
		"of no such partition": {kafka.Range{From: map[int32]int64{77: 0}}, []string{"", "0"}, 0},
	} {
		found, err := one.Scan(t.Context(), test.within, func(*kafka.Letter) bool { return true })
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		first := ""
		if len(found.Letters) > 0 {
			first = found.Letters[0].Position.String()
		}
		if diff := cmp.Diff(test.want, []string{first, strconv.Itoa(len(found.Letters))}); diff != "" || found.Passed != test.passed {
			t.Errorf("%s: passed over %d, want %d (-want +got):\n%s", name, found.Passed, test.passed, diff)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := one.Scan(ended, kafka.Range{}, func(*kafka.Letter) bool { return true }); !errors.Is(err, monitor.Unavailable) {
		t.Errorf("scan whose context has ended: got %v, want unavailable", err)
	}
}

// TestScanWithoutData has the data of the letters let go of: there may be many.
func TestScanWithoutData(t *testing.T) {
	t.Parallel()
	settings := fake(t)
	wiring := own(t, settings, wired(true))
	whole := header("ce_specversion", "1.0", "ce_id", "1", "ce_source", "/s", "ce_type", kindTest, "content-type", "application/json", "ce_reason", "invalid")
	for _, headers := range [][]sarama.RecordHeader{whole, header("reason", "invalid")} {
		produce(t, settings, &sarama.ProducerMessage{Topic: wiring.Sinks["dead-letters"], Value: sarama.StringEncoder(`"1"`), Headers: headers})
	}
	one := operator(t, settings, wiring)
	letters := scan(t, one)
	if len(letters) != 2 {
		t.Fatalf("got %d letters, want 2", len(letters))
	}
	for _, letter := range letters {
		if letter.Data != nil || letter.Event.DataEncoded != nil {
			t.Errorf("got %s with %d and %d bytes of data, want none", letter.Position, len(letter.Data), len(letter.Event.DataEncoded))
		}
		if got, err := one.Get(t.Context(), letter.Position); err != nil || string(got.Data) != `"1"` {
			t.Errorf("got the data %q of the letter itself (%v)", got.Data, err)
		}
	}
}

// TestLettersMoved has a broker that does not lead a partition yet, as it is just
// after a topic was made or its leader lost.
func TestLettersMoved(t *testing.T) {
	t.Parallel()
	broker, settings := cluster(t)
	wiring := own(t, settings, wired(true))
	produce(t, settings, &sarama.ProducerMessage{Topic: wiring.Sinks["dead-letters"], Key: sarama.StringEncoder("1"), Headers: header("reason", "invalid")})
	one := operator(t, settings, wiring)
	broker.ControlKey(int16(kmsg.ListOffsets), func(request kmsg.Request) (kmsg.Response, error, bool) {
		answer := kmsg.NewPtrListOffsetsResponse()
		answer.Version = request.GetVersion()
		asked, _ := request.(*kmsg.ListOffsetsRequest)
		for _, topic := range asked.Topics {
			refused := kmsg.NewListOffsetsResponseTopic()
			refused.Topic = topic.Topic
			for _, partition := range topic.Partitions {
				none := kmsg.NewListOffsetsResponseTopicPartition()
				none.Partition, none.ErrorCode = partition.Partition, 6 // NOT_LEADER_OR_FOLLOWER
				refused.Partitions = append(refused.Partitions, none)
			}
			answer.Topics = append(answer.Topics, refused)
		}
		return answer, nil, true
	})
	broker.ControlKey(int16(kmsg.Fetch), func(kmsg.Request) (kmsg.Response, error, bool) {
		return nil, errors.New("the connection is cut"), true
	})
	if found := scan(t, one); len(found) != 1 {
		t.Errorf("got %d letters, want one", len(found))
	}
}

// TestLetterTime lists the time of an event that has one, as CloudEvents need not.
func TestLetterTime(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 31, 15, 4, 5, 0, time.UTC)
	for want, when := range map[string]time.Time{"": {}, "2026-01-31T15:04:05Z": at} {
		letter := kafka.Letter{Event: event("1", "a")}
		letter.Event.SetTime(when)
		got := ""
		for _, one := range letter.Listed() {
			if one[0] == "time" {
				got = one[1]
			}
		}
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
