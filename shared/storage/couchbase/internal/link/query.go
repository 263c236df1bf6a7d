package link

import (
	"context"
	"time"

	"github.com/couchbase/gocb/v2"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/statements"
)

const (
	queryBound = 75 * time.Second // of a statement that names none
	maxAnswer  = 64 << 20         // bytes of all rows
)

// Query runs a statement with its parameters and hands each row, as JSON, to take,
// which may keep it. It sees every durable Swap to this collection by this link
// that returned before.
func (c *Collection) Query(ctx context.Context, s statements.Statement, params map[string]any, take func(row []byte) error) error {
	if ctx.Err() != nil {
		return ended(ctx)
	}
	start := time.Now()
	err := c.query(ctx, s, params, take)
	c.link.metrics.observe(query, start)
	if err != nil {
		c.link.metrics.refused.Inc()
	}
	return err
}

func (c *Collection) query(ctx context.Context, s statements.Statement, params map[string]any, take func(row []byte) error) error {
	bound := s.Timeout
	if bound == 0 {
		bound = queryBound
	}
	waiting, cancel := context.WithTimeout(ctx, bound+time.Second) // the client, which knows more, ends first
	defer cancel()
	if err := c.link.limit.queries.Acquire(waiting, 1); err != nil {
		if ctx.Err() != nil {
			return ended(ctx)
		}
		return monitor.Wrap(monitor.Unavailable, err, "%d queries wait for Couchbase already, and it does not keep up: try again", maxQueries)
	}
	defer c.link.limit.queries.Release(1)
	if c.link.closed.Load() {
		return c.place.explain(gocb.ErrShutdown)
	}
	defer context.AfterFunc(c.link.life, cancel)()
	rows, err := c.scope.Query(s.Text, &gocb.QueryOptions{
		Context: waiting, NamedParameters: params, Adhoc: !s.Prepared, Readonly: s.ReadOnly, Timeout: bound,
		ConsistentWith: c.tokens.state(time.Now()),
	})
	if err != nil {
		return c.explainQuery(ctx, s, err)
	}
	answer := rows.Raw()
	size := 0
	for row := answer.NextBytes(); row != nil; row = answer.NextBytes() {
		if size += len(row); size > maxAnswer {
			_ = answer.Close()
			return monitor.Errorf(monitor.Invalid, "the answer to %s is larger than %d MiB: ask for less at once", s.Name, maxAnswer>>20)
		}
		if err := take(row); err != nil {
			_ = answer.Close()
			return err
		}
	}
	return c.explainQuery(ctx, s, answer.Err())
}
