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
		trust, err := l.trust()
		if err != nil {
			return err
		}
		dial = (&tls.Dialer{Config: trust}).DialContext
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
