package link

import (
	"bytes"
	"context"
	"time"

	"github.com/couchbase/gocb/v2"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Swap keeps the document if what is stored has the CAS that the write names, and
// returns the new CAS. Conflict: it has another one. A write that the cluster may
// or may not have taken is looked up: bodies must differ from writer to writer,
// so that each knows its own (see Stamp). Unavailable: it was not taken, or nobody
// knows.
func (c *Collection) Swap(ctx context.Context, write Write, safety Safety) (int64, error) {
	bound := activeBound
	if safety == Majority {
		bound = majorityBound
	}
	k, err := c.begin(ctx, swap, 1, bound)
	if err != nil {
		return 0, err
	}
	cas, err := k.swap(write, safety)
	k.end(err)
	if err != nil || safety == Majority { // one that asks no replica says nothing of them
		c.bucket.noteWrite(err)
	}
	return cas, err
}

// SwapAll swaps many documents, each by itself and many at once. An error leaves
// some of them kept and others not; Conflict: at least one had changed.
func (c *Collection) SwapAll(ctx context.Context, writes []Write, safety Safety) error {
	return each(len(writes), func(i int) error {
		_, err := c.Swap(ctx, writes[i], safety)
		return err
	})
}

func (k *call) swap(write Write, safety Safety) (int64, error) {
	doubt := false
	for {
		if err := k.next(); err != nil {
			return 0, err
		}
		cas, err := k.write(write, safety)
		switch meaning := k.failed(err); {
		case meaning == done:
			return cas, nil
		case meaning == final:
			return 0, k.in.place.explain(err)
		case meaning == later:
		case meaning != unsure && !doubt:
			return 0, k.in.place.explain(err)
		default:
			if !doubt {
				k.in.link.metrics.ambiguous.Inc()
			}
			doubt = true
			cas, settled, err := k.lookUp(write, err)
			if settled || err != nil {
				return cas, err
			}
		}
	}
}

// lookUp reads what became of a write that may have been taken. Not settled: the
// document is as it was before, so that the write may come again; should the first
// one arrive late, only one of them can be taken.
func (k *call) lookUp(write Write, failed error) (cas int64, settled bool, err error) {
	stored, err := k.get(write.Key)
	switch {
	case err != nil:
		return 0, true, err
	case stored.CAS != 0 && bytes.Equal(stored.Body, write.Body):
		return stored.CAS, true, nil
	case stored.CAS != write.CAS:
		return 0, true, monitor.Wrap(monitor.Conflict, failed, "the document has changed: read again, then write again")
	default:
		return 0, false, nil
	}
}

// write sends the write once.
func (k *call) write(write Write, safety Safety) (int64, error) {
	level, most := gocb.DurabilityLevelNone, activeTry
	if safety == Majority {
		level, most = gocb.DurabilityLevelMajority, majorityTry
	}
	timeout, expiry := k.timeout(most), k.in.link.expiry(write.Expire)
	var taken *gocb.MutationResult
	var err error
	if write.CAS == 0 {
		taken, err = k.in.documents.Insert(write.Key, write.Body, &gocb.InsertOptions{
			Context: k.ctx, Timeout: timeout, Expiry: expiry, DurabilityLevel: level, Transcoder: raw(),
		})
	} else {
		taken, err = k.in.documents.Replace(write.Key, write.Body, &gocb.ReplaceOptions{
			Context: k.ctx, Timeout: timeout, Expiry: expiry, DurabilityLevel: level, Transcoder: raw(), Cas: gocb.Cas(write.CAS),
		})
	}
	if err != nil {
		return 0, err
	}
	if safety == Majority {
		k.in.tokens.keep(taken.MutationToken(), time.Now())
	}
	return int64(taken.Cas()), nil
}
