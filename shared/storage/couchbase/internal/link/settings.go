package link

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/url"
	"os"
	"regexp"
	"strings"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
)

// Settings say where the cluster is and how to log in.
type Settings struct {
	Address      string         `envconfig:"MONITOR_COUCHBASE" default:"couchbase://127.0.0.1" desc:"where Couchbase is: couchbases://host,host with TLS, couchbase://host without"`
	User         string         `envconfig:"MONITOR_COUCHBASE_USER" desc:"user to log in to Couchbase as"`
	Password     monitor.Secret `envconfig:"MONITOR_COUCHBASE_PASSWORD" desc:"password of that user"`
	PasswordFile string         `envconfig:"MONITOR_COUCHBASE_PASSWORD_FILE" desc:"file with the password instead; it is read again for new connections"`
	Authority    string         `envconfig:"MONITOR_COUCHBASE_CA" desc:"PEM file with the authorities that sign the nodes' certificates, if not those of the system"`
	Certificate  string         `envconfig:"MONITOR_COUCHBASE_CERTIFICATE" desc:"PEM file with the certificate to log in to Couchbase with, instead of a user and a password; it is read again for new connections"`
	Key          string         `envconfig:"MONITOR_COUCHBASE_KEY" desc:"PEM file with the key of that certificate"`
	Plain        bool           `envconfig:"MONITOR_COUCHBASE_PLAIN" default:"false" desc:"whether to speak to Couchbase without TLS beyond this machine: the password, and all that is kept, can then be read on the way"`
	Scope        string         `envconfig:"MONITOR_COUCHBASE_SCOPE" default:"monitor" desc:"scope of each bucket that everything is kept in"`
}

var scopes = regexp.MustCompile(`^[A-Za-z0-9-][A-Za-z0-9_%-]{0,250}$`)

// Check returns an Invalid error for every setting that cannot be. It reads the
// files that the settings name.
func (s Settings) Check() error {
	var faults []error
	fault := func(wrong bool, field, format string, args ...any) {
		if wrong {
			faults = append(faults, monitor.FieldErrorf(field, format, args...))
		}
	}
	secure, hosts, err := parseAddress(s.Address)
	fault(err != nil, "MONITOR_COUCHBASE", "must be couchbases://host,host or couchbase://host: %v", err)
	fault(err == nil && !secure && !s.Plain && !areLoopback(hosts), "MONITOR_COUCHBASE",
		"must start with couchbases://: without TLS the password can be read on the way; set MONITOR_COUCHBASE_PLAIN=true where that does not matter")
	fault(err == nil && !secure && s.Authority+s.Certificate != "", "MONITOR_COUCHBASE", "must start with couchbases:// where there are certificates")
	fault((s.Certificate == "") != (s.Key == ""), "MONITOR_COUCHBASE_KEY", "must be set if MONITOR_COUCHBASE_CERTIFICATE is, and only then")
	fault(s.User == "" && s.Certificate == "", "MONITOR_COUCHBASE_USER", "must be set, or MONITOR_COUCHBASE_CERTIFICATE in its place")
	fault(s.User != "" && s.Certificate != "", "MONITOR_COUCHBASE_USER", "must not be set beside MONITOR_COUCHBASE_CERTIFICATE, which names its user itself")
	fault(s.User != "" && s.Password == "" && s.PasswordFile == "", "MONITOR_COUCHBASE_PASSWORD", "must be set for the user %q, here or as a file in MONITOR_COUCHBASE_PASSWORD_FILE", s.User)
	fault(s.Password != "" && s.PasswordFile != "", "MONITOR_COUCHBASE_PASSWORD_FILE", "must not be set beside MONITOR_COUCHBASE_PASSWORD")
	fault(!scopes.MatchString(s.scope()), "MONITOR_COUCHBASE_SCOPE", "must be 1 to 251 of the characters a-z A-Z 0-9 _ - %% and start with none of _ %%, got %q", s.Scope)
	_, err = s.password()
	faults = append(faults, err)
	_, err = s.authorities()
	faults = append(faults, err)
	if s.Certificate != "" && s.Key != "" {
		_, err = s.certificate()
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// parseAddress returns whether the connection string asks for TLS, and its hosts as
// host:port.
// Its errors do not repeat it, for people put passwords into addresses.
func parseAddress(address string) (secure bool, hosts []string, err error) {
	scheme, rest, found := strings.Cut(address, "://")
	if !found || scheme != "couchbase" && scheme != "couchbases" {
		return false, nil, errors.New("it starts with neither couchbase:// nor couchbases://")
	}
	rest, options, _ := strings.Cut(rest, "?")
	if err := checkOptions(options); err != nil {
		return false, nil, err
	}
	if strings.ContainsAny(rest, "@/ ") {
		return false, nil, errors.New("only hosts and their ports may follow, no user, no bucket and no space")
	}
	for part := range strings.SplitSeq(rest, ",") {
		host, port, err := net.SplitHostPort(part)
		if err != nil {
			host, port = strings.Trim(part, "[]"), ports[scheme]
		}
		if host == "" || port == "" {
			return false, nil, errors.New("a host or its port is empty")
		}
		hosts = append(hosts, net.JoinHostPort(host, port))
	}
	return scheme == "couchbases", hosts, nil
}

// ports are those of the nodes where the connection string names none.
var ports = map[string]string{"couchbase": "11210", "couchbases": "11207"}

// checkOptions lets pass what says how to find nodes, and nothing that changes
// how they are spoken to.
func checkOptions(text string) error {
	options, err := url.ParseQuery(text)
	if err != nil {
		return errors.New("its options cannot be read")
	}
	for name := range options {
		if name != "network" {
			return errors.New("of its options only network may be set: all others are the monitor's own")
		}
	}
	return nil
}

func areLoopback(hosts []string) bool {
	for _, where := range hosts {
		host, _, _ := net.SplitHostPort(where)
		if address := net.ParseIP(host); host != "localhost" && (address == nil || !address.IsLoopback()) {
			return false
		}
	}
	return true
}

func (s Settings) scope() string {
	if s.Scope == "" {
		return layout.Scope
	}
	return s.Scope
}

func (s Settings) password() (string, error) {
	if s.PasswordFile == "" {
		return string(s.Password), nil
	}
	text, err := readFile("MONITOR_COUCHBASE_PASSWORD_FILE", s.PasswordFile)
	return strings.TrimRight(string(text), "\r\n"), err
}

// authorities returns nil where those of the system sign the nodes' certificates.
func (s Settings) authorities() (*x509.CertPool, error) {
	if s.Authority == "" {
		return nil, nil
	}
	text, err := readFile("MONITOR_COUCHBASE_CA", s.Authority)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, monitor.FieldErrorf("MONITOR_COUCHBASE_CA", "%s holds no certificate in PEM", s.Authority)
	}
	return pool, nil
}

func (s Settings) certificate() (*tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(s.Certificate, s.Key)
	if err != nil {
		return nil, &monitor.Error{
			Code: monitor.Invalid, Field: "MONITOR_COUCHBASE_CERTIFICATE",
			Message: "the certificate and its key cannot be read", Cause: err,
		}
	}
	return &pair, nil
}

func readFile(field, path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, &monitor.Error{Code: monitor.Invalid, Field: field, Message: "the file cannot be read", Cause: err}
	}
	return text, nil
}
