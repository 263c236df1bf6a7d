package query

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/api-endpoint-monitor/monitor/shared/auth"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

// Parts are what the function is made of. All of them are needed.
type Parts struct {
	History   storage.History
	Tail      storage.Tail
	States    storage.States
	Incidents storage.Incidents
	Notices   storage.Notices
	Catalog   storage.Catalog
	Ready     func(context.Context) error // of the store
	Follow    events.Tail                 // of the host

	Gate      auth.Gate
	Dashboard fs.FS    // its files; may be empty
	Locations []string // that checks are made from
	Shards    int      // a power of two

	Clock    func() time.Time
	Log      *slog.Logger
	Registry *prometheus.Registry // of the process, which /metrics shows
}

// Query answers the API, the live stream and the dashboard.
type Query struct {
	history   storage.History
	tail      storage.Tail
	states    storage.States
	incidents storage.Incidents
	notices   storage.Notices
	catalog   storage.Catalog
	stored    func(context.Context) error
	follow    events.Tail

	clock func() time.Time
	log   *slog.Logger

	refused atomic.Pointer[RefusedDefinitions]
	memory  *memory
	hub     *hub
	meters  *meters
	loaded  loaded
	reload  chan struct{} // the tail has missed events: what is in memory may be old
	strays  chan struct{} // results of endpoints that are not in memory
	items   sync.Pool     // of *[]item, for lists
	handler http.Handler
}

// New returns a Query that knows nothing yet: Run feeds it.
func New(p Parts) *Query {
	q := &Query{
		history: p.History, tail: p.Tail, states: p.States, incidents: p.Incidents,
		notices: p.Notices, catalog: p.Catalog, stored: p.Ready, follow: p.Follow,
		clock: p.Clock, log: p.Log,
		memory: newMemory(p.Shards, p.Locations),
		reload: make(chan struct{}, 1), strays: make(chan struct{}, 1),
	}
	q.meters = newMeters(p.Registry, q.memory)
	promauto.With(p.Registry).NewGaugeFunc(prometheus.GaugeOpts{
		Name: "monitor_query_stale_seconds", Help: "How long the store has not answered query, so that what is in memory is answered; 0 while it does.",
	}, q.staleFor)
	q.hub = newHub(q.memory, q.viewIncident, q.meters, runName())
	q.handler = q.handle(p)
	return q
}

// Handler returns the HTTP handler: /api/v1, /metrics and, for all else, the
// dashboard's files.
func (q *Query) Handler() http.Handler { return q.handler }
