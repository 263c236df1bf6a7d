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
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/statements"
)

// certificate is good for 127.0.0.1 and for the user of the name, and is its own
// authority.
func certificate(t *testing.T, user string) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: user}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, pool
}

func TestWebSpeaksTLS(t *testing.T) {
	t.Parallel()
	own, authority := certificate(t, couchbasetest.DefaultUser)
	node := couchbasetest.Prepared(t, couchbasetest.Options{
		TLS: &tls.Config{Certificates: []tls.Certificate{own}, ClientCAs: authority, ClientAuth: tls.VerifyClientCertIfGiven},
	})
	logins := map[string]gocb.Authenticator{
		"with a password":    gocb.PasswordAuthenticator{Username: couchbasetest.DefaultUser, Password: couchbasetest.DefaultPassword},
		"with a certificate": gocb.CertificateAuthenticator{ClientCertificate: &own},
	}
	for name, login := range logins {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cluster, err := gocb.Connect(node.SecureAddress(), gocb.ClusterOptions{
				Authenticator: login, SecurityConfig: gocb.SecurityConfig{TLSRootCAs: authority},
			})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = cluster.Close(nil) })
			if _, err := cluster.Buckets().GetBucket("monitor", nil); err != nil {
				t.Errorf("management: got %v, want none", err)
			}
			if _, err := ask(cluster.Bucket("monitor").Scope("monitor"), statements.Incidents(statements.IncidentPage{}), whole()); err != nil {
				t.Errorf("query: got %v, want none", err)
			}
		})
	}
}
