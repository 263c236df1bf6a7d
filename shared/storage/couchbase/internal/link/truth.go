package link

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/couchbase/gocb/v2"
)

// truth finds out why a bucket does not answer. The client itself says no more
// than that time went by.
type truth struct {
	mu    sync.Mutex
	asked time.Time
	found error
}

const (
	truthHolds = time.Second
	truthTakes = 500 * time.Millisecond
)

// reason returns why a try that timed out was in vain, if anybody knows.
func (b *bucket) reason(ctx context.Context, failed error) error {
	if !errors.Is(failed, gocb.ErrTimeout) || isSent(failed) && b.warm.Load() {
		return nil
	}
	return b.ask(ctx)
}

// isHopeless tells whether every other try will be in vain for the same reason.
func isHopeless(reason error) bool {
	return errors.Is(reason, gocb.ErrAuthenticationFailure) || errors.Is(reason, gocb.ErrBucketNotFound) || isUntrusted(reason)
}

// ask returns why the bucket has no connection to its nodes; nil: it has one, or
// nobody knows. Many who ask at once are told the same.
func (b *bucket) ask(ctx context.Context) error {
	b.truth.mu.Lock()
	defer b.truth.mu.Unlock()
	if time.Since(b.truth.asked) < truthHolds {
		return b.truth.found
	}
	err := b.client.WaitUntilReady(truthTakes, &gocb.WaitUntilReadyOptions{
		Context: ctx, ServiceTypes: []gocb.ServiceType{gocb.ServiceTypeKeyValue}, RetryStrategy: never{},
	})
	if errors.Is(err, gocb.ErrTimeout) {
		err = b.link.knock(ctx)
	}
	if ctx.Err() != nil {
		return nil
	}
	b.truth.asked, b.truth.found = time.Now(), err
	return err
}

// knock connects to the hosts of the connection string and returns the last error
// if none of them can be spoken to.
func (l *Link) knock(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, truthTakes)
	defer cancel()
	var failed error
	for _, host := range l.hosts {
		if failed = l.knockAt(ctx, host); failed == nil {
			return nil
		}
	}
	return failed
}

func (l *Link) knockAt(ctx context.Context, host string) error {
	var conn net.Conn
	var err error
	if l.secure {
		authorities, wrong := l.settings.authorities()
		if wrong != nil {
			return wrong
		}
		name, _, _ := net.SplitHostPort(host)
		dialer := tls.Dialer{Config: &tls.Config{
			MinVersion: tls.VersionTLS12, ServerName: name, RootCAs: authorities,
			GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
				if l.settings.Certificate == "" {
					return &tls.Certificate{}, nil
				}
				return l.settings.certificate()
			},
		}}
		conn, err = dialer.DialContext(ctx, "tcp", host)
	} else {
		conn, err = (&net.Dialer{}).DialContext(ctx, "tcp", host)
	}
	if err != nil {
		return err
	}
	return conn.Close()
}
