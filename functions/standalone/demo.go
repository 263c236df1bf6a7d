package standalone

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// The rhythm of the demo, in time since the process started.
const (
	demoRound = 2 * time.Minute  // the flaky endpoint fails once a round
	demoFails = 30 * time.Second // into each round
	demoSpan  = 20 * time.Second // for so long
)

// demonstrates tells whether one of the endpoints is a demo of this process.
func (s Settings) demonstrates(endpoints []monitor.Endpoint) bool {
	_, port, _ := net.SplitHostPort(s.Addr)
	return slices.ContainsFunc(endpoints, func(e monitor.Endpoint) bool {
		at, err := url.Parse(e.HTTP.URL)
		return err == nil && at.Port() == port && strings.HasPrefix(at.Path, "/demo/")
	})
}

// serveDemo answers below /demo/ while some endpoint is a demo; else there is
// no such path.
func (a *App) serveDemo(rest http.Handler) http.Handler {
	demo := a.Gate.Local(Demo(a.Clock(), a.Clock))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a.demo.Load() {
			demo.ServeHTTP(w, r)
			return
		}
		rest.ServeHTTP(w, r)
	})
}

// Demo serves three small endpoints for the starter's monitor.yaml: one that
// always answers, one that fails for 20 s every two minutes, and one that is
// slow now and then. They hold no data and change none.
func Demo(started time.Time, clock func() time.Time) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /demo/steady", func(w http.ResponseWriter, _ *http.Request) {
		answerDemo(w, http.StatusOK, "ok")
	})
	mux.HandleFunc("GET /demo/flaky", func(w http.ResponseWriter, _ *http.Request) {
		if at := clock().Sub(started) % demoRound; at >= demoFails && at < demoFails+demoSpan {
			answerDemo(w, http.StatusServiceUnavailable, "failing on purpose")
			return
		}
		answerDemo(w, http.StatusOK, "ok")
	})
	mux.HandleFunc("GET /demo/slow", func(w http.ResponseWriter, r *http.Request) {
		if clock().Sub(started)%demoRound > demoRound/2 {
			select {
			case <-time.After(300 * time.Millisecond):
			case <-r.Context().Done():
				return
			}
		}
		answerDemo(w, http.StatusOK, "ok")
	})
	return mux
}

func answerDemo(w http.ResponseWriter, status int, word string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "{\"status\":%q}\n", word)
}
