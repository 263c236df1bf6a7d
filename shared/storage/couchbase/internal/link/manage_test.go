package link_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/couchbase/gocb/v2"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/link"
)

func TestManage(t *testing.T) {
	t.Parallel()
	ours := newAuthority(t)
	node := couchbasetest.Prepared(t, couchbasetest.Options{TLS: ours.server(t), Users: map[string]string{
		"first": "unused", couchbasetest.DefaultUser: couchbasetest.DefaultPassword,
	}})
	node.Web().Fail(couchbasetest.WebFault{Of: "GET /pools/default/buckets", Effect: func(http.Handler) http.Handler {
		return http.RedirectHandler("/whoami", http.StatusFound)
	}})
	for name, s := range map[string]link.Settings{
		"without TLS": settingsOf(node),
		"with TLS": {
			Address: node.SecureAddress(), Authority: put(t, t.TempDir(), "ca.pem", ours.pem),
			User: couchbasetest.DefaultUser, Password: couchbasetest.DefaultPassword,
		},
		"with a certificate": ours.settings(t, node, "first"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := openWith(t, s, link.Options{})
			if body, err := l.Manage(t.Context(), "/whoami"); err != nil || !strings.Contains(string(body), `"domain":"local"`) {
				t.Errorf("got %s and error %v, want who asks", body, err)
			}
			_, err := l.Manage(t.Context(), "/pools/default/buckets")
			if answer, ok := errors.AsType[*gocb.HTTPError](err); !ok || answer.StatusCode != http.StatusFound {
				t.Errorf("got error %v of a node that sends to another, want its answer and nothing else", err)
			}
			_, err = l.Manage(t.Context(), "/nowhere")
			if answer, ok := errors.AsType[*gocb.HTTPError](err); !ok || answer.StatusCode != http.StatusNotFound {
				t.Errorf("got error %v, want what the cluster answers to a path that is not there", err)
			}
		})
	}
}
