package couchbasetest

import (
	"crypto/tls"
	"fmt"
	"maps"
	"net"
	"sync"
	"testing"
	"time"
)

// The login that a node has when Options names none.
const (
	DefaultUser     = "Administrator"
	DefaultPassword = "password"
)

// Options say what a node is. The zero value is ready to use.
type Options struct {
	Clock   func() time.Time  // nil: the system's
	Users   map[string]string // name to password; nil: DefaultUser
	Buckets []Bucket          // that it has from the start
	TLS     *tls.Config       // with a certificate: a second port speaks TLS; nil: none does
	Cluster Cluster           // what it tells of itself
}

// Node is a stand-in for a cluster of one Couchbase node. It serves many
// goroutines.
type Node struct {
	clock      func() time.Time
	documents  *Documents
	faults     *Faults
	counts     *counter
	web        *Web
	secure     *tls.Config
	ports      *ports
	port       int
	securePort int // 0: none

	mu      sync.Mutex
	users   map[string]string
	missing int // replicas that are away
	conns   map[*conn]struct{}
	paused  chan struct{} // closed when it goes on; nil: it is not paused
	end     func()        // of what runs; nil: the node is stopped
	group   sync.WaitGroup
}

// New starts a node on free ports of 127.0.0.1. Close it.
func New(o Options) (*Node, error) {
	clock := o.Clock
	if clock == nil {
		clock = time.Now
	}
	users := maps.Clone(o.Users)
	if len(users) == 0 {
		users = map[string]string{DefaultUser: DefaultPassword}
	}
	own, err := takePorts()
	if err != nil {
		return nil, err
	}
	n := &Node{
		clock: clock, documents: newDocuments(clock), faults: &Faults{}, counts: newCounter(),
		users: users, secure: o.TLS, ports: own,
	}
	for _, b := range o.Buckets {
		if err := n.documents.CreateBucket(b); err != nil {
			_ = own.held.Close()
			return nil, err
		}
	}
	n.web = newWeb(n, o.Cluster)
	if err := n.Restart(); err != nil {
		n.Close()
		return nil, err
	}
	return n, nil
}

// Start starts a node that is closed when the test ends.
func Start(t testing.TB, o Options) *Node {
	t.Helper()
	n, err := New(o)
	if err != nil {
		t.Fatalf("start the node: %v", err)
	}
	t.Cleanup(n.Close)
	return n
}

// Address is the connection string of the node.
func (n *Node) Address() string { return fmt.Sprintf("couchbase://127.0.0.1:%d", n.port) }

// SecureAddress is the connection string of the port that speaks TLS.
func (n *Node) SecureAddress() string { return fmt.Sprintf("couchbases://127.0.0.1:%d", n.securePort) }

// Documents is what the node keeps.
func (n *Node) Documents() *Documents { return n.documents }

// Faults is what goes wrong on the node.
func (n *Node) Faults() *Faults { return n.faults }

// Web is the node's HTTP.
func (n *Node) Web() *Web { return n.web }

// Counts returns what the node has been asked until now. A connection's requests
// are read one after the other, unless a fault makes them wait: so that Peak is
// what a client has in flight, hold them all.
func (n *Node) Counts() Counts { return n.counts.snapshot() }

// ResetCounts begins to count again, from nothing.
func (n *Node) ResetCounts() { n.counts.reset() }

// Close ends the node for good and waits for all that it does. It may be called twice.
func (n *Node) Close() {
	n.Stop()
	_ = n.ports.held.Close()
}

// Stop ends the node's process, so to speak: connections break, and new ones are
// refused. Its documents stay.
func (n *Node) Stop() {
	n.Resume()
	n.mu.Lock()
	end := n.end
	n.end = nil
	n.mu.Unlock()
	if end != nil {
		end()
	}
	n.web.close()
	n.group.Wait()
}

// Restart begins again what Stop ended, on the same ports. It does nothing while
// the node runs.
func (n *Node) Restart() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.end != nil {
		return nil
	}
	if err := n.web.start(); err != nil {
		return err
	}
	plain, err := n.ports.listen(&n.port)
	if err != nil {
		return err
	}
	listeners := []net.Listener{plain}
	if n.secure != nil {
		socket, err := n.ports.listen(&n.securePort)
		if err != nil {
			_ = plain.Close()
			return err
		}
		listeners = append(listeners, tls.NewListener(socket, n.secure))
	}
	n.serve(listeners)
	return nil
}

// Pause makes the node hang: it holds its connections, takes new ones, and
// neither does nor answers anything until Resume.
func (n *Node) Pause() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.paused == nil {
		n.paused = make(chan struct{})
	}
}

// Resume ends a Pause: what came meanwhile is done.
func (n *Node) Resume() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.paused != nil {
		close(n.paused)
		n.paused = nil
	}
}

// Disconnect breaks all connections that there are.
func (n *Node) Disconnect() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for c := range n.conns {
		c.end()
	}
}

// SetPassword changes a user's password, or adds the user. Connections that have
// logged in go on, as a server's do.
func (n *Node) SetPassword(user, password string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.users[user] = password
}

// SetMissingReplicas says how many replicas of each bucket are away, so that
// durable writes that need them are impossible.
func (n *Node) SetMissingReplicas(missing int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.missing = missing
}

func (n *Node) missingReplicas() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.missing
}

func (n *Node) password(user string) (string, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	password, ok := n.users[user]
	return password, ok
}

// login says whether the password is the user's.
func (n *Node) login(user, password string) bool {
	want, ok := n.password(user)
	return ok && want == password
}
