package probe

import (
	"context"
	"net/http"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Look makes one request and says what came back. It never fails: what went
// wrong is the answer's fault. It gives up when the request's timeout is over
// or ctx ends; what it returns in the second case is not used.
type Look func(ctx context.Context, request *Request) Answer

// Reveal fills in the secrets that a text of a namespace refers to, and names
// the values it filled in. Its errors hold no values and say what to do.
type Reveal func(namespace, text string) (filled string, values []string, err error)

// Request is one look at an endpoint, with its secrets filled in.
type Request struct {
	Endpoint  string // key
	Location  string
	Method    string
	URL       string
	Headers   map[string]string
	Body      string
	Redirects int // followed at most; 0 takes the first answer as it is
	Timeout   time.Duration
	KeepBody  bool   // the answer's body will be looked at
	Head      []byte // room for the beginning of the answer's body; empty: it is not kept
}

// MaxBody is how much of an answer's body is read, in bytes.
const MaxBody = 1 << 20

// Answer is what one look saw.
type Answer struct {
	Status    int
	Headers   http.Header
	Body      []byte // where the request asks for it
	Head      []byte // the beginning of the body, as much as the request has room for
	Truncated bool   // the body is longer than MaxBody
	Bytes     int64  // of the body, as read
	Took      time.Duration
	monitor.Phases
	Certificate monitor.Instant // when the first of the peer's certificates ends
	Fault       monitor.Fault   // none, if a whole answer came back
	Reason      string          // of the fault, one sentence
}
