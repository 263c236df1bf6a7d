package couchbasetest

import (
	"context"
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
)

// ports is a block of port numbers that a node has to itself for its life: it holds
// the first one. So what was stopped finds its port free again, though other nodes
// start meanwhile, in this program and in others. They lie below those that systems
// give to clients' connections.
type ports struct {
	held net.Listener
	next int
	last int
}

func takePorts() (*ports, error) {
	const first, blocks, size, attempts = 20000, 750, 16, 1000
	var err error
	for range attempts {
		begin := first + size*rand.IntN(blocks)
		var held net.Listener
		if held, err = net.Listen("tcp", local(begin)); err == nil {
			return &ports{held: held, next: begin + 1, last: begin + size - 1}, nil
		}
	}
	return nil, err
}

// listen listens on the port, or, where it is 0, on the next one of the block.
func (p *ports) listen(port *int) (net.Listener, error) {
	if *port != 0 {
		return net.Listen("tcp", local(*port))
	}
	err := errors.New("the node has no port left")
	for p.next <= p.last {
		free := p.next
		p.next++
		var listener net.Listener
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
