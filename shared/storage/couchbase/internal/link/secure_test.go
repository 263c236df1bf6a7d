package link_test

import (
	"strings"
	"testing"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/link"
)

// use does a little of everything with the link.
func use(t testing.TB, l *link.Link, key string) {
	t.Helper()
	want := body(l, 1)
	states := l.Collection(bucket, layout.States)
	insert(t, states, key, want)
	wantBody(t, states, key, string(want))
}

func TestTLS(t *testing.T) {
	t.Parallel()
	ours, folder := newAuthority(t), t.TempDir()
	node := couchbasetest.Prepared(t, couchbasetest.Options{TLS: ours.server(t)})
	s := settingsOf(node)
	s.Address, s.Authority = node.SecureAddress(), put(t, folder, "ca.pem", ours.pem)
	l := openWith(t, s, link.Options{})
	use(t, l, "s:1")
	if err := l.Ready(t.Context(), bucket); err != nil {
		t.Error(err)
	}

	s.Authority = put(t, folder, "theirs.pem", newAuthority(t).pem)
	_, err := openWith(t, s, link.Options{}).Collection(bucket, layout.States).Get(t.Context(), "s:1")
	wantCode(t, err, monitor.Unavailable, "signed by nobody whom we know", "MONITOR_COUCHBASE_CA")
	wantCode(t, openWith(t, s, link.Options{}).Ready(t.Context(), bucket), monitor.Unavailable, "MONITOR_COUCHBASE_CA")
	s.Authority = ""
	_, err = openWith(t, s, link.Options{}).Collection(bucket, layout.States).Get(t.Context(), "s:1")
	wantCode(t, err, monitor.Unavailable, "signed by nobody whom we know", "MONITOR_COUCHBASE_CA")
}

func TestMutualTLS(t *testing.T) {
	t.Parallel()
	ours, folder := newAuthority(t), t.TempDir()
	node := couchbasetest.Prepared(t, couchbasetest.Options{TLS: ours.server(t), Users: map[string]string{"first": "unused", "second": "unused"}})
	first, second := ours.issue(t, "first"), ours.issue(t, "second")
	s := link.Settings{
		Address: node.SecureAddress(), Authority: put(t, folder, "ca.pem", ours.pem),
		Certificate: put(t, folder, "client.pem", first.certificate), Key: put(t, folder, "client.key", first.key),
	}
	l := openWith(t, s, link.Options{})
	use(t, l, "s:1")
	if node.Counts().Logins["first"] == 0 {
		t.Errorf("got the logins %v, want some of the first", node.Counts().Logins)
	}

	put(t, folder, "client.pem", second.certificate)
	put(t, folder, "client.key", second.key)
	use(t, l, "s:2")
	if got := node.Counts().Logins["second"]; got != 0 {
		t.Errorf("%d connections are new, want those that were open to stay", got)
	}
	node.Disconnect()
	use(t, l, "s:3")
	if node.Counts().Logins["second"] == 0 {
		t.Errorf("got the logins %v, want some of the second", node.Counts().Logins)
	}
}

func TestAPasswordIsReadAgain(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	node := couchbasetest.Prepared(t, couchbasetest.Options{Users: map[string]string{"monitor": "old"}})
	s := link.Settings{Address: node.Address(), User: "monitor", PasswordFile: put(t, folder, "password", "old\n")}
	l := openWith(t, s, link.Options{})
	use(t, l, "s:1")

	node.SetPassword("monitor", "new")
	use(t, l, "s:2")
	node.Disconnect()
	eventually(t, "the old password is refused by name", func() bool {
		_, err := l.Collection(bucket, layout.States).Get(t.Context(), "s:1")
		return err != nil && strings.Contains(err.Error(), "refuses the user monitor")
	})
	put(t, folder, "password", "new\n")
	use(t, l, "s:3")
}
