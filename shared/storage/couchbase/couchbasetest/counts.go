package couchbasetest

import (
	"maps"
	"sync"

	"github.com/couchbase/gocbcore/v10/memd"
)

// Kind is what requests are counted by.
type Kind struct {
	Op         memd.CmdCode
	Bucket     string               // that was selected
	Collection string               // its name; empty: not of a document
	Durability memd.DurabilityLevel // that was asked for
}

// Count sums requests and the bytes of their packets.
type Count struct{ Requests, In, Out int }

// Counts is what a node has been asked, answered or not.
type Counts struct {
	Kinds       map[Kind]Count
	InFlight    int            // requests for documents that are read and not answered now
	Peak        int            // the most of them at once; see Node.Counts
	Connections int            // that were taken
	Logins      map[string]int // that succeeded, by user
}

// Sum adds up the kinds that want holds for.
func (c Counts) Sum(want func(Kind) bool) Count {
	var sum Count
	for kind, count := range c.Kinds {
		if want(kind) {
			sum = sum.plus(count)
		}
	}
	return sum
}

// Of adds up one operation on collections of one name; an empty name is any.
func (c Counts) Of(op memd.CmdCode, collection string) Count {
	return c.Sum(func(k Kind) bool { return k.Op == op && (collection == "" || collection == k.Collection) })
}

func (c Count) plus(other Count) Count {
	return Count{c.Requests + other.Requests, c.In + other.In, c.Out + other.Out}
}

type counter struct {
	mu  sync.Mutex
	now Counts
}

func newCounter() *counter { return &counter{now: zero()} }

func zero() Counts { return Counts{Kinds: map[Kind]Count{}, Logins: map[string]int{}} }

func (c *counter) connected() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now.Connections++
}

func (c *counter) entered(user string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now.Logins[user]++
}

func (c *counter) begin(r *request) {
	if !r.ofDocument() {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now.InFlight++
	c.now.Peak = max(c.now.Peak, c.now.InFlight)
}

func (c *counter) end(r *request, given Count) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r.ofDocument() {
		c.now.InFlight--
	}
	kind := Kind{r.Command, r.bucket, r.place.Collection, r.durability()}
	c.now.Kinds[kind] = c.now.Kinds[kind].plus(given)
}

func (c *counter) snapshot() Counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now
	now.Kinds, now.Logins = maps.Clone(c.now.Kinds), maps.Clone(c.now.Logins)
	return now
}

// reset forgets all but what is in flight.
func (c *counter) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	held := c.now.InFlight
	c.now = zero()
	c.now.InFlight, c.now.Peak = held, held
}
