package link

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/couchbase/gocb/v2"
)

// truth finds out why a bucket does not answer. The client itself says no more
// than that time went by.
type truth struct {
	mu    sync.Mutex
	asked time.Time
	found error
}

const (
	truthHolds = time.Second
	truthTakes = 500 * time.Millisecond
)

// reason returns why a try that timed out was in vain, if anybody knows.
func (b *bucket) reason(ctx context.Context, failed error) error {
	if !errors.Is(failed, gocb.ErrTimeout) || isSent(failed) && b.warm.Load() {
		return nil
	}
	return b.ask(ctx)
}

// isHopeless tells whether every other try will be in vain for the same reason.
func isHopeless(reason error) bool {
	return errors.Is(reason, gocb.ErrAuthenticationFailure) || errors.Is(reason, gocb.ErrBucketNotFound) || isUntrusted(reason)
}

// ask returns why the bucket has no connection to its nodes; nil: it has one, or
// nobody knows. Many who ask within a second are told the same.
func (b *bucket) ask(ctx context.Context) error {
	b.truth.mu.Lock()
	defer b.truth.mu.Unlock()
	if time.Since(b.truth.asked) < truthHolds {
		return b.truth.found
	}
	_, err := b.look(ctx)
	if ctx.Err() != nil {
		return nil
	}
	b.truth.asked, b.truth.found = time.Now(), err
	return err
}

// look tells whether the bucket has connections to all of its nodes, and why not,
// if that can be known.
func (b *bucket) look(ctx context.Context) (connected bool, why error) {
	err := b.client.WaitUntilReady(truthTakes, &gocb.WaitUntilReadyOptions{
		Context: ctx, ServiceTypes: []gocb.ServiceType{gocb.ServiceTypeKeyValue}, RetryStrategy: never{},
	})
	if errors.Is(err, gocb.ErrTimeout) {
		return false, b.link.knock(ctx)
	}
	return err == nil, err
}
