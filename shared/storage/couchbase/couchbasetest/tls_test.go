package couchbasetest_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/couchbase/gocb/v2"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
)

// authority issues certificates for 127.0.0.1, for nodes and for users.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t, pool: x509.NewCertPool()}
	issued := a.issue("authority")
	a.cert, a.key = issued.Leaf, issued.PrivateKey.(*ecdsa.PrivateKey)
	a.pool.AddCert(a.cert)
	return a
}

// issue returns a certificate with the common name; the first one signs itself.
func (a *authority) issue(name string) tls.Certificate {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, BasicConstraintsValid: true, IsCA: a.cert == nil,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	parent, signer := a.cert, a.key
	if parent == nil {
		template.KeyUsage = x509.KeyUsageCertSign
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		a.t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

func TestASecondPortSpeaksTLS(t *testing.T) {
	t.Parallel()
	trusted := newAuthority(t)
	n := couchbasetest.Prepared(t, couchbasetest.Options{TLS: &tls.Config{
		Certificates: []tls.Certificate{trusted.issue("node")}, ClientCAs: trusted.pool, ClientAuth: tls.VerifyClientCertIfGiven,
	}})
	user := trusted.issue("ada")
	tests := map[string]gocb.Authenticator{
		couchbasetest.DefaultUser: gocb.PasswordAuthenticator{Username: couchbasetest.DefaultUser, Password: couchbasetest.DefaultPassword},
		"ada":                     gocb.CertificateAuthenticator{ClientCertificate: &user},
	}
	for name, authenticator := range tests {
		cluster, err := gocb.Connect(n.SecureAddress(), gocb.ClusterOptions{
			Authenticator: authenticator, SecurityConfig: gocb.SecurityConfig{TLSRootCAs: trusted.pool},
			TimeoutsConfig: gocb.TimeoutsConfig{KVTimeout: time.Minute},
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = cluster.Close(nil) })
		if _, err := cluster.Bucket("monitor").Scope("monitor").Collection("tail").Upsert("k", 1, nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := n.Counts().Logins[name]; got == 0 {
			t.Errorf("got no login of %s counted", name)
		}
	}
	if n.Counts().Connections < 2 {
		t.Errorf("got %d connections counted, want 2 at least", n.Counts().Connections)
	}
	other := newAuthority(t).issue("eve")
	stranger := tls.Config{RootCAs: trusted.pool, Certificates: []tls.Certificate{other}}
	socket, err := tls.Dial("tcp", n.SecureAddress()[len("couchbases://"):], &stranger)
	if err != nil {
		return
	}
	defer socket.Close()
	if _, err := socket.Read(make([]byte, 1)); err == nil {
		t.Error("got an answer with a certificate of another authority")
	}
}
