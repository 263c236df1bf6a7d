package link

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/couchbase/gocb/v2"
	"github.com/prometheus/client_golang/prometheus"
)

// The bounds of one operation, waits and further tries included.
const (
	activeBound   = 5 * time.Second
	majorityBound = 10 * time.Second
	firstBound    = 15 * time.Second // until a bucket has answered once
)

// The longest that one try may take, so that time is left to look what became of it.
const (
	firstTry    = time.Second // until a bucket has answered once
	activeTry   = 2500 * time.Millisecond
	majorityTry = 3 * time.Second
)

// backoff returns how long to wait before the next try after as many: more from
// try to try, and never the same for two who failed together.
func backoff(tries int) time.Duration {
	const least, most = time.Millisecond, 250 * time.Millisecond
	top := most
	if tries < 8 {
		top = min(most, least<<tries)
	}
	return top/2 + rand.N(top/2+1)
}

// pause waits as long, or until ctx ends.
func pause(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// again is the client's own retries: of what surely was not done, and of reads.
type again struct{ retries prometheus.Counter }

// RetryAfter says how long the client waits before it sends the request again.
func (a again) RetryAfter(request gocb.RetryRequest, reason gocb.RetryReason) gocb.RetryAction {
	if !request.Idempotent() && !reason.AllowsNonIdempotentRetry() {
		return &gocb.NoRetryRetryAction{}
	}
	a.retries.Inc()
	return &gocb.WithDurationRetryAction{WithDuration: backoff(int(request.RetryAttempts()))}
}

// never is no retries at all, so that an error comes out as it is.
type never struct{}

// RetryAfter refuses.
func (never) RetryAfter(gocb.RetryRequest, gocb.RetryReason) gocb.RetryAction {
	return &gocb.NoRetryRetryAction{}
}
