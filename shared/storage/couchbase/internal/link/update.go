package link

import (
	"context"
	"errors"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// updateBound is how long Update goes on against others who write the same
// document.
const updateBound = 10 * time.Second

// Update reads the document under the key, lets change make the next one of it,
// and swaps them, again and again while others write in between, until ctx ends or
// 10 s have gone by, which is a Conflict. change gets a Document with CAS 0 where
// there is none; its Write needs neither Key nor CAS. With ok false it wants no
// change: Update returns the CAS as read.
func (c *Collection) Update(ctx context.Context, key string, safety Safety, change func(Document) (write Write, ok bool, err error)) (int64, error) {
	until := time.Now().Add(updateBound)
	for tries := 1; ; tries++ {
		found, err := c.Get(ctx, key)
		if err != nil {
			return 0, err
		}
		write, ok, err := change(found)
		if err != nil || !ok {
			return found.CAS, err
		}
		write.Key, write.CAS = key, found.CAS
		cas, err := c.Swap(ctx, write, safety)
		if !errors.Is(err, monitor.Conflict) || time.Now().After(until) {
			return cas, err
		}
		pause(ctx, backoff(tries))
	}
}
