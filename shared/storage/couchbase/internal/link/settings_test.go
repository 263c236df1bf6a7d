package link_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/link"
)

// working is a login that can be.
func working() link.Settings {
	return link.Settings{Address: "couchbases://one.example,two.example:11207", User: "monitor", Password: "quiet"}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	keys := newAuthority(t).issue(t, "monitor")
	certificate, key := file("client.pem", keys.certificate), file("client.key", keys.key)
	password, nonsense := file("password", "quiet\n"), file("nonsense", "no PEM")
	tests := map[string]struct {
		change func(*link.Settings)
		want   []string // a part of each fault; none: it can be
	}{
		"what works": {func(*link.Settings) {}, nil},
		"this machine, without TLS": {func(s *link.Settings) {
			s.Address = "couchbase://127.0.0.1:11210,localhost,[::1]"
		}, nil},
		"plain, and it does not matter": {func(s *link.Settings) { s.Address, s.Plain = "couchbase://one.example", true }, nil},
		"the outer network":             {func(s *link.Settings) { s.Address += "?network=external" }, nil},
		"a password in a file":          {func(s *link.Settings) { s.Password, s.PasswordFile = "", password }, nil},
		"a certificate": {func(s *link.Settings) {
			s.User, s.Password, s.Certificate, s.Key = "", "", certificate, key
		}, nil},

		"no address":           {func(s *link.Settings) { s.Address = "" }, []string{"MONITOR_COUCHBASE: must be"}},
		"http":                 {func(s *link.Settings) { s.Address = "http://one.example" }, []string{"MONITOR_COUCHBASE: must be"}},
		"another protocol":     {func(s *link.Settings) { s.Address = "couchbase2://one.example" }, []string{"MONITOR_COUCHBASE: must be"}},
		"no host":              {func(s *link.Settings) { s.Address = "couchbases://" }, []string{"empty"}},
		"an empty host":        {func(s *link.Settings) { s.Address = "couchbases://one.example,," }, []string{"empty"}},
		"a bucket in it":       {func(s *link.Settings) { s.Address += "/monitor" }, []string{"no bucket"}},
		"another's time-out":   {func(s *link.Settings) { s.Address += "?kv_timeout=1" }, []string{"only network"}},
		"a queue of its own":   {func(s *link.Settings) { s.Address += "?network=default&max_queue_size=1" }, []string{"only network"}},
		"plain to elsewhere":   {func(s *link.Settings) { s.Address = "couchbase://127.0.0.1,one.example" }, []string{"MONITOR_COUCHBASE_PLAIN=true"}},
		"no user":              {func(s *link.Settings) { s.User = "" }, []string{"MONITOR_COUCHBASE_USER: must be set"}},
		"no password":          {func(s *link.Settings) { s.Password = "" }, []string{"MONITOR_COUCHBASE_PASSWORD: must be set"}},
		"two passwords":        {func(s *link.Settings) { s.PasswordFile = password }, []string{"MONITOR_COUCHBASE_PASSWORD_FILE: must not"}},
		"no such file":         {func(s *link.Settings) { s.Password, s.PasswordFile = "", folder+"/none" }, []string{"MONITOR_COUCHBASE_PASSWORD_FILE: the file"}},
		"an authority of what": {func(s *link.Settings) { s.Authority = nonsense }, []string{"MONITOR_COUCHBASE_CA: "}},
		"half a certificate":   {func(s *link.Settings) { s.Certificate = certificate }, []string{"MONITOR_COUCHBASE_KEY: must", "MONITOR_COUCHBASE_USER: must not"}},
		"a broken certificate": {func(s *link.Settings) { s.User, s.Certificate, s.Key = "", nonsense, key }, []string{"MONITOR_COUCHBASE_CERTIFICATE: "}},
		"certificates without TLS": {func(s *link.Settings) {
			s.Address, s.Authority = "couchbase://127.0.0.1", certificate
		}, []string{"MONITOR_COUCHBASE: must start with couchbases://"}},
		"a scope of the server's own": {func(s *link.Settings) { s.Scope = "_default" }, []string{"MONITOR_COUCHBASE_SCOPE: "}},
		"all at once": {
			func(s *link.Settings) { *s = link.Settings{Scope: "a b", Authority: nonsense} },
			[]string{"MONITOR_COUCHBASE: ", "MONITOR_COUCHBASE_USER: ", "MONITOR_COUCHBASE_SCOPE: ", "MONITOR_COUCHBASE_CA: "},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := working()
			test.change(&s)
			err := s.Check()
			if len(test.want) == 0 {
				if err != nil {
					t.Errorf("got %v, want none", err)
				}
				return
			}
			wantCode(t, err, monitor.Invalid)
			for _, part := range test.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("got %v, want %s", err, part)
				}
			}
			if lines := strings.Count(err.Error(), "\n") + 1; lines != len(test.want) {
				t.Errorf("got %d faults, want %d: %v", lines, len(test.want), err)
			}
		})
	}
}

func TestSecretsStayUntold(t *testing.T) {
	t.Parallel()
	s := working()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, told := range []string{string(text), fmt.Sprint(s), fmt.Sprintf("%+v", s), fmt.Sprintf("%#v", s), s.Password.LogValue().String()} {
		if strings.Contains(told, "quiet") {
			t.Errorf("the password is told: %s", told)
		}
	}
	s.Address = "couchbases://monitor:quiet@one.example"
	if err := s.Check(); err == nil || strings.Contains(err.Error(), "quiet") {
		t.Errorf("got %v, want an error that does not tell the password", err)
	}
}
