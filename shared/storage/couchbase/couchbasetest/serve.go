package couchbasetest

import (
	"context"
	"crypto/tls"
	"math/rand/v2"
	"net"
	"strconv"
)

// listenOn listens on the port, or, where it is 0, on one that is free: below those
// that systems give to clients' connections, so that a node that was stopped finds
// it free again.
func listenOn(port *int) (net.Listener, error) {
	const first, last, attempts = 20000, 32000, 100
	if *port != 0 {
		return net.Listen("tcp", local(*port))
	}
	var err error
	for range attempts {
		var listener net.Listener
		free := first + rand.IntN(last-first)
		if listener, err = net.Listen("tcp", local(free)); err == nil {
			*port = free
			return listener, nil
		}
	}
	return nil, err
}

func local(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// serve takes connections until the node's end is called.
func (n *Node) serve(listeners []net.Listener) {
	life, end := context.WithCancel(context.Background())
	n.conns = map[*conn]struct{}{}
	n.end = func() {
		end()
		for _, listener := range listeners {
			_ = listener.Close()
		}
	}
	for _, listener := range listeners {
		n.group.Go(func() {
			for {
				socket, err := listener.Accept()
				if err != nil {
					return
				}
				n.group.Go(func() { n.converse(life, socket) })
			}
		})
	}
}

// converse serves one connection until it ends.
func (n *Node) converse(life context.Context, socket net.Conn) {
	n.counts.connected()
	c := newConn(life, n, socket)
	n.mu.Lock()
	n.conns[c] = struct{}{}
	n.mu.Unlock()
	defer func() {
		c.end()
		n.mu.Lock()
		delete(n.conns, c)
		n.mu.Unlock()
	}()
	if secure, ok := socket.(*tls.Conn); ok && !c.admit(secure) {
		return
	}
	c.serve()
}

// admit greets a client by TLS. One that shows a certificate that the node
// verifies has logged in by it, as the user that its common name says.
func (c *conn) admit(secure *tls.Conn) bool {
	if err := secure.HandshakeContext(c.life); err != nil {
		return false
	}
	if chains := secure.ConnectionState().VerifiedChains; len(chains) > 0 {
		c.enter(chains[0][0].Subject.CommonName)
	}
	return true
}

// proceed waits while the node is paused; false: the connection ended meanwhile.
func (n *Node) proceed(life context.Context) bool {
	for {
		n.mu.Lock()
		paused := n.paused
		n.mu.Unlock()
		if paused == nil {
			return life.Err() == nil
		}
		select {
		case <-paused:
		case <-life.Done():
			return false
		}
	}
}
