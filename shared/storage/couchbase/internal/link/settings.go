package link

import "log/slog"

// Settings say where the cluster is and how to log in.
type Settings struct {
	Address      string `envconfig:"MONITOR_COUCHBASE" default:"couchbase://127.0.0.1" desc:"where Couchbase is: couchbases://host,host with TLS, couchbase://host without"`
	User         string `envconfig:"MONITOR_COUCHBASE_USER" desc:"user to log in to Couchbase as"`
	Password     Secret `envconfig:"MONITOR_COUCHBASE_PASSWORD" desc:"password of that user"`
	PasswordFile string `envconfig:"MONITOR_COUCHBASE_PASSWORD_FILE" desc:"file with the password instead; it is read again for new connections"`
	Authority    string `envconfig:"MONITOR_COUCHBASE_CA" desc:"PEM file with the authorities that sign the nodes' certificates, if not those of the system"`
	Certificate  string `envconfig:"MONITOR_COUCHBASE_CERTIFICATE" desc:"PEM file with the certificate to log in to Couchbase with, instead of a user and a password; it is read again for new connections"`
	Key          string `envconfig:"MONITOR_COUCHBASE_KEY" desc:"PEM file with the key of that certificate"`
	Plain        bool   `envconfig:"MONITOR_COUCHBASE_PLAIN" default:"false" desc:"whether to speak to Couchbase without TLS beyond this machine: passwords, and all that is kept, can then be read on the way"`
}

// Secret is text that is not shown to anybody.
type Secret string

// String hides the text.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "[redacted]"
}

// GoString hides the text.
func (s Secret) GoString() string { return s.String() }

// LogValue hides the text.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText hides the text.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
