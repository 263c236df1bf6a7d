package look_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// authority signs certificates.
type authority struct {
	t           testing.TB
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pem         string
}

func newAuthority(t testing.TB, name string) *authority {
	t.Helper()
	a := &authority{t: t}
	var der []byte
	a.key, der = a.sign(&x509.Certificate{Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true})
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	a.certificate, a.pem = certificate, encode("CERTIFICATE", der)
	return a
}

func (a *authority) sign(template *x509.Certificate) (*ecdsa.PrivateKey, []byte) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	template.SerialNumber, _ = rand.Int(rand.Reader, big.NewInt(1<<60))
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := a.certificate, a.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		a.t.Fatal(err)
	}
	return key, der
}

// pair returns a certificate for the hosts and its key in PEM.
func (a *authority) pair(name string, hosts ...string) (certificate, key string) {
	a.t.Helper()
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	private, der := a.sign(template)
	bytes, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		a.t.Fatal(err)
	}
	return encode("CERTIFICATE", der), encode("PRIVATE KEY", bytes)
}

// client returns what a definition says to show a certificate to a server of
// the authority.
func (a *authority) client(name string) *monitor.TLS {
	certificate, key := a.pair(name)
	return &monitor.TLS{CA: a.pem, Certificate: certificate, Key: key}
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return pool
}

// serve is a server with a certificate for the hosts.
func (a *authority) serve(handle http.HandlerFunc, change func(*httptest.Server), hosts ...string) *httptest.Server {
	a.t.Helper()
	certificate, err := tls.X509KeyPair(bytesOf(a.pair("server", hosts...)))
	if err != nil {
		a.t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(handle)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	server.Config.ErrorLog = quiet()
	if change != nil {
		change(server)
	}
	server.StartTLS()
	a.t.Cleanup(server.Close)
	return server
}

// wants has a server ask for a certificate of the authority.
func (a *authority) wants(server *httptest.Server) {
	server.TLS.ClientAuth, server.TLS.ClientCAs = tls.RequireAndVerifyClientCert, a.pool()
}

func bytesOf(certificate, key string) (first, second []byte) { return []byte(certificate), []byte(key) }

func encode(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// whoAsks answers with the name in the client's certificate and the host that
// was asked for, by TLS and by HTTP.
func whoAsks(w http.ResponseWriter, r *http.Request) {
	if r.TLS != nil {
		for _, certificate := range r.TLS.PeerCertificates {
			w.Header().Add("X-Client", certificate.Subject.CommonName)
		}
		w.Header().Set("X-Name", r.TLS.ServerName)
	}
	w.Header().Set("X-Host", r.Host)
	w.Header().Set("X-Proto", r.Proto)
	w.Header().Set("X-Credentials", r.Header.Get("Proxy-Authorization"))
}

// seen is a request of which the answer's headers are looked at.
func seen(url string) *look.Request {
	request := get(url)
	request.KeepHead = true
	return request
}
