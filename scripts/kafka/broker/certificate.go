package broker

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

const (
	authorityFile = "authority.pem"
	serverFile    = "server.pem"
)

// authority signs certificates.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority() (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	root := template("Monitor test authority")
	root.IsCA, root.BasicConstraintsValid = true, true
	root.KeyUsage = x509.KeyUsageCertSign
	signed, err := x509.CreateCertificate(rand.Reader, root, root, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(signed)
	return &authority{certificate, key}, err
}

// sign makes a key and a certificate for it, both as PEM.
func (a *authority) sign(leaf *x509.Certificate) (certificate, key []byte, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	signed, err := x509.CreateCertificate(rand.Reader, leaf, a.certificate, &private.PublicKey, a.key)
	if err != nil {
		return nil, nil, err
	}
	text, err := x509.MarshalPKCS8PrivateKey(private)
	return block("CERTIFICATE", signed), block("PRIVATE KEY", text), err
}

// root is the certificate of the authority itself, as PEM.
func (a *authority) root() []byte { return block("CERTIFICATE", a.certificate.Raw) }

// server writes the files of the authority and of the broker on 127.0.0.1: the
// broker's holds its key and the whole chain.
func (a *authority) server(dir string) error {
	leaf := template("127.0.0.1")
	leaf.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	leaf.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	certificate, key, err := a.sign(leaf)
	if err != nil {
		return err
	}
	chain := bytes.Join([][]byte{key, certificate, a.root()}, nil)
	if err := os.WriteFile(filepath.Join(dir, serverFile), chain, 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, authorityFile), a.root(), 0o600)
}

// client writes the certificate of a user and its key into a folder of their own.
func (a *authority) client(dir, user string, until time.Time) (certificate, key string, err error) {
	leaf := template(user)
	leaf.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	leaf.NotBefore, leaf.NotAfter = until.AddDate(0, 0, -30), until
	signed, private, err := a.sign(leaf)
	if err != nil {
		return "", "", err
	}
	own, err := os.MkdirTemp(dir, "client-")
	if err != nil {
		return "", "", err
	}
	certificate, key = filepath.Join(own, "certificate.pem"), filepath.Join(own, "key.pem")
	if err := os.WriteFile(certificate, signed, 0o600); err != nil {
		return "", "", err
	}
	return certificate, key, os.WriteFile(key, private, 0o600)
}

// Client returns the files of a certificate of the user that the broker trusts
// until then, and of its key.
func (b *Broker) Client(user string, until time.Time) (certificate, key string, err error) {
	return b.authority.client(b.dir, user, until)
}

// Stranger returns the files of a certificate of the user that an authority
// unknown to the broker has signed, and of its key.
func (b *Broker) Stranger(user string) (certificate, key string, err error) {
	unknown, err := newAuthority()
	if err != nil {
		return "", "", err
	}
	return unknown.client(b.dir, user, time.Now().AddDate(0, 0, 1))
}

func template(name string) *x509.Certificate {
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(0, 0, 30), KeyUsage: x509.KeyUsageDigitalSignature,
	}
}

func block(kind string, data []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data})
}
