package link

import (
	"context"
	"time"

	"github.com/couchbase/gocb/v2"
)

// Collection holds documents of one kind.
type Collection struct {
	link      *Link
	bucket    *bucket
	place     place
	scope     *gocb.Scope
	documents *gocb.Collection
	tokens    tokens
}

// Document is what is stored under a key. CAS 0: nothing is.
type Document struct {
	Body []byte // JSON
	CAS  int64
}

// Write is a document to be kept under a key, whole.
type Write struct {
	Key    string
	Body   []byte    // JSON; it must not be changed any more
	CAS    int64     // of the document that was read; 0: there must be none
	Expire time.Time // when the cluster forgets it, at least a second from now; zero: never
}

// Safety says when a write counts as done.
type Safety int

// The safeties.
const (
	Active   Safety = iota // the node that has the document took it
	Majority               // so did most of its replicas
)

// Get returns the document under the key.
func (c *Collection) Get(ctx context.Context, key string) (Document, error) {
	k, err := c.begin(ctx, get, 1, activeBound)
	if err != nil {
		return Document{}, err
	}
	found, err := k.get(key)
	k.end(err)
	return found, err
}

// get reads the document, as often as the call allows.
func (k *call) get(key string) (Document, error) {
	for {
		if err := k.next(); err != nil {
			return Document{}, err
		}
		found, err := k.in.documents.Get(key, &gocb.GetOptions{Context: k.ctx, Timeout: k.timeout(activeTry), Transcoder: raw()})
		switch k.failed(err) {
		case done:
			return document(found)
		case absent:
			return Document{}, nil
		case final:
			return Document{}, k.in.place.explain(err)
		}
	}
}

func document(found *gocb.GetResult) (Document, error) {
	var body []byte
	if err := found.Content(&body); err != nil {
		return Document{}, notOurs(err)
	}
	return Document{Body: body, CAS: int64(found.Cas())}, nil
}

// GetAll returns the documents under the keys, in their order.
func (c *Collection) GetAll(ctx context.Context, keys []string) ([]Document, error) {
	found := make([]Document, len(keys))
	operations := make([]gocb.GetOp, len(keys))
	err := c.inBulk(ctx, get, len(keys), func(i int) gocb.BulkOp {
		operations[i] = gocb.GetOp{ID: keys[i]}
		return &operations[i]
	}, func(i int) error {
		if operations[i].Err != nil {
			return operations[i].Err
		}
		var err error
		found[i], err = document(operations[i].Result)
		operations[i].Result = nil
		return err
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// Remove removes the documents under the keys; what is not there is no error.
func (c *Collection) Remove(ctx context.Context, keys []string) error {
	operations := make([]gocb.RemoveOp, len(keys))
	return c.inBulk(ctx, remove, len(keys), func(i int) gocb.BulkOp {
		operations[i] = gocb.RemoveOp{ID: keys[i]}
		return &operations[i]
	}, func(i int) error { return operations[i].Err })
}

// raw hands JSON through as it is.
func raw() gocb.Transcoder { return gocb.NewRawJSONTranscoder() }
