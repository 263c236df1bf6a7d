package couchbase

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/link"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/rows"
)

// The tail of a shard is a chain: its rows have the numbers 1, 2, 3 and so on, and
// each row is a document of its own. A reader goes from one to the next until there
// is none; a writer takes the first number that is free. The document f:{shard}
// says up to where rows have been folded, and up to where they have been removed.
// What is folded may have been forgotten by the cluster, the oldest first: a reader
// passes over it.

const (
	leastTail = 6 * time.Hour // that rows of the tail are kept at least; what is folded goes before
	tailPage  = 32            // rows that are read at once: each has up to half a megabyte
	collide   = 3             // numbers that others have taken, before the end is looked for from further away
)

// shardTail is the tail of one shard: where it lies, and what this process knows
// of it.
type shardTail struct {
	*tail
	shard        int
	rows, shards *link.Collection
}

func (s *Store) shardTail(ctx context.Context, shard int) (shardTail, error) {
	bucket, err := s.shardBucket(ctx, shard)
	if err != nil {
		return shardTail{}, err
	}
	return shardTail{
		tail: s.tails.of(shard), shard: shard,
		rows: s.link.Collection(bucket, layout.Tail), shards: s.link.Collection(bucket, layout.Shards),
	}, nil
}

func (t *shardTail) key(n int64) string {
	return key("t", strconv.Itoa(t.shard), strconv.FormatInt(n, 10))
}

// keepTail is how long a row is kept: as long as raw results, so that a monitor
// that was off for days still folds what it had acknowledged.
func (s *Store) keepTail() time.Duration { return max(leastTail, s.options.Retention) }

// AppendTail implements storage.Tail. Appends of one process to one shard go one
// after the other.
func (s *Store) AppendTail(ctx context.Context, shard int, arrived monitor.Instant, data []byte) error {
	t, err := s.shardTail(ctx, shard)
	if err != nil {
		return err
	}
	if err := t.begin(ctx); err != nil {
		return err
	}
	defer t.end()
	write := link.Write{
		Body:   rows.AppendTail(nil, s.link.Stamp(), arrived, data),
		Expire: max(arrived, s.now()).Add(s.keepTail()).Time(),
	}
	for {
		n, err := t.insert(ctx, write)
		if err != nil {
			return err
		}
		t.saw(n, arrived)
		if in, err := s.inChain(ctx, &t, n); in || err != nil {
			return err
		}
	}
}

// inChain tells whether those who fold come to row n, which this process has just
// written. They do not if rows of that number are folded already: this process has
// slept meanwhile, or its row was folded at once, and then it is folded twice as if
// it were once. Nor do they if what is before it has been forgotten by the cluster.
func (s *Store) inChain(ctx context.Context, t *shardTail, n int64) (bool, error) {
	mark, err := t.mark(ctx)
	if err != nil {
		return false, err
	}
	switch first := mark.Folded + 1; {
	case n <= mark.Dropped:
		t.restart()
		return false, t.rows.Remove(ctx, []string{t.key(n)})
	case n < first:
		t.restart()
		return false, nil
	case n == first:
		return true, nil
	default:
		if arrived, known := t.arrivedAt(first); known && arrived.Add(s.keepTail()-time.Hour) > s.now() {
			return true, nil
		}
		found, err := t.get(ctx, first)
		if err == nil && !found {
			t.restart()
		}
		return found, err
	}
}

// insert writes the row under the first number that is free, and returns that.
func (t *shardTail) insert(ctx context.Context, write link.Write) (int64, error) {
	for taken := 0; ; taken++ {
		n, err := t.free(ctx)
		if err != nil {
			return 0, err
		}
		write.Key = t.key(n)
		_, err = t.rows.Swap(ctx, write, link.Majority)
		if err == nil {
			t.ends(n)
			return n, nil
		}
		if !errors.Is(err, monitor.Conflict) {
			return 0, err
		}
		t.ends(n)
		if taken >= collide {
			next, err := t.gallop(ctx, n)
			if err != nil {
				return 0, err
			}
			t.ends(next - 1)
		}
	}
}

// free returns the number that is free as far as this process knows.
func (t *shardTail) free(ctx context.Context) (int64, error) {
	if next := t.nextNumber(); next != 0 {
		return next, nil
	}
	mark, err := t.mark(ctx)
	if err != nil {
		return 0, err
	}
	return t.gallop(ctx, mark.Folded)
}

// gallop returns the first number after base that is free: it looks ahead twice as
// far each time, and then between the last two places.
func (t *shardTail) gallop(ctx context.Context, base int64) (int64, error) {
	taken, free := int64(0), int64(1)
	for {
		found, err := t.get(ctx, base+free)
		if err != nil {
			return 0, err
		}
		if !found {
			break
		}
		taken, free = free, 2*free
	}
	for free-taken > 1 {
		between := taken + (free-taken)/2
		found, err := t.get(ctx, base+between)
		if err != nil {
			return 0, err
		}
		if found {
			taken = between
		} else {
			free = between
		}
	}
	return base + free, nil
}

// get reads a row for when it arrived; false: it is not there.
func (t *shardTail) get(ctx context.Context, n int64) (bool, error) {
	found, err := t.rows.Get(ctx, t.key(n))
	if err != nil || found.CAS == 0 {
		return false, err
	}
	arrived, _, err := rows.ReadTail(found.Body)
	if err != nil {
		return false, monitor.Wrap(monitor.CodeOf(err), err, "read the document %s", t.key(n))
	}
	t.saw(n, arrived)
	return true, nil
}
