package kafka

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"slices"
	"strings"

	"github.com/IBM/sarama"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Settings say where the brokers are and how to log in.
type Settings struct {
	Brokers      []string       `envconfig:"MONITOR_KAFKA_BROKERS" default:"127.0.0.1:9092" desc:"Kafka brokers to ask for all others, as host:port,host:port"`
	TLS          bool           `envconfig:"MONITOR_KAFKA_TLS" default:"false" desc:"whether to speak TLS with the Kafka brokers"`
	Authority    string         `envconfig:"MONITOR_KAFKA_CA" desc:"PEM file with the authorities that sign the brokers' certificates, if not those of the system"`
	Certificate  string         `envconfig:"MONITOR_KAFKA_CERTIFICATE" desc:"PEM file with the certificate to show to Kafka brokers, for mutual TLS"`
	Key          string         `envconfig:"MONITOR_KAFKA_KEY" desc:"PEM file with the key of that certificate"`
	User         string         `envconfig:"MONITOR_KAFKA_USER" desc:"user to log in to Kafka as; none: no login"`
	Mechanism    string         `envconfig:"MONITOR_KAFKA_MECHANISM" default:"SCRAM-SHA-512" desc:"how to log in to Kafka: SCRAM-SHA-512, SCRAM-SHA-256 or PLAIN"`
	Password     monitor.Secret `envconfig:"MONITOR_KAFKA_PASSWORD" desc:"password of that user"`
	PasswordFile string         `envconfig:"MONITOR_KAFKA_PASSWORD_FILE" desc:"file with the password instead; it is read again for each new client"`
	Instance     string         `envconfig:"MONITOR_KAFKA_INSTANCE" desc:"name of this process in its consumer groups, the same after each of its restarts and no other process's, such as the pod's in a StatefulSet: a restart within 30 s then moves no partition, but those of a process that stops for good wait for as long; none: others take over at once"`
}

var mechanisms = []string{sarama.SASLTypeSCRAMSHA512, sarama.SASLTypeSCRAMSHA256, sarama.SASLTypePlaintext}

// Check returns an Invalid error for every setting that cannot be.
func (s Settings) Check() error {
	var faults []error
	fault := func(wrong bool, field, format string, args ...any) {
		if wrong {
			faults = append(faults, monitor.FieldErrorf(field, format, args...))
		}
	}
	fault(len(s.Brokers) == 0, "MONITOR_KAFKA_BROKERS", "must name at least one broker, as host:port")
	fault(slices.ContainsFunc(s.Brokers, isNoAddress), "MONITOR_KAFKA_BROKERS", "must be host:port,host:port without spaces, got %q", strings.Join(s.Brokers, ","))
	fault(!slices.Contains(mechanisms, s.Mechanism), "MONITOR_KAFKA_MECHANISM", "must be %s, got %q", strings.Join(mechanisms, ", "), s.Mechanism)
	fault(s.User != "" && s.Password == "" && s.PasswordFile == "", "MONITOR_KAFKA_PASSWORD", "must be set for the user %q, here or as a file in MONITOR_KAFKA_PASSWORD_FILE", s.User)
	fault(s.Password != "" && s.PasswordFile != "", "MONITOR_KAFKA_PASSWORD_FILE", "must not be set beside MONITOR_KAFKA_PASSWORD")
	fault(s.User != "" && s.Mechanism == sarama.SASLTypePlaintext && !s.TLS, "MONITOR_KAFKA_TLS", "must be true where MONITOR_KAFKA_MECHANISM is PLAIN: it sends the password as it is")
	fault((s.Certificate == "") != (s.Key == ""), "MONITOR_KAFKA_KEY", "must be set if MONITOR_KAFKA_CERTIFICATE is, and only then")
	fault(!s.TLS && s.Authority+s.Certificate != "", "MONITOR_KAFKA_TLS", "must be true where there are certificates")
	fault(s.Instance != "" && !isInstance(s.Instance), "MONITOR_KAFKA_INSTANCE", "must be 1 to 249 of the characters a-z A-Z 0-9 . _ -, got %q", s.Instance)
	return errors.Join(faults...)
}

func isNoAddress(broker string) bool {
	host, port, err := net.SplitHostPort(broker)
	return err != nil || host == "" || port == "" || strings.ContainsAny(broker, " \t")
}

// apply writes the settings into the configuration of a client. Invalid: a file
// cannot be read.
func (s Settings) apply(config *sarama.Config) error {
	if s.TLS {
		secure, err := s.tls()
		if err != nil {
			return err
		}
		config.Net.TLS.Enable, config.Net.TLS.Config = true, secure
	}
	if s.User == "" {
		return nil
	}
	password, err := s.password()
	if err != nil {
		return err
	}
	login := &config.Net.SASL
	login.Enable, login.User, login.Password = true, s.User, password
	login.Mechanism, login.SCRAMClientGeneratorFunc = sarama.SASLMechanism(s.Mechanism), generator(s.Mechanism)
	return nil
}

func (s Settings) password() (string, error) {
	if s.PasswordFile == "" {
		return string(s.Password), nil
	}
	text, err := readFile("MONITOR_KAFKA_PASSWORD_FILE", s.PasswordFile)
	return strings.TrimRight(string(text), "\r\n"), err
}

func (s Settings) tls() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.Authority != "" {
		text, err := readFile("MONITOR_KAFKA_CA", s.Authority)
		if err != nil {
			return nil, err
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(text) {
			return nil, monitor.FieldErrorf("MONITOR_KAFKA_CA", "%s holds no certificate in PEM", s.Authority)
		}
	}
	if s.Certificate != "" {
		pair, err := tls.LoadX509KeyPair(s.Certificate, s.Key)
		if err != nil {
			return nil, &monitor.Error{
				Code: monitor.Invalid, Field: "MONITOR_KAFKA_CERTIFICATE",
				Message: "the certificate and its key cannot be read", Cause: err,
			}
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

func readFile(field, path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, &monitor.Error{Code: monitor.Invalid, Field: field, Message: "the file cannot be read", Cause: err}
	}
	return text, nil
}
