package serve

import (
	"net"
	"sync"
)

// MaxConnections is how many connections a Server has open at once, unless it
// is told otherwise. Those beyond wait until another one is closed: whoever
// opens many can slow down the API, but takes neither memory nor files from the
// checks.
const MaxConnections = 2000

// limited is a listener that accepts no more while its room is used up.
type limited struct {
	net.Listener
	room   chan struct{} // holds one value for each open connection
	closed chan struct{}
	close  func()
}

func limit(listener net.Listener, connections int) *limited {
	closed := make(chan struct{})
	return &limited{
		Listener: listener, room: make(chan struct{}, connections),
		closed: closed, close: sync.OnceFunc(func() { close(closed) }),
	}
}

// Accept waits for room and for a connection.
func (l *limited) Accept() (net.Conn, error) {
	select {
	case l.room <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	conn, err := l.Listener.Accept()
	if err != nil {
		<-l.room
		return nil, err
	}
	return &guest{Conn: conn, leave: sync.OnceFunc(func() { <-l.room })}, nil
}

// Close closes the listener and ends Accept.
func (l *limited) Close() error {
	l.close()
	return l.Listener.Close()
}

// guest is a connection that makes room when it is closed.
type guest struct {
	net.Conn
	leave func()
}

// Close closes the connection.
func (g *guest) Close() error {
	defer g.leave()
	return g.Conn.Close()
}
