package couchbasetest

import (
	"encoding/binary"
	"maps"
	"time"

	"github.com/couchbase/gocbcore/v10/memd"
)

// named returns the place of a collection by its UID, or none.
func (d *Documents) named(bucket string, id uint32) Place {
	d.mu.Lock()
	defer d.mu.Unlock()
	if held, ok := d.buckets[bucket]; ok {
		if c, ok := held.collections[id]; ok {
			return c.place
		}
	}
	return Place{}
}

// revision rises with each change of what clients route by.
func (d *Documents) revision() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return 1 + d.reshaped
}

// find returns the bucket, the collection and the document that a request is for,
// without one that has expired.
func (d *Documents) find(r *request) (*bucket, *collection, *Document) {
	from := d.buckets[r.bucket]
	if from == nil {
		return nil, nil, nil
	}
	held := from.collections[r.CollectionID]
	if held == nil {
		return from, nil, nil
	}
	document := held.documents[string(r.Key)]
	if document != nil && document.expired(d.clock()) {
		d.forget(from, held, document)
		document = nil
	}
	return from, held, document
}

func (d *Documents) get(r *request) answer {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, _, document := d.find(r)
	if document == nil {
		return failed(memd.StatusKeyNotFound)
	}
	return document.answer()
}

func (d Document) answer() answer {
	return answer{cas: d.CAS, extras: binary.BigEndian.AppendUint32(nil, d.Flags), value: d.Value, data: d.Datatype}
}

func (d *Documents) store(r *request) answer {
	d.mu.Lock()
	defer d.mu.Unlock()
	from, held, old := d.find(r)
	if held == nil {
		return failed(memd.StatusCollectionUnknown)
	}
	if status := mayStore(r, old); status != memd.StatusSuccess {
		return failed(status)
	}
	expiry := d.expiryOf(binary.BigEndian.Uint32(r.Extras[4:]), from.limit(held))
	if r.PreserveExpiryFrame != nil && old != nil {
		expiry = old.Expiry
	}
	kept := Document{
		Key: string(r.Key), Value: r.Value, Flags: binary.BigEndian.Uint32(r.Extras), Datatype: r.Datatype,
		Expiry: expiry, VBucket: r.Vbucket,
	}
	return r.written(from, d.keep(from, held, kept))
}

// mayStore says whether what is there lets a write through.
func mayStore(r *request, old *Document) memd.StatusCode {
	switch {
	case r.Command == memd.CmdAdd && r.Cas != 0:
		return memd.StatusInvalidArgs
	case r.Command == memd.CmdAdd && old != nil:
		return memd.StatusKeyExists
	case r.Command != memd.CmdAdd:
		return mayChange(r, old, r.Command == memd.CmdSet && r.Cas == 0)
	}
	return memd.StatusSuccess
}

func mayChange(r *request, old *Document, orNew bool) memd.StatusCode {
	switch {
	case old == nil && !orNew:
		return memd.StatusKeyNotFound
	case old != nil && r.Cas != 0 && r.Cas != old.CAS:
		return memd.StatusKeyExists
	}
	return memd.StatusSuccess
}

func (d *Documents) remove(r *request) answer {
	d.mu.Lock()
	defer d.mu.Unlock()
	from, held, old := d.find(r)
	if status := mayChange(r, old, false); status != memd.StatusSuccess {
		return failed(status)
	}
	return r.written(from, d.forget(from, held, old))
}

func (d *Documents) touch(r *request) answer {
	d.mu.Lock()
	defer d.mu.Unlock()
	from, held, old := d.find(r)
	if old == nil {
		return failed(memd.StatusKeyNotFound)
	}
	kept := *old
	kept.Expiry = d.expiryOf(binary.BigEndian.Uint32(r.Extras), from.limit(held))
	touched := d.keep(from, held, kept)
	if r.Command == memd.CmdGAT {
		return touched.answer()
	}
	return r.written(from, touched)
}

// keep puts a document in its place and tells the watchers.
func (d *Documents) keep(from *bucket, held *collection, kept Document) *Document {
	from.seqnos[kept.VBucket]++
	kept.CAS, kept.Seqno = d.nextCAS(), from.seqnos[kept.VBucket]
	held.documents[kept.Key] = &kept
	d.tell(Change{Place: held.place, Document: kept})
	d.sweep(from, held)
	return &kept
}

// forget removes a document and tells the watchers.
func (d *Documents) forget(from *bucket, held *collection, old *Document) *Document {
	delete(held.documents, old.Key)
	from.seqnos[old.VBucket]++
	gone := Document{Key: old.Key, VBucket: old.VBucket, CAS: d.nextCAS(), Seqno: from.seqnos[old.VBucket]}
	d.tell(Change{Place: held.place, Document: gone, Removed: true})
	return &gone
}

func (d *Documents) tell(c Change) {
	d.changes++
	c.Count = d.changes
	for _, seen := range d.watchers {
		seen(c)
	}
}

// sweep forgets what has expired, once in as many writes as there are documents:
// a node may run for long.
func (d *Documents) sweep(from *bucket, held *collection) {
	const least = 1000
	held.unswept++
	if held.unswept < max(least, len(held.documents)) {
		return
	}
	held.unswept = 0
	now := d.clock()
	for document := range maps.Values(held.documents) {
		if document.expired(now) {
			d.forget(from, held, document)
		}
	}
}

// limit is the longest life of a collection's documents; 0: there is none.
func (b *bucket) limit(c *collection) time.Duration {
	if c.settings.MaxTTL != 0 {
		return max(c.settings.MaxTTL, 0)
	}
	return b.settings.MaxTTL
}
