package link

import (
	"crypto/tls"

	"github.com/couchbase/gocb/v2"
)

// login tells who we are to each new connection, and reads the files that say so
// each time: connections that are open stay as they are.
type login struct {
	settings Settings
	door     *door
}

// SupportsTLS tells that one may log in over TLS.
func (l login) SupportsTLS() bool { return true }

// SupportsNonTLS tells whether one may log in without TLS.
func (l login) SupportsNonTLS() bool { return l.settings.Certificate == "" }

// Certificate returns the certificate to show; nil: none.
func (l login) Certificate(gocb.AuthCertRequest) (*tls.Certificate, error) {
	if l.settings.Certificate == "" {
		return nil, nil
	}
	return l.settings.certificate()
}

// Credentials returns the user and the password; empty ones beside a certificate.
func (l login) Credentials(gocb.AuthCredsRequest) ([]gocb.UserPassPair, error) {
	l.door.pass()
	password, err := l.settings.password()
	if err != nil {
		return nil, err
	}
	return []gocb.UserPassPair{{Username: l.settings.User, Password: password}}, nil
}
