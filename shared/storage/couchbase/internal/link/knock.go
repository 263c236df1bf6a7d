package link

import (
	"context"
	"crypto/tls"
	"net"
)

// knock connects to the hosts of the connection string as the client does, which
// itself tells late, or never, why it cannot. It returns the last error if no host
// lets it in.
func (l *Link) knock(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, truthTakes)
	defer cancel()
	dial := (&net.Dialer{}).DialContext
	if l.secure {
		authorities, err := l.settings.authorities()
		if err != nil {
			return err
		}
		dial = (&tls.Dialer{Config: &tls.Config{
			MinVersion: tls.VersionTLS12, RootCAs: authorities,
			GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
				if l.settings.Certificate == "" {
					return &tls.Certificate{}, nil
				}
				return l.settings.certificate()
			},
		}}).DialContext
	}
	var failed error
	for _, host := range l.hosts {
		conn, err := dial(ctx, "tcp", host)
		if err == nil {
			return conn.Close()
		}
		failed = err
	}
	return failed
}
