package kafka_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"math"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/api-endpoint-monitor/monitor/scripts/rig"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
)

// tailing is a topic with a sender and a tail.
func tailing(t *testing.T, settings kafka.Settings) (topic string, out *kafka.Sender, w *watch) {
	t.Helper()
	topic = own(t, settings, wired(true)).Topic
	tail := kafka.NewTail(settings, topic, testLog(t))
	return topic, sender(t, settings, topic), watchFrom(t, tail, newest(t, tail))
}

// TestTails has two tails see the same, each key in order.
func TestTails(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, settings kafka.Settings) {
		topic := own(t, settings, wired(true)).Topic
		tail := kafka.NewTail(settings, topic, testLog(t))
		from := newest(t, tail)
		all := []*watch{watchFrom(t, tail, from), watchFrom(t, tail, from)}
		out := sender(t, settings, topic)
		const each = 40
		for number := range each {
			for key := range partitions {
				emit(t, out, event("passed over", strconv.Itoa(key)), shown(fmt.Sprintf("%d-%d", key, number), strconv.Itoa(key)))
			}
		}
		for _, w := range all {
			next := map[string]int{}
			for _, id := range w.some(each * partitions) {
				key, number, _ := strings.Cut(id, "-")
				if number != strconv.Itoa(next[key]) {
					t.Fatalf("got %s, want number %d of its key", id, next[key])
				}
				next[key]++
			}
		}
	})
}

// TestTailSlow has a topic forget what a receiver was too slow for.
func TestTailSlow(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, settings kafka.Settings) {
		topic, out, w := tailing(t, settings)
		emit(t, out, shown("1", "0"), shown("2", "0"))
		if got := w.next(); got != "1" {
			t.Fatalf("got %s, want 1", got)
		}
		for range 40 { // the second is held out to us meanwhile
			large := shown("too late", "0")
			large.DataEncoded = make([]byte, 100<<10)
			_, _ = rand.Read(large.DataEncoded)
			emit(t, out, large)
		}
		forget(t, settings, topic, 0)
		got := w.next()
		for got == "2" || got == "too late" {
			got = w.next()
		}
		if got != "resync" {
			t.Errorf("got %s, want a resync", got)
		}
		emit(t, out, shown("3", "0"))
		if got := w.next(); got != "3" {
			t.Errorf("behind the resync: got %s, want 3", got)
		}
	})
}

// TestTailMadeAnew has the topic deleted and made again, with as many records as
// it had.
func TestTailMadeAnew(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, settings kafka.Settings) {
		topic, out, w := tailing(t, settings)
		emit(t, out, shown("1", "0"), shown("2", "0"))
		w.some(2)
		admin := administer(t, settings)
		if err := admin.DeleteTopic(topic); err != nil {
			t.Fatal(err)
		}
		again := &sarama.TopicDetail{NumPartitions: partitions, ReplicationFactor: 1}
		until(t, "the topic is made again", patience, func() bool { return admin.CreateTopic(topic, again, false) == nil })
		fresh := sender(t, settings, topic)
		until(t, "the topic takes events", patience, func() bool { return fresh.Emit(t.Context(), shown("a", "0")) == nil })
		old := w.last
		got := w.next()
		for got == "a" { // the topic of before took it, which was deleted soon after
			got = w.next()
		}
		if got != "resync" {
			t.Errorf("got %s, want a resync", got)
		}
		emit(t, fresh, shown("b", "0"), shown("c", "0"), shown("d", "0"))
		for got := w.next(); got != "d"; {
			got = w.next()
		}
		tail := kafka.NewTail(settings, topic, testLog(t))
		if got := watchFrom(t, tail, old).next(); got != "resync" {
			t.Errorf("from a position in the topic of before: got %s, want a resync", got)
		}
	})
}

func TestTailGrown(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, settings kafka.Settings) {
		topic, out, w := tailing(t, settings)
		if err := administer(t, settings).CreatePartitions(topic, 2*partitions, nil, false); err != nil {
			t.Fatal(err)
		}
		if got := w.next(); got != "resync" {
			t.Errorf("got %s, want a resync", got)
		}
		emit(t, out, shown("1", "0"))
		if got := w.next(); got != "1" {
			t.Errorf("behind the resync: got %s, want 1", got)
		}
		if offsets, _ := kafka.Place(w.last); len(offsets) != 2*partitions {
			t.Errorf("got a position of %d partitions, want %d", len(offsets), 2*partitions)
		}
	})
}

func TestTailPositions(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, settings kafka.Settings) {
		topic, out, w := tailing(t, settings)
		emit(t, out, shown("1", "0"))
		w.next()
		tail := kafka.NewTail(settings, topic, testLog(t))
		offsets, ok := kafka.Place(w.last)
		if want := append([]int64{1}, make([]int64, partitions-1)...); !ok || !slices.Equal(offsets, want) {
			t.Fatalf("got offsets %v, want %v", offsets, want)
		}
		for name, position := range map[string]string{
			"behind the end":      kafka.Moved(w.last, append([]int64{7}, offsets[1:]...)...),
			"at the end of time":  kafka.Moved(w.last, append([]int64{math.MaxInt64}, offsets[1:]...)...),
			"of fewer partitions": kafka.Moved(w.last, offsets[1:]...),
			"of no partition":     kafka.Moved(w.last),
			"of another topic":    newest(t, kafka.NewTail(settings, own(t, settings, wired(true)).Topic, testLog(t))),
			"cut":                 w.last[:len(w.last)-1],
			"with a line break":   w.last[:4] + "\n" + w.last[4:],
			"too long":            strings.Repeat("A", 1<<20),
			"of a bus":            "2YV5TX-17",
		} {
			if got := watchFrom(t, tail, position).next(); got != "resync" {
				t.Errorf("from a position %s: got %s, want a resync", name, got)
			}
		}
	})
}

func FuzzPosition(f *testing.F) {
	f.Add("")
	f.Add("?")
	f.Add("AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("AQECAwQFBgcICQoLDA0ODxAA__________9_gAE")
	f.Fuzz(func(t *testing.T, position string) {
		offsets, ok := kafka.Place(position)
		if !ok {
			return
		}
		if again := kafka.Moved(position, offsets...); again != position {
			t.Errorf("got %q, which is written %q", position, again)
		}
		if slices.ContainsFunc(offsets, func(offset int64) bool { return offset < 0 }) {
			t.Errorf("got offsets %v, want none below 0", offsets)
		}
	})
}

// TestTailRecords has a tail show an event in structured mode, and pass over
// what is no event.
func TestTailRecords(t *testing.T) {
	t.Parallel()
	settings := fake(t)
	topic, out, w := tailing(t, settings)
	config := sarama.NewConfig()
	config.Producer.Return.Successes = true
	producer, err := sarama.NewSyncProducer(settings.Brokers, config)
	if err != nil {
		t.Fatal(err)
	}
	defer producer.Close()
	for _, record := range []struct{ header, value, text string }{
		{"ce_type", "monitor.probe.results.v1", "no ID, no source"},
		{"content-type", "application/cloudevents+json", "no JSON"},
		{"Content-Type", "application/cloudevents+json; charset=utf-8", `{"specversion":"1.0","id":"whole","source":"/x","type":"monitor.incident.changed.v1","data":{}}`},
		{"content-type", "application/cloudevents+json", `{"specversion":"1.0","id":"tick","source":"/x","type":"monitor.shard.tick.v1","data":{}}`},
	} {
		if _, _, err := producer.SendMessage(&sarama.ProducerMessage{
			Topic: topic, Key: sarama.StringEncoder("0"), Value: sarama.StringEncoder(record.text),
			Headers: []sarama.RecordHeader{{Key: []byte(record.header), Value: []byte(record.value)}},
		}); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.next(); got != "whole" {
		t.Errorf("got %s, want the event in structured mode", got)
	}
	emit(t, out, shown("last", "0"))
	if got := w.next(); got != "last" {
		t.Errorf("got %s, want the last event", got)
	}
}

// TestTailEarly has a tail start before its broker does.
func TestTailEarly(t *testing.T) {
	t.Parallel()
	address, err := rig.FreeAddr()
	if err != nil {
		t.Fatal(err)
	}
	lines := &shared{}
	settings := plain(address)
	w := watchFrom(t, kafka.NewTail(settings, "events", slog.New(slog.NewTextHandler(lines, nil))), "")
	const sentence = "no Kafka broker answers at "
	until(t, "a line of the log", patience, func() bool { return strings.Contains(lines.String(), sentence) })
	_, text, _ := net.SplitHostPort(address)
	port, _ := strconv.Atoi(text)
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(port), kfake.SeedTopics(partitions, "events"))
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	if got := w.next(); got != "resync" {
		t.Errorf("got %s, want a resync", got)
	}
	emit(t, sender(t, settings, "events"), shown("1", "0"))
	if got := w.next(); got != "1" {
		t.Errorf("got %s, want 1", got)
	}
	if got := strings.Count(lines.String(), sentence); got != 1 {
		t.Errorf("got the sentence %d times, want once:\n%s", got, lines)
	}
}

// TestTailEnds has a tail end while its broker says nothing.
func TestTailEnds(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	asked := make(chan net.Conn, 16)
	go func() {
		for {
			conn, err := silent.Accept()
			if err != nil {
				return
			}
			asked <- conn
		}
	}()
	w := watchFrom(t, kafka.NewPatientTail(plain(silent.Addr().String()), "events", testLog(t)), "")
	conn := receive(t, "a connection", asked)
	defer conn.Close()
	if _, err := conn.Read(make([]byte, 1)); err != nil {
		t.Fatalf("read the question: %v", err)
	}
	if err := w.stop(); err != nil {
		t.Errorf("got %v, want nil", err)
	}
}

// TestTailRights has a user who may READ the topic, and nothing else, follow it.
func TestTailRights(t *testing.T) {
	t.Parallel()
	b := onBroker(t)
	topic := own(t, plain(b.Plain), wired(true)).Topic
	lines := &shared{}
	w := watchFrom(t, kafka.NewTail(secure(b), topic, slog.New(slog.NewTextHandler(lines, nil))), "")
	until(t, "the log tells what is missing", patience, func() bool {
		return strings.Contains(lines.String(), "Kafka does not show the topic "+topic+" to the user monitor")
	})
	allow(t, b, sarama.AclResourceTopic, topic, sarama.AclOperationRead)
	if got := w.next(); got != "resync" {
		t.Errorf("got %s, want a resync", got)
	}
	emit(t, sender(t, plain(b.Plain), topic), shown("1", "0"))
	if got := w.next(); got != "1" {
		t.Errorf("got %s, want 1", got)
	}
	groups, err := administer(t, plain(b.Plain)).ListConsumerGroups()
	if err != nil {
		t.Fatal(err)
	}
	for group := range groups {
		if strings.Contains(topic, group) {
			t.Errorf("got the group %s, want none", group)
		}
	}
}

// TestTailKilled has a tail follow a load while its broker is killed, and go on
// where it was.
func TestTailKilled(t *testing.T) {
	settings := plain(onBroker(t).Plain)
	_, out, w := tailing(t, settings)
	ctx, enough := context.WithCancel(t.Context())
	defer enough()
	sent := make(chan int, 1)
	go func() {
		for number := 1; ; number++ {
			for out.Emit(context.Background(), shown(strconv.Itoa(number), "0")) != nil {
				if ctx.Err() != nil {
					sent <- number - 1
					return
				}
			}
			if ctx.Err() != nil {
				sent <- number
				return
			}
		}
	}()
	last, repeated := 0, 0
	follow := func(to int) {
		for last < to {
			got := w.next()
			number, err := strconv.Atoi(got)
			if err != nil || number > last+1 {
				t.Fatalf("got %s behind %d, want the next number", got, last)
			}
			if number <= last {
				repeated++ // its emitter heard nothing, and sent it again
			}
			last = max(last, number)
		}
	}
	follow(50)
	if err := running.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := running.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	follow(last + 50)
	enough()
	follow(<-sent)
	fmt.Printf("fault: %-32s shown %6d, repeated %5d, missed=0\n", "broker killed under a tail", last, repeated)
}
