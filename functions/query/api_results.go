package query

import (
	"cmp"
	"context"
	"strconv"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// longestResults bounds the range of one list of raw results.
const longestResults = 31 * 24 * time.Hour

func (q *Query) listResults(ctx context.Context, in *resultsInput) (*answer[ResultList], error) {
	found, err := q.find(&in.EndpointPath)
	if err != nil {
		return nil, err
	}
	asked, err := in.spanOf(monitor.At(q.clock()), longestResults)
	if err != nil {
		return nil, err
	}
	start, err := resultPlaceOf(in.Cursor)
	if err != nil {
		return nil, err
	}
	fresh, _, err := q.unfoldedOf(ctx, found.definition)
	if err != nil {
		return nil, err
	}
	walk := resultWalk{
		history: q.history, key: found.key, locations: q.memory.locationsLike(in.Location), fresh: fresh,
		outcome: monitor.Outcome(in.Outcome), limit: in.Limit, place: start,
		step: clamp(found.endpoint.Interval.D()*time.Duration(in.Limit), monitor.WindowSpan, 24*time.Hour),
	}
	next, err := walk.run(ctx, asked)
	if err != nil {
		return nil, err
	}
	return answerWith(ResultList{Items: walk.items, Next: next})
}

// resultPlace is a place in a list of results, which goes from new to old and
// then by location. Behind the zero place comes everything.
type resultPlace struct {
	due      monitor.Instant
	location string
}

func resultPlaceOf(cursor string) (resultPlace, error) {
	parts, err := partsOf(cursor, 2)
	if err != nil || parts == nil {
		return resultPlace{}, err
	}
	due, ok := wholeNumber(parts[0])
	if !ok {
		return resultPlace{}, badCursor()
	}
	return resultPlace{monitor.Instant(due), parts[1]}, nil
}

func (p resultPlace) cursor() string {
	return cursorOf(strconv.FormatInt(int64(p.due), 10), p.location)
}

// before tells whether the result comes behind the place in the list.
func (p resultPlace) before(r *monitor.Result) bool {
	return p.due == 0 || r.Due < p.due || r.Due == p.due && r.Location > p.location
}

func compareResults(a, b monitor.Result) int {
	return cmp.Or(cmp.Compare(b.Due, a.Due), cmp.Compare(a.Location, b.Location))
}

func clamp(d, low, high time.Duration) time.Duration { return min(max(d, low), high) }
