package look_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// TestOwnAuthority holds the authorities of a definition to being trusted in
// place of those of the system, and by nobody else.
func TestOwnAuthority(t *testing.T) {
	t.Parallel()
	own, system := newAuthority(t, "Own"), newAuthority(t, "System")
	inside, outside := own.serve(whoAsks, nil, "127.0.0.1"), system.serve(whoAsks, nil, "127.0.0.1")
	eye := newHTTP(t, look.Options{Roots: system.pool()})
	tests := map[string]struct {
		url  string
		ca   string
		want monitor.Fault
	}{
		"what it signed is good":                    {inside.URL, own.pem, monitor.FaultNone},
		"one of several is":                         {inside.URL, system.pem + "a comment\n" + own.pem, monitor.FaultNone},
		"without it that is not":                    {inside.URL, "", monitor.FaultTLS},
		"what the system trusts is, without it":     {outside.URL, "", monitor.FaultNone},
		"what the system trusts is not, beside it":  {outside.URL, own.pem, monitor.FaultTLS},
		"what the system trusts is, if it says so":  {outside.URL, own.pem + system.pem, monitor.FaultNone},
		"what another authority signed is not good": {inside.URL, newAuthority(t, "Third").pem, monitor.FaultTLS},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				request := get(test.url)
				request.Endpoint, request.Method, request.TLS = name+method, method, &monitor.TLS{CA: test.ca}
				for range 2 {
					if answer := eye.Look(t.Context(), request); answer.Fault != test.want || answer.Certificate == 0 {
						t.Errorf("%s: got %q %q, want %q", method, answer.Fault, answer.Reason, test.want)
					}
				}
			}
		})
	}
}

// TestClientCertificate holds looks to showing the certificate of the
// definition to its own host, on kept connections and through net/http.
func TestClientCertificate(t *testing.T) {
	t.Parallel()
	own := newAuthority(t, "Own")
	both := map[string]func(*httptest.Server){
		"HTTP/1.1": own.wants,
		"HTTP/2.0": func(server *httptest.Server) { own.wants(server); server.EnableHTTP2 = true },
	}
	for protocol, change := range both {
		t.Run("over "+protocol, func(t *testing.T) {
			t.Parallel()
			server := own.serve(whoAsks, change, "127.0.0.1")
			eye := newHTTP(t, look.Options{})
			request := seen(server.URL)
			for _, name := range []string{"first", "second", "third"} { // each is a new certificate
				request.TLS = own.client(name)
				for range 2 {
					answer := eye.Look(t.Context(), request)
					if got := answer.Headers.Get("X-Client"); got != name || answer.Headers.Get("X-Proto") != protocol {
						t.Fatalf("got %q over %s (%q %q), want %q", got, answer.Headers.Get("X-Proto"), answer.Fault, answer.Reason, name)
					}
				}
			}
			request.TLS = &monitor.TLS{CA: own.pem}
			refused(t, eye, request, "had asked for a client certificate, and the definition has none (tls.certificate)")
			request.TLS = newAuthority(t, "Third").client("stranger")
			request.TLS.CA = own.pem
			refused(t, eye, request, "had asked for a client certificate and was shown that of the definition")
			request.TLS = own.client("again")
			if answer := eye.Look(t.Context(), request); answer.Headers.Get("X-Client") != "again" {
				t.Fatalf("got %q %q, want an answer", answer.Fault, answer.Reason)
			}
		})
	}
	t.Run("a host that the answer redirects to is not shown it", func(t *testing.T) {
		t.Parallel()
		asks := func(server *httptest.Server) { server.TLS.ClientAuth = tls.RequestClientCert }
		other := own.serve(whoAsks, asks, "127.0.0.1")
		first := own.serve(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, http.StatusFound) }, own.wants, "127.0.0.1")
		request := seen(first.URL)
		request.TLS, request.Redirects = own.client("first"), 1
		answer := newHTTP(t, look.Options{Roots: own.pool()}).Look(t.Context(), request)
		if answer.Status != http.StatusOK || answer.Headers.Get("X-Client") != "" {
			t.Fatalf("got %d %q and the certificate of %q, want none", answer.Status, answer.Reason, answer.Headers.Get("X-Client"))
		}
		request.Endpoint = "shop/b"
		if answer := newHTTP(t, look.Options{}).Look(t.Context(), request); answer.Fault != monitor.FaultTLS {
			t.Fatalf("got %q %q, want the own authority to count for the own host only", answer.Fault, answer.Reason)
		}
	})
}

// refused holds a look to a session that the server does not want. Whether the
// server's alert is read before the end of the connection is chance.
func refused(t *testing.T, eye *look.HTTP, request *look.Request, want string) {
	t.Helper()
	answer := eye.Look(t.Context(), request)
	if answer.Fault != monitor.FaultTLS && answer.Fault != monitor.FaultReset || !strings.Contains(answer.Reason, want) {
		t.Fatalf("got %q %q, want %q", answer.Fault, answer.Reason, want)
	}
}

// TestServerName holds a look to asking for the name of the definition, and the
// certificate to being for it.
func TestServerName(t *testing.T) {
	t.Parallel()
	own := newAuthority(t, "Own")
	server := own.serve(whoAsks, nil, "shop.example")
	eye := newHTTP(t, look.Options{Roots: own.pool()})
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		request := seen(server.URL)
		request.Endpoint, request.Method, request.TLS = method, method, &monitor.TLS{ServerName: "shop.example"}
		answer := eye.Look(t.Context(), request)
		if answer.Headers.Get("X-Name") != "shop.example" || "https://"+answer.Headers.Get("X-Host") != server.URL {
			t.Fatalf("got %v %q, want the name by TLS and the URL's host by HTTP", answer.Headers, answer.Reason)
		}
		request.TLS = &monitor.TLS{ServerName: "other.example"}
		answer = eye.Look(t.Context(), request)
		if answer.Fault != monitor.FaultTLS || !strings.Contains(answer.Reason, "not for the host other.example but for shop.example") {
			t.Fatalf("got %q %q, want the certificate to be for another", answer.Fault, answer.Reason)
		}
	}
}

// TestChangedAuthority holds a look to what its own definition trusts, whatever
// connection or session an earlier one has left.
func TestChangedAuthority(t *testing.T) {
	t.Parallel()
	own, other := newAuthority(t, "Own"), newAuthority(t, "Other")
	server := own.serve(whoAsks, nil, "127.0.0.1")
	for name, revision := range map[string]int64{"with revisions": 1, "with secrets": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eye := newHTTP(t, look.Options{Fresh: time.Hour})
			for i, authority := range []*authority{own, other, own, other} {
				request := get(server.URL)
				request.TLS, request.Revision = &monitor.TLS{CA: authority.pem}, revision*int64(i+1)
				request.Method = []string{http.MethodGet, http.MethodPost}[i/2]
				want := map[bool]monitor.Fault{false: monitor.FaultTLS}[authority == own]
				for range 2 {
					if answer := eye.Look(t.Context(), request); answer.Fault != want {
						t.Fatalf("%d: got %q %q, want %q", i, answer.Fault, answer.Reason, want)
					}
				}
			}
		})
	}
}

// TestBadMaterial holds what cannot be used to being said to be the
// definition's fault, without telling any of it.
func TestBadMaterial(t *testing.T) {
	t.Parallel()
	own := newAuthority(t, "Own")
	certificate, key := own.pair("first")
	_, otherKey := own.pair("second")
	damaged := encode("CERTIFICATE", []byte("hidden"))
	tests := map[string]struct {
		tls  monitor.TLS
		want string
	}{
		"no PEM":                       {monitor.TLS{CA: "hidden"}, "tls.ca cannot be used: it holds no certificate in PEM"},
		"a certificate that is none":   {monitor.TLS{CA: own.pem + damaged}, "tls.ca cannot be used: certificate number 2 of it cannot be read"},
		"no certificate":               {monitor.TLS{Certificate: "hidden", Key: key}, "tls.certificate cannot be used: it holds no certificate"},
		"a key without a certificate":  {monitor.TLS{Key: key}, "tls.certificate cannot be used: it holds no certificate"},
		"a certificate without a key":  {monitor.TLS{Certificate: certificate}, "tls.key cannot be used: it holds no private key in PEM"},
		"a key that is none":           {monitor.TLS{Certificate: certificate, Key: encode("PRIVATE KEY", []byte("hidden"))}, "tls.key cannot be used: it is not of a known kind"},
		"the key of another":           {monitor.TLS{Certificate: certificate, Key: otherKey}, "tls.key cannot be used: it does not belong to the first certificate"},
		"a key behind a passphrase":    {monitor.TLS{Certificate: certificate, Key: encode("ENCRYPTED PRIVATE KEY", []byte("hidden"))}, "tls.key cannot be used: it is encrypted"},
		"a certificate as its own key": {monitor.TLS{Certificate: certificate, Key: certificate}, "tls.key cannot be used: it holds no private key in PEM"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				request := get("https://127.0.0.1:1/")
				request.TLS, request.Method = &test.tls, method
				answer := newHTTP(t, look.Options{}).Look(t.Context(), request)
				if answer.Fault != monitor.FaultSecret || !strings.Contains(answer.Reason, test.want) || strings.Contains(answer.Reason, "hidden") {
					t.Errorf("%s: got %q %q, want %q", method, answer.Fault, answer.Reason, test.want)
				}
			}
		})
	}
}
