package kafka_test

import (
	"crypto/rand"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/api-endpoint-monitor/monitor/scripts/kafka/broker"
	"github.com/api-endpoint-monitor/monitor/shared/deliverytest"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

// mutual are the settings of a user with a certificate of the broker's authority.
func mutual(t testing.TB, b *broker.Broker, user string) kafka.Settings {
	t.Helper()
	certificate, key, err := b.Client(user, time.Now().AddDate(0, 0, 1))
	if err != nil {
		t.Fatal(err)
	}
	settings := plain(b.Mutual)
	settings.TLS, settings.Authority, settings.Certificate, settings.Key = true, b.Authority, certificate, key
	return settings
}

// ways are the ways to log in at the broker, each with its user.
func ways(b *broker.Broker) map[string]func(t *testing.T) (kafka.Settings, string) {
	return map[string]func(t *testing.T) (kafka.Settings, string){
		"SCRAM-SHA-512": func(t *testing.T) (kafka.Settings, string) { return login(t, b, "way") },
		"PLAIN": func(*testing.T) (kafka.Settings, string) {
			settings := secure(b)
			settings.Mechanism = sarama.SASLTypePlaintext
			return settings, broker.User
		},
		"a certificate": func(t *testing.T) (kafka.Settings, string) {
			user := "by-certificate-" + rand.Text()[:6]
			return mutual(t, b, user), user
		},
		"TLS alone": func(*testing.T) (kafka.Settings, string) {
			settings := plain(b.TLS)
			settings.TLS, settings.Authority = true, b.Authority
			return settings, ""
		},
	}
}

// TestScram256 logs in by the mechanism that the broker of the other tests does
// not have.
func TestScram256(t *testing.T) {
	t.Parallel()
	_, settings := cluster(t, kfake.EnableSASL(), kfake.Superuser(sarama.SASLTypeSCRAMSHA256, "u", "p"))
	settings.User, settings.Password, settings.Mechanism = "u", "p", sarama.SASLTypeSCRAMSHA256
	wiring := wired(true)
	wiring.Topic, wiring.Sinks = "events", map[string]string{"dead-letters": "letters"}
	if err := kafka.CreateTopics(t.Context(), settings, kafka.OnOneBroker(kafka.Topics(wiring))); err != nil {
		t.Fatal(err)
	}
	emit(t, sender(t, settings, wiring.Topic), event("1", "1"))
}

// allowed grants what the functions of a wiring need.
func allowed(t testing.TB, b *broker.Broker, user string, wiring topology.Topology) {
	t.Helper()
	grant(t, b, user, on(sarama.AclResourceTopic, wiring.Topic), sarama.AclOperationRead, sarama.AclOperationWrite)
	grant(t, b, user, on(sarama.AclResourceTopic, wiring.Sinks["dead-letters"]), sarama.AclOperationWrite)
	for _, trigger := range wiring.Triggers {
		grant(t, b, user, on(sarama.AclResourceGroup, wiring.Broker+"-"+trigger.Name), sarama.AclOperationRead)
	}
}

// TestBrokerLogins has the delivery suite run by users with passwords and by
// users with certificates, over TLS.
func TestBrokerLogins(t *testing.T) {
	t.Parallel()
	b := onBroker(t)
	for _, way := range []string{"SCRAM-SHA-512", "a certificate"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			deliverytest.Run(t, func(t testing.TB, setup deliverytest.Setup) deliverytest.Host {
				t.Helper()
				return hostAs(t, plain(b.Plain), setup, func(wiring topology.Topology) kafka.Settings {
					user := "suite-" + rand.Text()[:8]
					settings := mutual(t, b, user)
					if way != "a certificate" {
						settings = secure(b)
						settings.User, settings.Password = user, monitor.Secret(rand.Text())
						if err := b.SetPassword(user, string(settings.Password)); err != nil {
							t.Fatal(err)
						}
					}
					allowed(t, b, user, wiring)
					return settings
				})
			})
		})
	}
}

// TestWays has one event go there and back in each way to log in.
func TestWays(t *testing.T) {
	t.Parallel()
	b := onBroker(t)
	for name, way := range ways(b) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings, user := way(t)
			wiring := own(t, plain(b.Plain), wired(true))
			if user != "" {
				allowed(t, b, user, wiring)
			}
			out := sender(t, settings, wiring.Topic)
			until(t, "an event is taken", patience, func() bool { return out.Emit(t.Context(), event("1", "1")) == nil })
			book := newBook()
			run(t, consumer(t, kafka.Options{Settings: settings, Topology: wiring, Sender: out, Log: testLog(t)},
				map[string]events.Handler{"store": book.handle}))
			book.more(t, 1)
		})
	}
}

// TestCertificates has TLS fail in every way: the first attempt says how.
func TestCertificates(t *testing.T) {
	t.Parallel()
	b := onBroker(t)
	wiring := own(t, plain(b.Plain), wired(true))
	expired, expiredKey, err := b.Client("late", time.Now().Add(-time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	strange, strangeKey, err := b.Stranger("stranger")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(b.Mutual)
	if err != nil {
		t.Fatal(err)
	}
	refused := "the Kafka brokers at " + b.Mutual + " refuse "
	for name, test := range map[string]struct {
		change func(s *kafka.Settings)
		want   string
	}{
		"a certificate that has expired":           {func(s *kafka.Settings) { s.Certificate, s.Key = expired, expiredKey }, refused + "the certificate in MONITOR_KAFKA_CERTIFICATE"},
		"a certificate of an unknown authority":    {func(s *kafka.Settings) { s.Certificate, s.Key = strange, strangeKey }, refused + "the certificate in MONITOR_KAFKA_CERTIFICATE"},
		"no certificate":                           {func(s *kafka.Settings) { s.Certificate, s.Key = "", "" }, refused + "to talk without a certificate: set MONITOR_KAFKA_CERTIFICATE"},
		"brokers of another authority":             {func(s *kafka.Settings) { s.Authority = strange }, "the certificate of the Kafka brokers at " + b.Mutual + " is not trusted: check MONITOR_KAFKA_CA"},
		"brokers under a name that they are not":   {func(s *kafka.Settings) { s.Brokers = []string{"localhost:" + port} }, "the certificate of the Kafka brokers at localhost:" + port + " is made out to another name: check MONITOR_KAFKA_BROKERS"},
		"no TLS where the brokers speak TLS":       {func(s *kafka.Settings) { *s = plain(b.Mutual) }, "no Kafka broker answers at " + b.Mutual + ": check MONITOR_KAFKA_BROKERS and MONITOR_KAFKA_TLS"},
		"TLS where the brokers do not speak it":    {func(s *kafka.Settings) { s.Brokers = []string{b.Plain} }, "no Kafka broker answers at " + b.Plain + ": check MONITOR_KAFKA_BROKERS and MONITOR_KAFKA_TLS"},
		"a user whom no ACL lets do anything here": {func(*kafka.Settings) {}, "Kafka does not show the topic " + wiring.Topic},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := mutual(t, b, "nobody")
			test.change(&settings)
			err := sender(t, settings, wiring.Topic).Emit(quickly(t), event("1", "a"))
			known, ok := errors.AsType[*monitor.Error](err)
			if !ok || known.Code != monitor.Unavailable || !strings.HasPrefix(known.Message, test.want) {
				t.Errorf("got %v, want unavailable: %s", err, test.want)
			}
		})
	}
}

// TestRotation changes a password while events are sent and handled, cuts all
// connections, and writes the new one into its file later: nothing has to be
// started anew.
func TestRotation(t *testing.T) {
	b := onBroker(t)
	wiring := own(t, plain(b.Plain), wired(true))
	settings, user := login(t, b, "rotated")
	allowed(t, b, user, wiring)
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte(settings.Password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	settings.Password, settings.PasswordFile = "", file
	out := sender(t, settings, wiring.Topic)
	until(t, "the sender is ready", patience, func() bool { return out.Ready(t.Context()) == nil })
	book, lines := newBook(), &shared{}
	run(t, consumer(t, kafka.Options{Settings: settings, Topology: wiring, Sender: out, Log: slog.New(slog.NewTextHandler(lines, nil))},
		map[string]events.Handler{"store": book.handle}))
	enough := book.load(t, out.Emit)
	book.more(t, 200)
	fresh := rand.Text()
	if err := b.SetPassword(user, fresh); err != nil {
		t.Fatal(err)
	}
	if err := b.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := b.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	until(t, "the old password is refused", patience, func() bool {
		return strings.Contains(lines.String(), "Kafka refuses the login of the user "+user)
	})
	if err := os.WriteFile(file, []byte(fresh), 0o600); err != nil {
		t.Fatal(err)
	}
	book.more(t, 200)
	enough()
	book.close(t, "password changed")
}
