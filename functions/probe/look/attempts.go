package look

import (
	"context"
	"net"
	"sync"

	"golang.org/x/sync/semaphore"
)

// attempts are the connections that are being made, by the address that they
// are to lead to. So many lead to one at once, and the others wait in line: a
// crowd of attempts at an address that does not answer would fill the tables of
// all that lies before it.
type attempts struct {
	limit int // 0: any number
	mu    sync.Mutex
	at    map[string]*attempt
}

type attempt struct {
	turns *semaphore.Weighted
	users int // that have a turn or wait for one
}

func newAttempts(limit int) *attempts { return &attempts{limit: limit, at: map[string]*attempt{}} }

// connect makes a connection to host:port, an IP address and a port, when it is
// its turn.
func (a *attempts) connect(ctx context.Context, tcp *net.Dialer, address string, t *trace) (net.Conn, error) {
	if a.limit <= 0 {
		return tcp.DialContext(ctx, "tcp", address)
	}
	known := a.join(address)
	defer a.leave(address, known)
	if !known.turns.TryAcquire(1) {
		t.wait(address)
		err := known.turns.Acquire(ctx, 1)
		t.waitOver()
		if err != nil {
			return nil, err
		}
	}
	defer known.turns.Release(1)
	t.try()
	defer t.tried()
	return tcp.DialContext(ctx, "tcp", address)
}

func (a *attempts) join(address string) *attempt {
	a.mu.Lock()
	defer a.mu.Unlock()
	known := a.at[address]
	if known == nil {
		known = &attempt{turns: semaphore.NewWeighted(int64(a.limit))}
		a.at[address] = known
	}
	known.users++
	return known
}

func (a *attempts) leave(address string, known *attempt) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if known.users--; known.users == 0 {
		delete(a.at, address)
	}
}
