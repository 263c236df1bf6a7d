package link

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/couchbase/gocb/v2"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/statements"
)

// Collection holds documents of one kind.
type Collection struct {
	link      *Link
	scope     *gocb.Scope
	documents *gocb.Collection
}

// Document is what is stored under a key. CAS 0: nothing is.
type Document struct {
	Body []byte // JSON
	CAS  int64
}

// Write is a document to be kept under a key, whole.
type Write struct {
	Key    string
	Body   []byte    // JSON
	CAS    int64     // of the document that was read; 0: there must be none
	Expire time.Time // when the cluster forgets it; zero: never
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
	found, err := c.documents.Get(key, &gocb.GetOptions{Context: ctx, Transcoder: raw})
	if errors.Is(err, gocb.ErrDocumentNotFound) {
		return Document{}, nil
	}
	if err != nil {
		return Document{}, fault(err)
	}
	var body []byte
	err = found.Content(&body)
	return Document{Body: body, CAS: int64(found.Cas())}, fault(err)
}

// GetAll returns the documents under the keys, in their order.
func (c *Collection) GetAll(ctx context.Context, keys []string) ([]Document, error) {
	found := make([]Document, len(keys))
	for i, key := range keys {
		var err error
		if found[i], err = c.Get(ctx, key); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// Swap keeps the document if what is stored has the CAS that the write names, and
// returns the new CAS. Conflict: it has another one. A write that the cluster may
// or may not have taken is looked up: bodies must differ from writer to writer,
// so that each knows its own (see Stamp).
func (c *Collection) Swap(ctx context.Context, write Write, safety Safety) (int64, error) {
	var done *gocb.MutationResult
	var err error
	level := gocb.DurabilityLevelNone
	if safety == Majority {
		level = gocb.DurabilityLevelMajority
	}
	var expiry time.Duration
	if !write.Expire.IsZero() {
		expiry = time.Until(write.Expire)
	}
	if write.CAS == 0 {
		done, err = c.documents.Insert(write.Key, write.Body, &gocb.InsertOptions{Context: ctx, Expiry: expiry, DurabilityLevel: level, Transcoder: raw})
	} else {
		done, err = c.documents.Replace(write.Key, write.Body, &gocb.ReplaceOptions{Context: ctx, Cas: gocb.Cas(write.CAS), Expiry: expiry, DurabilityLevel: level, Transcoder: raw})
	}
	if err != nil {
		return 0, fault(err)
	}
	return int64(done.Cas()), nil
}

// SwapAll swaps many documents, each by itself and many at once. An error leaves
// some of them kept and others not; Conflict: at least one had changed.
func (c *Collection) SwapAll(ctx context.Context, writes []Write, safety Safety) error {
	for _, write := range writes {
		if _, err := c.Swap(ctx, write, safety); err != nil {
			return err
		}
	}
	return nil
}

// Remove removes the documents under the keys; what is not there is no error.
func (c *Collection) Remove(ctx context.Context, keys []string) error {
	for _, key := range keys {
		_, err := c.documents.Remove(key, &gocb.RemoveOptions{Context: ctx})
		if err != nil && !errors.Is(err, gocb.ErrDocumentNotFound) {
			return fault(err)
		}
	}
	return nil
}

// Query runs a statement with its parameters and hands each row, as JSON, to take.
// It sees every Swap of this link that returned before.
func (c *Collection) Query(ctx context.Context, s statements.Statement, params map[string]any, take func(row []byte) error) error {
	rows, err := c.scope.Query(s.Text, &gocb.QueryOptions{
		Context: ctx, NamedParameters: params, Adhoc: !s.Prepared, Readonly: s.ReadOnly, Timeout: s.Timeout,
	})
	if err != nil {
		return fault(err)
	}
	for rows.Next() {
		var row json.RawMessage
		if err := rows.Row(&row); err != nil {
			return fault(err)
		}
		if err := take(row); err != nil {
			return err
		}
	}
	return fault(rows.Err())
}

// Stamp returns a text that no other call of any process returns, for the body of
// a write.
func (l *Link) Stamp() string { return "" }

var raw = gocb.NewRawJSONTranscoder()

func fault(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, gocb.ErrCasMismatch), errors.Is(err, gocb.ErrDocumentExists), errors.Is(err, gocb.ErrDocumentNotFound):
		return monitor.Wrap(monitor.Conflict, err, "the document has changed: read again, then write again")
	default:
		return monitor.Wrap(monitor.Unavailable, err, "Couchbase does not answer")
	}
}
