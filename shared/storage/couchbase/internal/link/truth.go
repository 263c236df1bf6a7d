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

// reason returns why a try that failed was in vain from the start: the user or the
// bucket is not as it should be. nil: another try may help.
func (b *bucket) reason(ctx context.Context, failed error) error {
	if !errors.Is(failed, gocb.ErrTimeout) || isSent(failed) && b.warm.Load() {
		return nil
	}
	err := b.ask(ctx)
	switch {
	case errors.Is(err, gocb.ErrAuthenticationFailure), errors.Is(err, gocb.ErrBucketNotFound), isUntrusted(err):
		return err
	default:
		return nil
	}
}

// ask returns why the bucket has no connection to its nodes; nil: it has one, or
// nobody knows. Many who ask at once are told the same.
func (b *bucket) ask(ctx context.Context) error {
	b.truth.mu.Lock()
	defer b.truth.mu.Unlock()
	if time.Since(b.truth.asked) < truthHolds {
		return b.truth.found
	}
	err := b.client.WaitUntilReady(truthTakes, &gocb.WaitUntilReadyOptions{
		Context: ctx, ServiceTypes: []gocb.ServiceType{gocb.ServiceTypeKeyValue}, RetryStrategy: never{},
	})
	if ctx.Err() != nil {
		return nil
	}
	if errors.Is(err, gocb.ErrTimeout) {
		err = nil
	}
	b.truth.asked, b.truth.found = time.Now(), err
	return err
}
