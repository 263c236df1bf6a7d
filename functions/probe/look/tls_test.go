package look_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func roots(server *httptest.Server) *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	return pool
}

// selfSigned returns a certificate for the host, valid in [from, to).
func selfSigned(t *testing.T, host string, from, to time.Time) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test Authority"},
		NotBefore: from, NotAfter: to, IsCA: true, BasicConstraintsValid: true,
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

func TestHTTPCertificates(t *testing.T) {
	t.Parallel()
	now := time.Now().Truncate(time.Second)
	day := 24 * time.Hour
	tests := map[string]struct {
		host     string
		from, to time.Time
		trusted  bool
		reason   string // "" for a good one
	}{
		"a good certificate tells its end":  {"127.0.0.1", now.Add(-day), now.Add(30 * day), true, ""},
		"an expired one is told":            {"127.0.0.1", now.Add(-2 * day), now.Add(-day), true, "the certificate expired at " + now.Add(-day).UTC().Format(time.DateTime)},
		"one that is not valid yet is told": {"127.0.0.1", now.Add(day), now.Add(2 * day), true, "is not valid before"},
		"one of another host is told":       {"shop.example", now.Add(-day), now.Add(day), true, "not for the host 127.0.0.1 but for shop.example"},
		"one of an unknown authority is":    {"127.0.0.1", now.Add(-day), now.Add(day), false, "an authority that is not trusted: CN=Test Authority"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			certificate := selfSigned(t, test.host, test.from, test.to)
			server := httptest.NewUnstartedServer(http.NotFoundHandler())
			server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
			server.Config.ErrorLog = quiet()
			server.StartTLS()
			t.Cleanup(server.Close)
			pool := x509.NewCertPool()
			if test.trusted {
				pool.AddCert(certificate.Leaf)
			}
			eye := newHTTP(t, look.Options{Roots: pool})
			for range 2 {
				answer := eye.Look(t.Context(), get(server.URL))
				if answer.Certificate != monitor.At(test.to) {
					t.Errorf("got an end at %s, want %s", answer.Certificate.Time(), test.to)
				}
				if test.reason == "" && (answer.Fault != "" || answer.Status != http.StatusNotFound) {
					t.Errorf("got %d %q %q, want an answer", answer.Status, answer.Fault, answer.Reason)
				}
				if test.reason != "" && (answer.Fault != monitor.FaultTLS || !strings.Contains(answer.Reason, test.reason)) {
					t.Errorf("got %q %q, want %q %q", answer.Fault, answer.Reason, monitor.FaultTLS, test.reason)
				}
			}
		})
	}
	t.Run("a port without TLS is told", func(t *testing.T) {
		t.Parallel()
		server := serve(t, func(http.ResponseWriter, *http.Request) {})
		answer := newHTTP(t, look.Options{}).Look(t.Context(), get(strings.Replace(server.URL, "http:", "https:", 1)))
		if answer.Fault != monitor.FaultTLS || !strings.Contains(answer.Reason, "speaks no TLS") {
			t.Fatalf("got %q %q", answer.Fault, answer.Reason)
		}
	})
	t.Run("a refused session is told", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewUnstartedServer(http.NotFoundHandler())
		server.TLS = &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}
		server.Config.ErrorLog = quiet()
		server.StartTLS()
		t.Cleanup(server.Close)
		answer := newHTTP(t, look.Options{}).Look(t.Context(), get(server.URL))
		if answer.Fault != monitor.FaultTLS {
			t.Fatalf("got %q %q, want %q", answer.Fault, answer.Reason, monitor.FaultTLS)
		}
	})
}

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
