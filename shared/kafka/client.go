package kafka

import (
	"context"
	"net"
	"sync"

	"github.com/IBM/sarama"
)

// client is one of sarama's whose Close several may call at once: whoever uses
// it, and whoever cuts its requests because their time is over. Sarama's own
// panics then.
type client struct {
	sarama.Client
	close func() error
}

func newClient(settings Settings, config *sarama.Config) (sarama.Client, error) {
	connected, err := sarama.NewClient(settings.Brokers, config)
	if err != nil {
		return nil, err
	}
	return &client{connected, sync.OnceValue(connected.Close)}, nil
}

// Close disconnects, and returns once that is done. Its requests fail from then on.
func (c *client) Close() error { return c.close() }

// endWith has all connections close when ctx ends, whatever is asked on them.
func endWith(ctx context.Context, config *sarama.Config) {
	config.Net.Proxy.Enable = true
	config.Net.Proxy.Dialer = dialer{ctx, net.Dialer{Timeout: config.Net.DialTimeout, KeepAlive: config.Net.KeepAlive}}
}

// dialer makes connections that close when its ctx ends.
type dialer struct {
	ctx  context.Context //nolint:containedctx // the client's dialers get none
	dial net.Dialer
}

// Dial connects to the address.
func (d dialer) Dial(network, address string) (net.Conn, error) {
	conn, err := d.dial.DialContext(d.ctx, network, address)
	if err != nil {
		return nil, err
	}
	return endingConn{conn, context.AfterFunc(d.ctx, func() { _ = conn.Close() })}, nil
}

// endingConn is a connection that ends with a context, which forgets it when it is
// closed before.
type endingConn struct {
	net.Conn
	release func() bool
}

// Close closes the connection.
func (c endingConn) Close() error {
	c.release()
	return c.Conn.Close()
}
