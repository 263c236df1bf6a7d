package query

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

// handle puts everything in its place. Only the dashboard's files, which hold
// no data, stand outside the gate. The health paths are the host's.
func (q *Query) handle(p Parts) http.Handler {
	guarded := http.NewServeMux()
	api := newAPI(guarded)
	q.register(api)
	document, _ := json.Marshal(api.OpenAPI()) // plain values always encode
	guarded.HandleFunc("GET "+base+"/openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/openapi+json")
		_, _ = w.Write(document)
	})
	guarded.Handle("GET /metrics", telemetry.Metrics(p.Registry))
	guarded.Handle("/", absent(guarded))

	root := http.NewServeMux()
	root.Handle("/api/", p.Gate.Require(noStore(q.meters.timed(guarded))))
	root.Handle("/metrics", p.Gate.Require(noStore(guarded)))
	root.Handle("/", newFiles(p.Dashboard))
	return p.Gate.Local(withSafety(root))
}

// absent answers for paths and methods that there are not.
func absent(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asGet := r.Clone(r.Context())
		asGet.Method = http.MethodGet
		if _, pattern := mux.Handler(asGet); strings.HasPrefix(pattern, "GET ") {
			writeNotAllowed(w)
			return
		}
		writeProblem(w, newProblem(http.StatusNotFound, monitor.NotFound, "",
			"there is nothing at "+r.URL.Path+": "+base+"/openapi.json lists what there is"))
	})
}

func writeNotAllowed(w http.ResponseWriter) {
	w.Header().Set("Allow", "GET, HEAD")
	writeProblem(w, newProblem(http.StatusMethodNotAllowed, monitor.Invalid, "", "only GET and HEAD are allowed here"))
}

// noStore keeps answers out of caches.
func noStore(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// withSafety sets what keeps browsers from being tricked, and bounds requests:
// none of the operations takes a body.
func withSafety(next http.Handler) http.Handler {
	const largestBody = 64 << 10
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("X-Frame-Options", "DENY")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Content-Security-Policy", policyForData)
		r.Body = http.MaxBytesReader(w, r.Body, largestBody)
		next.ServeHTTP(w, r)
	})
}

// policyForData is for answers that are no pages.
const policyForData = "default-src 'none'; frame-ancestors 'none'"
