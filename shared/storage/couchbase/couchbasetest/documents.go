package couchbasetest

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Documents is what a node keeps: buckets, their scopes and collections, and the
// documents in them. It serves many goroutines. Errors carry a monitor code:
// NotFound, or Conflict where a name is taken.
type Documents struct {
	clock func() time.Time

	mu       sync.Mutex
	buckets  map[string]*bucket
	cas      uint64
	changes  int
	reshaped int64 // how often what clients route by has changed
	watchers []func(Change)
}

// Place names a collection.
type Place struct{ Bucket, Scope, Collection string }

// Document is one document as it is stored. Its value is never changed in place.
type Document struct {
	Key      string
	Value    []byte
	Flags    uint32
	Datatype uint8
	CAS      uint64
	Expiry   time.Time // zero: never
	VBucket  uint16
	Seqno    uint64 // of its vbucket
}

// Change is one write, or one removal, of a document.
type Change struct {
	Place
	Document
	Removed bool
	Count   int // of changes on this node, this one included
}

func newDocuments(clock func() time.Time) *Documents {
	return &Documents{clock: clock, buckets: map[string]*bucket{}}
}

// Watch calls seen with each change from now on, in their order. seen is called
// while the documents are locked: it must not ask for them.
func (d *Documents) Watch(seen func(Change)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.watchers = append(d.watchers, seen)
}

// All returns the documents of a collection that have not expired, by key.
func (d *Documents) All(p Place) ([]Document, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	held, err := d.place(p)
	if err != nil {
		return nil, err
	}
	now := d.clock()
	var all []Document
	for document := range maps.Values(held.documents) {
		if !document.expired(now) {
			all = append(all, *document)
		}
	}
	slices.SortFunc(all, func(a, b Document) int { return cmp.Compare(a.Key, b.Key) })
	return all, nil
}

// Put stores a document in a collection whatever is there, with a CAS of its own.
func (d *Documents) Put(p Place, document Document) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	held, err := d.place(p)
	if err != nil {
		return err
	}
	document.VBucket = vbucketOf([]byte(document.Key))
	d.keep(d.buckets[p.Bucket], held, document)
	return nil
}

// Changes returns how many changes there have been on the node.
func (d *Documents) Changes() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.changes
}

func (d *Documents) place(p Place) (*collection, error) {
	held, err := d.bucket(p.Bucket)
	if err != nil {
		return nil, err
	}
	for _, c := range held.collections {
		if c.place == p {
			return c, nil
		}
	}
	return nil, monitor.Errorf(monitor.NotFound, "there is no collection %s.%s in bucket %s", p.Scope, p.Collection, p.Bucket)
}

func (d *Documents) bucket(name string) (*bucket, error) {
	held, ok := d.buckets[name]
	if !ok {
		return nil, monitor.Errorf(monitor.NotFound, "there is no bucket %s", name)
	}
	return held, nil
}

// nextCAS returns a number above all that it returned before. It follows the
// clock, as a server's does, and stays below 2^63.
func (d *Documents) nextCAS() uint64 {
	d.cas++
	if now := d.clock().UnixNano(); now > 0 {
		d.cas = max(d.cas, uint64(now))
	}
	return d.cas
}

func (d Document) expired(now time.Time) bool {
	return !d.Expiry.IsZero() && !now.Before(d.Expiry)
}
