package query

import (
	"context"
	"strconv"
	"strings"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// nothing is the input of operations that take none.
type nothing struct{}

// answer is an output that huma encodes.
type answer[T any] struct{ Body T }

func answerWith[T any](body T) (*answer[T], error) { return &answer[T]{Body: body}, nil }

// rawAnswer is an output that was encoded by hand.
type rawAnswer struct {
	ContentType string `header:"Content-Type" hidden:"true"`
	Body        []byte
}

type endpointAnswer struct {
	ETag string `header:"ETag" doc:"The definition's revision"`
	Body EndpointDetail
}

func (q *Query) listNamespaces(context.Context, *nothing) (*answer[NamespaceList], error) {
	return answerWith(NamespaceList{Items: q.memory.namespaces(), Stale: q.staleSince()})
}

func (q *Query) listEndpoints(_ context.Context, in *endpointsInput) (*rawAnswer, error) {
	after, err := partsOf(in.Cursor, 1)
	if err != nil {
		return nil, err
	}
	wanted := filter{
		namespace: in.Namespace, health: monitor.Health(in.Health), text: strings.ToLower(in.Q),
		tags: in.Tag, after: strings.Join(after, ""), limit: in.Limit,
		now: monitor.At(q.clock()),
	}
	for _, tag := range in.Tag {
		if !strings.Contains(tag, ":") {
			return nil, monitor.FieldErrorf("tag", "must be name:value, got %q", tag)
		}
	}
	items, _ := q.items.Get().(*[]item)
	if items == nil {
		items = new([]item)
	}
	found := q.memory.list(&wanted, (*items)[:0])
	body := appendList(nil, &found)
	clear(found.items)
	*items = found.items
	q.items.Put(items)
	return &rawAnswer{ContentType: "application/json", Body: body}, nil
}

// appendList appends the JSON of the EndpointList that the page is.
func appendList(dst []byte, found *page) []byte {
	const perItem = 700
	if dst == nil {
		dst = make([]byte, 0, perItem*(len(found.items)+1))
	}
	dst = append(dst, `{"items":[`...)
	for i := range found.items {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendSummary(dst, &found.items[i])
	}
	dst = append(append(dst, `],"counts":`...), encoded(found.counts)...)
	dst = strconv.AppendInt(append(dst, `,"total":`...), int64(found.counts.total()), 10)
	if found.more {
		dst = appendText(dst, `,"next":`, cursorOf(found.items[len(found.items)-1].key))
	}
	if found.stale != 0 {
		dst = appendMoment(append(dst, `,"stale_since":`...), found.stale)
	}
	return append(dst, '}', '\n')
}

func (q *Query) getEndpoint(_ context.Context, in *EndpointPath) (*endpointAnswer, error) {
	found, err := q.find(in)
	if err != nil {
		return nil, err
	}
	return &endpointAnswer{
		ETag: `"` + strconv.FormatInt(found.endpoint.Revision, 10) + `"`,
		Body: EndpointDetail{
			EndpointSummary: found.summary(), Definition: *found.endpoint, Revision: found.endpoint.Revision,
			Stale: q.staleSince(),
		},
	}, nil
}

func (q *Query) find(in *EndpointPath) (item, error) {
	found, ok := q.memory.find(in.key(), monitor.At(q.clock()))
	if !ok {
		return item{}, monitor.Errorf(monitor.NotFound, "no endpoint %s is watched", in.key())
	}
	return found, nil
}
