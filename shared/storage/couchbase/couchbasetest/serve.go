package couchbasetest

import (
	"context"
	"math/rand/v2"
	"net"
	"strconv"
)

// freePort listens on a port that is free, below those that systems give to
// clients' connections: a node that was stopped finds it free again.
func freePort() (net.Listener, error) {
	const first, last, attempts = 20000, 32000, 100
	for range attempts {
		port := first + rand.IntN(last-first)
		listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			return listener, nil
		}
	}
	return net.Listen("tcp", "127.0.0.1:0")
}

// serve takes connections until Stop.
func (n *Node) serve(listener net.Listener) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.listener = listener
	n.conns = map[*conn]struct{}{}
	n.life, n.end = context.WithCancel(context.Background())
	life := n.life
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

// converse serves one connection until it ends.
func (n *Node) converse(life context.Context, socket net.Conn) {
	c := newConn(life, n, socket)
	n.mu.Lock()
	n.conns[c] = struct{}{}
	n.mu.Unlock()
	c.serve()
	n.mu.Lock()
	delete(n.conns, c)
	n.mu.Unlock()
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
