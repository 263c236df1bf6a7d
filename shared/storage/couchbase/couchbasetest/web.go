package couchbasetest

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"maps"
	"net/http"
	"sync"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest/internal/sqlpp"
)

// Web is the node's HTTP: its management and its query service, each on a port of
// its own.
type Web struct {
	documents *Documents
	cluster   Cluster
	login     func(user, password string) bool
	proceed   func(ctx context.Context) bool // waits while the node is paused
	indexes   *indexes
	history   *history
	faults    webFaults

	manage *service
	query  *service

	mu       sync.Mutex
	prepared map[string]preparedStatement
	counts   map[string]Count
}

func newWeb(n *Node, cluster Cluster) *Web {
	w := &Web{
		documents: n.documents, cluster: cluster, login: n.login, proceed: n.proceed,
		indexes: &indexes{documents: n.documents, cluster: cluster}, history: watch(n.documents),
		prepared: map[string]preparedStatement{}, counts: map[string]Count{},
	}
	w.manage = &service{handler: w.management(), ports: n.ports, secure: n.secure}
	w.query = &service{handler: w.queries(), ports: n.ports, secure: n.secure}
	return w
}

// close stops both services and waits for them.
func (w *Web) close() {
	w.StopManagement()
	w.StopQuery()
}

// start opens both services, on the ports that they had.
func (w *Web) start() error {
	if err := w.manage.start(); err != nil {
		return err
	}
	return w.query.start()
}

// ManagementPort is the port of the management.
func (w *Web) ManagementPort() int { return w.manage.port }

// QueryPort is the port of the query service.
func (w *Web) QueryPort() int { return w.query.port }

// StopQuery closes the query service's port, with all its connections.
func (w *Web) StopQuery() { w.query.stop() }

// StartQuery opens the query service again, on the port that it had.
func (w *Web) StartQuery() error { return w.query.start() }

// StopManagement closes the management's port, with all its connections.
func (w *Web) StopManagement() { w.manage.stop() }

// StartManagement opens the management again, on the port that it had.
func (w *Web) StartManagement() error { return w.manage.start() }

// Fail makes requests fail from now on. Of several faults the first one that is
// due has its effect.
func (w *Web) Fail(fault WebFault) { w.faults.add(fault) }

// Heal takes all faults away.
func (w *Web) Heal() { w.faults.clear() }

// SlowBuilds makes each build of an index last until its state has been read so
// many times.
func (w *Web) SlowBuilds(readings int) { w.indexes.setPolls(readings) }

// Lag makes indexes show each collection without its last changes, so many of
// them, up to 2,048. A query that asks for more by its consistency sees more.
func (w *Web) Lag(changes int) { w.history.lag(changes) }

// ForgetPrepared forgets all prepared statements, as a query node that was
// restarted has.
func (w *Web) ForgetPrepared() {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.prepared)
}

// Counts returns how many requests there were: of the management by method and
// path, of the query service by the statement's name, or what it begins with.
func (w *Web) Counts() map[string]Count {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.counts)
}

// ResetCounts begins to count anew.
func (w *Web) ResetCounts() {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.counts)
}

// user returns who asks: by a name and a password, or by a certificate that was
// verified.
func (w *Web) user(r *http.Request) (string, bool) {
	user, password, _ := r.BasicAuth()
	if user == "" && r.TLS != nil && len(r.TLS.VerifiedChains) > 0 {
		return r.TLS.VerifiedChains[0][0].Subject.CommonName, true
	}
	return user, w.login(user, password)
}

// serve answers a request of a name, unless a fault does, and counts it under a kind.
func (w *Web) serve(kind, name string, answer http.Handler, out http.ResponseWriter, r *http.Request) {
	if !w.proceed(r.Context()) {
		tooLate(out, r)
		return
	}
	counted := &countingWriter{ResponseWriter: out}
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.counts[kind] = w.counts[kind].plus(Count{Requests: 1, In: int(r.ContentLength), Out: counted.bytes})
	}()
	w.faults.wrap(name, answer).ServeHTTP(counted, r)
}

// countingWriter counts the bytes of an answer's body.
type countingWriter struct {
	http.ResponseWriter
	bytes int
}

func (c *countingWriter) Write(b []byte) (int, error) {
	n, err := c.ResponseWriter.Write(b)
	c.bytes += n
	return n, err
}

// Unwrap lets a connection be broken off through the writer.
func (c *countingWriter) Unwrap() http.ResponseWriter { return c.ResponseWriter }

func writeJSON(w http.ResponseWriter, status int, body any) {
	encoded, err := json.Marshal(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(encoded)
}

// requestID names one answer of the query service.
func requestID() string { return rand.Text() }

// hasTimedOut is the cause of a query's end by its own time-out.
func hasTimedOut(after time.Duration) *sqlpp.Error {
	return sqlpp.Errorf(1080, "Timeout %v exceeded", after)
}
