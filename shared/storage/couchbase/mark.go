package couchbase

import (
	"context"
	"strconv"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/link"
)

// mark says how far the tail of a shard has been folded, and up to where its rows
// have been removed. Neither ever goes back.
type mark struct {
	By      string `json:"by"`
	Folded  int64  `json:"folded"`
	Dropped int64  `json:"dropped"` // at most Folded
}

func (t *shardTail) markKey() string { return key("f", strconv.Itoa(t.shard)) }

// mark reads the mark, and forgets the rows that have left the tail.
func (t *shardTail) mark(ctx context.Context) (mark, error) {
	found, err := t.shards.Get(ctx, t.markKey())
	if err != nil {
		return mark{}, err
	}
	var m mark
	if err := parse(t.markKey(), found, &m); err != nil {
		return mark{}, err
	}
	t.forget(m.Dropped)
	return m, nil
}

// moveMark moves both forward, and returns the mark as it was and as it is.
func (t *shardTail) moveMark(ctx context.Context, folded, drop int64, stamp func() string) (before, after mark, err error) {
	_, err = t.shards.Update(ctx, t.markKey(), link.Majority, func(found link.Document) (link.Write, bool, error) {
		before = mark{}
		if err := parse(t.markKey(), found, &before); err != nil {
			return link.Write{}, false, err
		}
		after = mark{By: stamp(), Folded: max(before.Folded, folded)}
		after.Dropped = max(before.Dropped, min(drop, after.Folded))
		if after.Folded == before.Folded && after.Dropped == before.Dropped {
			return link.Write{}, false, nil
		}
		body, err := encode(t.markKey(), after)
		return link.Write{Body: body}, err == nil, err
	})
	return before, after, err
}

// drop removes the rows behind dropped up to drop, and those that an earlier call
// could not remove. What cannot be removed now is tried again by the next call, and
// expires at last: nobody reads it.
func (t *shardTail) drop(ctx context.Context, dropped, drop int64) {
	t.forget(drop)
	keys := t.takeLeft()
	for n := dropped + 1; n <= drop; n++ {
		keys = append(keys, t.key(n))
	}
	if len(keys) > 0 && t.rows.Remove(ctx, keys) != nil {
		t.leave(keys)
	}
}
