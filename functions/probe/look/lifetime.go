package look

import (
	"net"
	"sync"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// lifetime is how long the answers of one lookup are good for: the least of
// their times to live. The standard library's resolver does not tell, so its
// conversations with name servers are overheard.
type lifetime struct {
	mu    sync.Mutex
	known bool
	least time.Duration
}

// kept returns how long the addresses are kept.
func (l *lifetime) kept() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.known {
		return usualKept
	}
	return min(max(l.least, leastKept), longestTTL)
}

// read takes the lifetime out of one answer of a name server.
func (l *lifetime) read(message []byte) {
	var parser dnsmessage.Parser
	if _, err := parser.Start(message); err != nil || parser.SkipAllQuestions() != nil {
		return
	}
	for {
		answer, err := parser.AnswerHeader()
		if err != nil || parser.SkipAnswer() != nil {
			return
		}
		l.note(time.Duration(answer.TTL) * time.Second)
	}
}

func (l *lifetime) note(ttl time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.known || ttl < l.least {
		l.known, l.least = true, ttl
	}
}

// overhear returns the connection to a name server, of which it reads what
// comes back.
func (l *lifetime) overhear(conn net.Conn) net.Conn {
	if packets, ok := conn.(*net.UDPConn); ok {
		return overheardPackets{packets, l}
	}
	return overheardStream{conn, l}
}

// overheardPackets is a net.PacketConn as well, by which the resolver knows
// that each read is a message.
type overheardPackets struct {
	*net.UDPConn
	life *lifetime
}

// Read implements net.Conn.
func (o overheardPackets) Read(b []byte) (int, error) {
	n, err := o.UDPConn.Read(b)
	o.life.read(b[:n])
	return n, err
}

// overheardStream carries messages behind their lengths, which the resolver
// reads apart. A message that comes in pieces is not understood.
type overheardStream struct {
	net.Conn
	life *lifetime
}

// Read implements net.Conn.
func (o overheardStream) Read(b []byte) (int, error) {
	n, err := o.Conn.Read(b)
	o.life.read(b[:n])
	return n, err
}
