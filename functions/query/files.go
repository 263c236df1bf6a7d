package query

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

//go:embed unbuilt.html
var unbuiltPage []byte

// files answers with the dashboard's files. Paths that are no files are the
// dashboard's own routes: they get its index, or, where it was not built, a
// page that says how to build it.
type files struct{ dashboard fs.FS }

func newFiles(dashboard fs.FS) http.Handler { return &files{dashboard} }

const (
	policyForPages = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; form-action 'self'"
	// The page that stands in for the dashboard has its style within.
	policyForUnbuilt = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
	cacheForever     = "public, max-age=31536000, immutable"
	index            = "index.html"
	hashedFolder     = "assets/" // file names in it change with their content
)

// ServeHTTP answers GET and HEAD.
func (f *files) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		writeNotAllowed(w)
		return
	}
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	switch {
	case name == "":
		name = index
	case f.has(name):
	case strings.HasPrefix(name, hashedFolder), path.Ext(name) != "" && !strings.Contains(name, "/"):
		writeProblem(w, newProblem(http.StatusNotFound, monitor.NotFound, "", "the dashboard has no file /"+name))
		return
	default:
		name = index
	}
	if name == index && !f.has(index) {
		w.Header().Set("Content-Security-Policy", policyForUnbuilt)
		serve(w, r, index, unbuiltPage)
		return
	}
	w.Header().Set("Content-Security-Policy", policyForPages)
	f.serveFile(w, r, name)
}

func (f *files) has(name string) bool {
	if !fs.ValidPath(name) {
		return false
	}
	status, err := fs.Stat(f.dashboard, name)
	return err == nil && !status.IsDir()
}

// serveFile prefers the file's compressed forms, which lie beside it.
func (f *files) serveFile(w http.ResponseWriter, r *http.Request, name string) {
	w.Header().Add("Vary", "Accept-Encoding")
	for _, form := range []struct{ coding, ending string }{{"br", ".br"}, {"gzip", ".gz"}} {
		if !accepts(r, form.coding) || !f.has(name+form.ending) {
			continue
		}
		if content, err := fs.ReadFile(f.dashboard, name+form.ending); err == nil {
			w.Header().Set("Content-Encoding", form.coding)
			serve(w, r, name, content)
			return
		}
	}
	content, err := fs.ReadFile(f.dashboard, name)
	if err != nil {
		writeProblem(w, problemOf(err))
		return
	}
	serve(w, r, name, content)
}

func serve(w http.ResponseWriter, r *http.Request, name string, content []byte) {
	header := w.Header()
	if kind, ok := mediaTypes[path.Ext(name)]; ok {
		header.Set("Content-Type", kind)
	} else {
		header.Set("Content-Type", "application/octet-stream")
	}
	if strings.HasPrefix(name, hashedFolder) {
		header.Set("Cache-Control", cacheForever)
	} else {
		sum := sha256.Sum256(content)
		header.Set("Cache-Control", "no-cache")
		header.Set("ETag", `"`+base64.RawURLEncoding.EncodeToString(sum[:12])+`"`)
	}
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
}

// accepts tells whether the request allows the coding: it names it, and not
// with q=0 (RFC 9110, 12.5.3).
func accepts(r *http.Request, coding string) bool {
	for _, header := range r.Header.Values("Accept-Encoding") {
		for offer := range strings.SplitSeq(header, ",") {
			name, parameter, _ := strings.Cut(strings.TrimSpace(offer), ";")
			if strings.EqualFold(strings.TrimSpace(name), coding) {
				weight := strings.TrimRight(strings.ReplaceAll(parameter, " ", ""), "0.")
				return weight != "q="
			}
		}
	}
	return false
}

// mediaTypes are of the files that a dashboard has. The tables of the machine
// differ, so they are not asked.
var mediaTypes = map[string]string{
	".css": "text/css; charset=utf-8", ".html": "text/html; charset=utf-8", ".ico": "image/x-icon",
	".js": "text/javascript; charset=utf-8", ".json": "application/json", ".map": "application/json",
	".png": "image/png", ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8",
	".webmanifest": "application/manifest+json", ".woff2": "font/woff2",
}
