package link

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/couchbase/gocb/v2"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/statements"
)

// queryTable says what the codes of the query service mean that the client has no
// error for (docs.couchbase.com, SQL++ error codes).
var queryTable = []struct {
	codes []uint32
	says  string
}{
	{[]uint32{12003, 12020, 12021}, "the bucket {bucket} lacks a collection of the scope {scope} that %s needs: run the migration (go run ./scripts/couchbase migrate)"},
	{[]uint32{13014}, "the user {user} may not run %s on {bucket}.{scope}: give it the roles that the README names"},
}

// explainQuery makes the error for whoever asked for the statement.
func (c *Collection) explainQuery(ctx context.Context, s statements.Statement, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ended(ctx)
	case c.link.closed.Load():
		return c.place.explain(gocb.ErrShutdown)
	case errors.Is(err, gocb.ErrPlanningFailure) && s.Index != "":
		return monitor.Wrap(monitor.Unavailable, short{err}, "the bucket %s lacks the index %s, which serves %s: run the migration (go run ./scripts/couchbase migrate)", c.bucket.name, s.Index, s.Name)
	case errors.Is(err, gocb.ErrTimeout):
		if _, known := classifyTimeout(err); known {
			return c.place.explain(err)
		}
		return monitor.Wrap(monitor.Unavailable, short{err}, "the query service does not answer %s in time: check that it and the index service run", s.Name)
	}
	answer, answered := errors.AsType[*gocb.QueryError](err)
	if !answered || len(answer.Errors) == 0 {
		return c.place.explain(err)
	}
	for _, entry := range queryTable {
		if slices.Contains(entry.codes, answer.Errors[0].Code) {
			return monitor.Wrap(monitor.Unavailable, short{err}, "%s", c.place.fill(fmt.Sprintf(entry.says, s.Name), err))
		}
	}
	if _, ok := named(err); ok {
		return c.place.explain(err)
	}
	return monitor.Wrap(monitor.Unavailable, short{err}, "the query service refuses %s (error %d): see its log", s.Name, answer.Errors[0].Code)
}
