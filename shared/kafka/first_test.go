package kafka_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/IBM/sarama"

	"github.com/api-endpoint-monitor/monitor/scripts/kafka/broker"
	"github.com/api-endpoint-monitor/monitor/scripts/rig"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// secure are the settings of the user at the broker's secure listener.
func secure(b *broker.Broker) kafka.Settings {
	return kafka.Settings{
		Brokers: []string{b.Secure}, TLS: true, Authority: b.Authority,
		User: broker.User, Password: broker.Password, Mechanism: sarama.SASLTypeSCRAMSHA512,
	}
}

// allow lets the user do something.
func allow(t *testing.T, b *broker.Broker, kind sarama.AclResourceType, name string, operations ...sarama.AclOperation) {
	t.Helper()
	grant(t, b, broker.User, on(kind, name), operations...)
}

// quickly bounds the first attempt, which must not be one of many in a row. The
// clients themselves would take longer than this before they say anything.
func quickly(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

func TestFirstAttempt(t *testing.T) {
	t.Parallel()
	b := onBroker(t)
	free, err := rig.FreeAddr()
	if err != nil {
		t.Fatal(err)
	}
	wiring := own(t, plain(b.Plain), wired(true))
	seen := own(t, plain(b.Plain), wired(true)) // its topic is shown, and no more
	allow(t, b, sarama.AclResourceTopic, seen.Topic, sarama.AclOperationDescribe)
	until(t, "the right is known", patience, func() bool {
		err := sender(t, secure(b), seen.Topic).Ready(t.Context())
		return err != nil && !strings.Contains(err.Error(), "does not show")
	})
	for name, test := range map[string]struct {
		settings func(s *kafka.Settings)
		topic    string
		want     string
	}{
		"a wrong password": {
			func(s *kafka.Settings) { s.Password = "wrong" }, wiring.Topic,
			"Kafka refuses the login of the user monitor: check MONITOR_KAFKA_USER, MONITOR_KAFKA_PASSWORD and MONITOR_KAFKA_MECHANISM",
		},
		"an unknown user": {
			func(s *kafka.Settings) { s.User = "nobody" }, wiring.Topic, "Kafka refuses the login of the user nobody",
		},
		"a login that the brokers do not have": {
			func(s *kafka.Settings) { s.Mechanism = sarama.SASLTypeSCRAMSHA256 }, wiring.Topic,
			"Kafka does not know the login SCRAM-SHA-256: check MONITOR_KAFKA_MECHANISM",
		},
		"a port where nothing listens": {
			func(s *kafka.Settings) { s.Brokers = []string{free} }, wiring.Topic,
			"no Kafka broker answers at " + free + ": check MONITOR_KAFKA_BROKERS",
		},
		"an authority that did not sign": {
			func(s *kafka.Settings) { s.Authority = "" }, wiring.Topic,
			"the certificate of the Kafka brokers at " + b.Secure + " is not trusted: check MONITOR_KAFKA_CA",
		},
		"a topic that is not there": {
			func(s *kafka.Settings) { *s = plain(b.Plain) }, "missing", "Kafka has no topic missing: create it",
		},
		"a topic without any ACL": {
			func(*kafka.Settings) {}, wiring.Topic, "Kafka does not show the topic " + wiring.Topic + " to the user monitor: add an ACL for it",
		},
		"a topic that may not be written to": {
			func(*kafka.Settings) {}, seen.Topic,
			"Kafka does not let the user monitor write to the topic " + seen.Topic + ": add an ACL for the operation WRITE",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := secure(b)
			test.settings(&settings)
			err := sender(t, settings, test.topic).Emit(quickly(t), event("1", "a"))
			known, ok := errors.AsType[*monitor.Error](err)
			if !ok || known.Code != monitor.Unavailable || !strings.HasPrefix(known.Message, test.want) {
				t.Errorf("got %v, want unavailable: %s", err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), broker.Password) {
				t.Errorf("got %v, which tells the password", err)
			}
		})
	}
}

// TestMended has each right granted while the process runs: nothing has to be
// started anew.
func TestMended(t *testing.T) {
	t.Parallel()
	b := onBroker(t)
	wiring := own(t, plain(b.Plain), wired(true))
	group := wiring.Broker + "-store"
	out := sender(t, secure(b), wiring.Topic)
	if err := out.Emit(quickly(t), event("1", "a")); !errors.Is(err, monitor.Unavailable) {
		t.Errorf("emit without an ACL: got %v, want unavailable", err)
	}
	lines := &shared{}
	var handled log
	run(t, consumer(t, kafka.Options{
		Settings: secure(b), Topology: wiring, Sender: out, Log: slog.New(slog.NewTextHandler(lines, nil)),
	}, map[string]events.Handler{"store": func(_ context.Context, in events.Event, _ events.Emit) error {
		handled.add(in.ID())
		return nil
	}}))
	says := func(sentence string) {
		t.Helper()
		until(t, sentence, patience, func() bool { return strings.Contains(lines.String(), sentence) })
	}
	says("Kafka does not show the topic " + wiring.Topic)
	allow(t, b, sarama.AclResourceTopic, wiring.Topic, sarama.AclOperationWrite)
	until(t, "an event is taken", patience, func() bool { return out.Emit(t.Context(), event("1", "a")) == nil })
	says("Kafka does not let the user monitor read the topic " + wiring.Topic)
	allow(t, b, sarama.AclResourceTopic, wiring.Topic, sarama.AclOperationRead)
	says("Kafka does not let the user monitor join the group " + group + ": add an ACL for the operation READ")
	allow(t, b, sarama.AclResourceGroup, group, sarama.AclOperationRead)
	until(t, "the event is handled", 2*time.Minute, func() bool { return len(handled.all()) > 0 })
	if strings.Contains(lines.String(), broker.Password) {
		t.Error("the log tells the password")
	}
}

// shared is a buffer for many writers.
type shared struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *shared) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}
