package main

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

var (
	errLongHead = errors.New("the head is too long")
	errNumber   = errors.New("the request names no endpoint")
)

// mode is how an endpoint answers.
type mode int32

const (
	healthy   mode = iota
	failing        // 500
	hanging        // no answer
	refusing       // nothing listens
	resetting      // the connection is reset in place of an answer
)

// target is the cheap server behind all endpoints. It answers without looking
// further than the path and notes how late each request is that it answers.
type target struct {
	endpoints []endpoint
	interval  time.Duration
	timeout   time.Duration // of a check
	arrivals  arrivals
	doors     []net.Listener
	conns     sync.WaitGroup
	first     func() // told when an endpoint is checked for the first time

	mu   sync.Mutex
	open map[net.Conn]struct{}
}

// endpoint is one address that is watched.
type endpoint struct {
	addr  string
	phase atomic.Int64 // of its due times within the interval, in nanoseconds
	mode  atomic.Int32
	seen  atomic.Bool
}

// addresses is how many loopback addresses the endpoints of a target share.
const addresses = 100

// The loopback networks 127.n.0.0 that endpoints live in.
const (
	loadNetwork = 77
	partNetwork = 78
)

// newTarget listens for so many endpoints in a loopback network.
func newTarget(count int, interval time.Duration, network int, first func()) (*target, error) {
	t := &target{
		endpoints: make([]endpoint, count), interval: interval, timeout: min(interval, 5*time.Second), arrivals: newArrivals(interval),
		first: first, open: map[net.Conn]struct{}{},
	}
	for i := range min(addresses, count) {
		door, err := net.Listen("tcp", fmt.Sprintf("127.%d.0.%d:0", network, i+1))
		if err != nil {
			t.close()
			return nil, err
		}
		t.doors = append(t.doors, door)
		t.conns.Go(func() { t.accept(door) })
	}
	for i := range t.endpoints {
		t.endpoints[i].addr = t.doors[i%len(t.doors)].Addr().String()
	}
	return t, nil
}

func (t *target) accept(door net.Listener) {
	for {
		conn, err := door.Accept()
		if err != nil {
			return // closed
		}
		t.mu.Lock()
		t.open[conn] = struct{}{}
		t.mu.Unlock()
		t.conns.Go(func() {
			_ = t.serve(conn) // the other side has gone
			t.mu.Lock()
			delete(t.open, conn)
			t.mu.Unlock()
			_ = conn.Close()
		})
	}
}

// serve answers the requests of one connection.
func (t *target) serve(conn net.Conn) error {
	buffer := make([]byte, 1<<10)
	ok, bad := []byte(answerOK), []byte(answer500)
	for {
		head, err := readHead(conn, buffer)
		if err != nil {
			return err
		}
		number, found := numberIn(head)
		if !found {
			return errNumber
		}
		e := &t.endpoints[number%len(t.endpoints)]
		how := mode(e.mode.Load())
		if how != hanging {
			t.arrivals.note(time.Now(), time.Duration(e.phase.Load()))
		}
		if !e.seen.Swap(true) && t.first != nil {
			t.first()
		}
		answer := ok
		switch how {
		case failing:
			answer = bad
		case hanging:
			_, err := conn.Read(buffer) // until the other side gives up
			return err
		case resetting:
			return conn.(*net.TCPConn).SetLinger(0) // the close that follows is a reset
		}
		if _, err := conn.Write(answer); err != nil {
			return err
		}
	}
}

// unseen counts the endpoints that no check has reached.
func (t *target) unseen() int {
	count := 0
	for i := range t.endpoints {
		if !t.endpoints[i].seen.Load() {
			count++
		}
	}
	return count
}

// answering counts the endpoints that answer.
func (t *target) answering() int {
	count := 0
	for i := range t.endpoints {
		if mode(t.endpoints[i].mode.Load()) != hanging {
			count++
		}
	}
	return count
}

func (t *target) close() {
	t.shut()
	t.conns.Wait()
}

// shut lets nobody in any more and throws out who is there.
func (t *target) shut() {
	for _, door := range t.doors {
		_ = door.Close()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for conn := range t.open {
		_ = conn.Close()
	}
}
