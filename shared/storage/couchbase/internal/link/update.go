package link

import "context"

// Update reads the document under the key, lets change make the next one of it,
// and swaps them, again and again while others write in between, until ctx ends.
// change gets a Document with CAS 0 where there is none; its Write needs neither
// Key nor CAS. With ok false it wants no change: Update returns the CAS as read.
func (c *Collection) Update(ctx context.Context, key string, safety Safety, change func(Document) (write Write, ok bool, err error)) (int64, error) {
	for {
		found, err := c.Get(ctx, key)
		if err != nil {
			return 0, err
		}
		write, ok, err := change(found)
		if err != nil || !ok {
			return found.CAS, err
		}
		write.Key, write.CAS = key, found.CAS
		return c.Swap(ctx, write, safety)
	}
}
