package couchbasetest

import (
	"context"
	"path"
	"slices"
	"sync"
	"time"

	"github.com/couchbase/gocbcore/v10/memd"
)

// Fault is something that goes wrong with the requests that it matches: those to
// which each of Ops, Bucket, Collection and Key applies that is set.
//
// First Before is called and the request waits for Delay and Hold. Then Status,
// Lost or Break takes the place of doing and answering it; with Applied, of
// answering only. A Fault that has none of the three lets the request pass.
type Fault struct {
	Ops        []memd.CmdCode
	Bucket     string
	Collection string // its name
	Key        string // a pattern of path.Match
	Skip       int    // how many matching requests pass first
	Times      int    // how many it then meets; 0: all, until it is removed

	Before  func()          // must not ask the node for documents by its port
	Delay   time.Duration   // by the system's clock
	Hold    <-chan struct{} // until it is closed
	Status  memd.StatusCode // is answered
	Lost    bool            // it is never answered
	Break   bool            // its connection is closed
	Applied bool            // it is done all the same
}

// Faults is what goes wrong on a node. It serves many goroutines.
type Faults struct {
	mu    sync.Mutex
	armed []*Armed
}

// Armed is a Fault that a node has.
type Armed struct {
	fault Fault
	owner *Faults
	seen  int // matching requests
	met   int
	first chan struct{}
}

// Add arms a fault. A request may meet several: it waits for each, and the first
// that answers or breaks decides.
func (f *Faults) Add(fault Fault) *Armed {
	f.mu.Lock()
	defer f.mu.Unlock()
	armed := &Armed{fault: fault, owner: f, first: make(chan struct{})}
	f.armed = append(f.armed, armed)
	return armed
}

// Clear removes all faults. What they hold stays held.
func (f *Faults) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.armed = nil
}

// Remove removes the fault. What it holds stays held.
func (a *Armed) Remove() {
	a.owner.mu.Lock()
	defer a.owner.mu.Unlock()
	a.owner.armed = slices.DeleteFunc(a.owner.armed, func(other *Armed) bool { return other == a })
}

// Met returns how many requests have met the fault.
func (a *Armed) Met() int {
	a.owner.mu.Lock()
	defer a.owner.mu.Unlock()
	return a.met
}

// First is closed when a request has met the fault.
func (a *Armed) First() <-chan struct{} { return a.first }

// outcome is what faults make of one request.
type outcome struct {
	Fault
	waiting []Fault
}

// meet counts a request on the faults that match it and says what comes of it.
func (f *Faults) meet(r *request) outcome {
	f.mu.Lock()
	defer f.mu.Unlock()
	var met outcome
	for _, armed := range f.armed {
		if !armed.fault.matches(r) || !armed.turn() {
			continue
		}
		met.waiting = append(met.waiting, armed.fault)
		if !met.ends() {
			met.Fault = armed.fault
		}
	}
	return met
}

// turn counts a matching request and says whether the fault meets it.
func (a *Armed) turn() bool {
	a.seen++
	if a.seen <= a.fault.Skip || (a.fault.Times > 0 && a.met == a.fault.Times) {
		return false
	}
	if a.met == 0 {
		close(a.first)
	}
	a.met++
	return true
}

func (f Fault) matches(r *request) bool {
	if len(f.Ops) > 0 && !slices.Contains(f.Ops, r.Command) {
		return false
	}
	if f.Bucket != "" && f.Bucket != r.bucketNamed() || f.Collection != "" && f.Collection != r.place.Collection {
		return false
	}
	if f.Key == "" {
		return true
	}
	matched, err := path.Match(f.Key, string(r.Key))
	return matched && err == nil
}

// bucketNamed is the bucket that a request is for: the one that it selects, too.
func (r *request) bucketNamed() string {
	if r.Command == memd.CmdSelectBucket {
		return string(r.Key)
	}
	return r.bucket
}

// ends says whether the request is not simply done and answered.
func (f Fault) ends() bool { return f.Lost || f.Break || f.Status != memd.StatusSuccess }

func (o outcome) waits() bool {
	return slices.ContainsFunc(o.waiting, func(f Fault) bool { return f.Delay > 0 || f.Hold != nil })
}

// wait calls and waits as the faults say; false: the connection ended meanwhile.
func (o outcome) wait(life context.Context) bool {
	for _, f := range o.waiting {
		if f.Before != nil {
			f.Before()
		}
		if f.Delay > 0 {
			timer := time.NewTimer(f.Delay)
			select {
			case <-timer.C:
			case <-life.Done():
				timer.Stop()
				return false
			}
		}
		if f.Hold == nil {
			continue
		}
		select {
		case <-f.Hold:
		case <-life.Done():
			return false
		}
	}
	return true
}
