// Package look looks at one HTTP endpoint: it makes one request and says what
// came back, how long each phase took and what went wrong.
//
// Most looks are the same small request on a connection that was kept; they go
// through shared/http1 and allocate nothing. What that client does not read,
// and HTTP/2, redirects and requests that must not be sent twice, goes through
// net/http, and so does what goes through a proxy.
package look

import (
	"net/http"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/http1"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Request is one look at an endpoint, with its secrets filled in.
type Request struct {
	Endpoint  string // key
	Location  string
	Method    string
	URL       string
	Headers   map[string]string
	Body      string
	Redirects int   // followed at most; 0 takes the first answer as it is
	Revision  int64 // requests of one endpoint with the same revision are the same; 0: who knows
	Timeout   time.Duration
	Proxy     *monitor.Proxy // to go through; nil: straight
	TLS       *monitor.TLS   // with the URL's host; nil: as with any
	Address   string         // host:port to connect to; "": where the URL leads
	Fresh     bool           // over a connection of its own: none that was kept
	KeepBody  bool           // the answer's body will be looked at
	KeepHead  bool           // the answer's headers will be looked at
	Head      []byte         // room for the beginning of the answer's body; empty: it is not kept
}

// MaxBody is how much of an answer's body is read, in bytes.
const MaxBody = http1.MaxBody

// Answer is what one look saw.
type Answer struct {
	Status    int
	Headers   http.Header // where the request asks for it or for the body, and where the status is no 2xx
	Type      string      // of the body: its Content-Type
	Encoding  string      // of the body: its Content-Encoding
	Body      []byte      // where the request asks for it
	Head      []byte      // the beginning of the body, as much as the request has room for
	Truncated bool        // the body is longer than MaxBody
	Bytes     int64       // of the body, as read
	Took      time.Duration
	monitor.Phases
	Certificate monitor.Instant // when the first of the peer's certificates ends
	Fault       monitor.Fault   // none, if a whole answer came back
	Reason      string          // of the fault, one sentence
}
