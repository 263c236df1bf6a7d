package kafka

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/IBM/sarama"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// subject is what a client wanted when it failed.
type subject struct {
	settings Settings
	topic    string
	group    string
}

// explain returns an Unavailable error that says in one sentence what to do. It
// is never more than that, as all of it can be mended while the program runs.
func (s subject) explain(err error) error {
	if err == nil {
		return nil
	}
	for _, known := range s.sentences() {
		if known.fits(err) {
			return monitor.Wrap(monitor.Unavailable, err, "%s", known.sentence)
		}
	}
	return monitor.Wrap(monitor.Unavailable, err, "Kafka did not do what was asked of it")
}

type sentence struct {
	fits     func(error) bool
	sentence string
}

func (s subject) sentences() []sentence {
	who := "anybody without a login"
	switch {
	case s.settings.User != "":
		who = "the user " + s.settings.User
	case s.settings.Certificate != "":
		who = "the user of the certificate"
	}
	brokers := strings.Join(s.settings.Brokers, ", ")
	return []sentence{
		{is(sarama.ErrSASLAuthenticationFailed), "Kafka refuses the login of " + who + ": check MONITOR_KAFKA_USER, MONITOR_KAFKA_PASSWORD and MONITOR_KAFKA_MECHANISM"},
		{is(sarama.ErrUnsupportedSASLMechanism), "Kafka does not know the login " + s.settings.Mechanism + ": check MONITOR_KAFKA_MECHANISM"},
		{is(sarama.ErrUnknownTopicOrPartition), "Kafka has no topic " + s.topic + ": create it, as scripts/kafka topics does"},
		{is(sarama.ErrInvalidReplicationFactor), "Kafka has fewer brokers than the topic " + s.topic + " is to have replicas: start more, or set -one-broker where there is one only"},
		{is(sarama.ErrTopicAuthorizationFailed), "Kafka does not show the topic " + s.topic + " to " + who + ": add an ACL for it"},
		{is(errNoRead), "Kafka does not let " + who + " read the topic " + s.topic + ": add an ACL for the operation READ"},
		{is(errNoWrite), "Kafka does not let " + who + " write to the topic " + s.topic + ": add an ACL for the operation WRITE"},
		{is(errNoCreate), "Kafka does not let " + who + " create the topic " + s.topic + ": add an ACL for the operation CREATE"},
		{is(errNoDescribeConfigs), "Kafka does not show the settings of the topic " + s.topic + " to " + who + ": add an ACL for the operation DESCRIBE_CONFIGS"},
		{is(errNoAlterConfigs), "Kafka does not let " + who + " change the settings of the topic " + s.topic + ": add an ACL for the operation ALTER_CONFIGS"},
		{is(sarama.ErrFencedInstancedId), "another process is the member " + s.settings.Instance + " of the group " + s.group + ": MONITOR_KAFKA_INSTANCE must have another value in each process; this one waits until the name is free"},
		{is(sarama.ErrGroupAuthorizationFailed), "Kafka does not let " + who + " join the group " + s.group + ": add an ACL for the operation READ"},
		{is(sarama.ErrNotLeaderForPartition), "the Kafka brokers have not agreed yet on who leads the topic " + s.topic},
		{is(sarama.ErrLeaderNotAvailable), "the Kafka brokers have no leader for a partition of the topic " + s.topic + ": check whether all of them run"},
		{isFenced, "Kafka takes no more of what this producer sends: a new one takes its place"},
		{isMisnamed, "the certificate of the Kafka brokers at " + brokers + " is made out to another name: check MONITOR_KAFKA_BROKERS"},
		{isUntrusted, "the certificate of the Kafka brokers at " + brokers + " is not trusted: check MONITOR_KAFKA_CA"},
		{isRefused, "the Kafka brokers at " + brokers + " refuse " + s.shown()},
		{is(sarama.ErrKafkaStorageError), "a Kafka broker has lost the disk of the topic " + s.topic + ": make room on it, or mend it, and start the broker again"},
		{is(sarama.ErrOutOfBrokers), "no Kafka broker answers at " + brokers + ": check MONITOR_KAFKA_BROKERS and MONITOR_KAFKA_TLS, whether they want a login (MONITOR_KAFKA_USER), and whether they run"},
		{isBroken, "the connection to the Kafka brokers at " + brokers + " is broken"},
	}
}

// What the broker says is not allowed.
var (
	errNoRead            = errors.New("READ is not allowed")
	errNoWrite           = errors.New("WRITE is not allowed")
	errNoCreate          = errors.New("CREATE is not allowed")
	errNoDescribeConfigs = errors.New("DESCRIBE_CONFIGS is not allowed")
	errNoAlterConfigs    = errors.New("ALTER_CONFIGS is not allowed")
)

func is(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

func isBroken(err error) bool {
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	return errors.Is(err, io.EOF) || errors.Is(err, sarama.ErrNotConnected)
}

// shown is what the brokers were shown to know who talks to them.
func (s subject) shown() string {
	if s.settings.Certificate == "" {
		return "to talk without a certificate: set MONITOR_KAFKA_CERTIFICATE"
	}
	return "the certificate in MONITOR_KAFKA_CERTIFICATE: check whether it has expired, and who has signed it"
}

// isRefused tells whether the other side has ended TLS with an alert.
func isRefused(err error) bool {
	network, ok := errors.AsType[*net.OpError](err)
	return ok && network.Op == "remote error"
}

func isMisnamed(err error) bool {
	_, ok := errors.AsType[x509.HostnameError](err)
	return ok
}

func isUntrusted(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	_, ok := errors.AsType[x509.UnknownAuthorityError](err)
	return ok
}
