package couchbasetest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest/internal/sqlpp"
)

// WebFault makes requests over HTTP fail. A request is named by its method and
// path, as in "POST /pools/default/buckets", and a query by its statement.
type WebFault struct {
	Of     string // a part of the names of those that fail; "": each of them
	Skip   int    // how many of them are answered well before
	Times  int    // how many fail then; 0: all, until Heal
	Effect Effect
}

// Effect is what happens to a request in the place of its answer, which it may
// call for.
type Effect func(answer http.Handler) http.Handler

// Refuse answers with a status and a body, and does nothing.
func Refuse(status int, body string) Effect {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		})
	}
}

// RefuseQuery answers a query with an error of the query service, and does nothing.
// With again the client is told that it may try again.
func RefuseQuery(code int, message string, again bool) Effect {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			answerError(w, &sqlpp.Error{Code: code, Message: message, Again: again}, "")
		})
	}
}

// Hang never answers. Queries end by their own time-out, as on a server.
func Hang() Effect {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			tooLate(w, r)
		})
	}
}

// tooLate ends a request that was held until its end: a query's by its time-out
// is answered.
func tooLate(w http.ResponseWriter, r *http.Request) {
	if late, ok := errors.AsType[*sqlpp.Error](context.Cause(r.Context())); ok {
		answerError(w, late, "")
		return
	}
	reset(w)
}

// Slow answers later by as much.
func Slow(by time.Duration) Effect {
	return func(answer http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			late := time.NewTimer(by)
			defer late.Stop()
			select {
			case <-late.C:
				answer.ServeHTTP(w, r)
			case <-r.Context().Done():
			}
		})
	}
}

// Reset breaks the connection off before anything is done.
func Reset() Effect {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { reset(w) })
	}
}

// LoseAnswer does what is asked and breaks the connection off instead of answering.
func LoseAnswer() Effect {
	return func(answer http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer.ServeHTTP(httptest.NewRecorder(), r)
			reset(w)
		})
	}
}

// CutAfter breaks the connection off after so many bytes of the answer's body.
func CutAfter(bytes int) Effect {
	return func(answer http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			whole := httptest.NewRecorder()
			answer.ServeHTTP(whole, r)
			w.WriteHeader(whole.Code)
			_, _ = w.Write(whole.Body.Bytes()[:min(bytes, whole.Body.Len())])
			_ = http.NewResponseController(w).Flush()
			reset(w)
		})
	}
}

// reset closes the connection of a request, with RST where TCP allows it.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// webFaults are those that wait for their requests.
type webFaults struct {
	mu     sync.Mutex
	faults []*WebFault
}

func (f *webFaults) add(fault WebFault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults = append(f.faults, &fault)
}

func (f *webFaults) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults = nil
}

// wrap returns the answer to a request of the name: the first fault that is due
// takes it over.
func (f *webFaults) wrap(name string, answer http.Handler) http.Handler {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, fault := range f.faults {
		if !strings.Contains(name, fault.Of) {
			continue
		}
		if fault.Skip > 0 {
			fault.Skip--
			continue
		}
		if fault.Times == 1 {
			f.faults = append(f.faults[:i:i], f.faults[i+1:]...)
		} else if fault.Times > 1 {
			fault.Times--
		}
		return fault.Effect(answer)
	}
	return answer
}
