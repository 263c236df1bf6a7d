package kafka_test

import (
	"errors"
	"io"
	"net"
	"sync"
	"testing"
)

// proxy is a network between clients and the broker.
type proxy struct {
	listener net.Listener
	behind   string
	requests valve
	answers  valve

	mu    sync.Mutex
	conns map[net.Conn]bool
	all   sync.WaitGroup
}

// newProxy listens at front until the test ends, and connects to behind.
func newProxy(t *testing.T, front, behind string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", front)
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: listener, behind: behind, conns: map[net.Conn]bool{}}
	p.all.Go(p.accept)
	t.Cleanup(func() {
		_ = listener.Close()
		p.requests.open()
		p.answers.open()
		p.cut()
		p.all.Wait()
	})
	return p
}

func (p *proxy) accept() {
	for {
		near, err := p.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", p.behind)
		if err != nil {
			_ = near.Close()
			continue
		}
		p.mu.Lock()
		p.conns[near], p.conns[far] = true, true
		p.mu.Unlock()
		p.all.Go(func() { p.carry(far, near, &p.requests) })
		p.all.Go(func() { p.carry(near, far, &p.answers) })
	}
}

// carry carries bytes one way while its valve is open, until one side is gone.
func (p *proxy) carry(to, from net.Conn, way *valve) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			way.pass()
			if _, failed := to.Write(buffer[:n]); failed != nil {
				err = failed
			}
		}
		if err != nil {
			break
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, end := range []net.Conn{to, from} {
		_ = end.Close()
		delete(p.conns, end)
	}
}

// cut closes all connections: what is held back is lost.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for end := range p.conns {
		_ = end.Close()
	}
}

// valve holds back what comes while it is shut. The zero value is open.
type valve struct {
	mu   sync.Mutex
	held chan struct{} // nil: open
}

func (v *valve) shut() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.held == nil {
		v.held = make(chan struct{})
	}
}

func (v *valve) open() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.held != nil {
		close(v.held)
		v.held = nil
	}
}

func (v *valve) pass() {
	v.mu.Lock()
	held := v.held
	v.mu.Unlock()
	if held != nil {
		<-held
	}
}

// TestProxy is about the proxy itself: it loses nothing while it is open.
func TestProxy(t *testing.T) {
	t.Parallel()
	echo, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer echo.Close()
	go func() {
		for {
			conn, err := echo.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(conn, conn) }()
		}
	}()
	p := newProxy(t, "127.0.0.1:0", echo.Addr().String())
	conn, err := net.Dial("tcp", p.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ask := func() error {
		if _, err := conn.Write([]byte("hello")); err != nil {
			return err
		}
		_, err := io.ReadFull(conn, make([]byte, 5))
		return err
	}
	if err := ask(); err != nil {
		t.Errorf("while it is open: got %v, want an answer", err)
	}
	p.answers.shut()
	p.answers.open()
	if err := ask(); err != nil {
		t.Errorf("when it is open again: got %v, want an answer", err)
	}
	p.cut()
	if err := ask(); err == nil || errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("after it was cut: got %v, want that the connection is gone", err)
	}
}
