package expect

import (
	"net/http"
	"time"

	"cel.dev/cel-go/cel"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Expectation is a compiled monitor.Expect. It may be used by many goroutines
// at once.
type Expectation struct {
	status      []monitor.StatusRange
	latency     time.Duration
	certificate time.Duration
	paths       []path
	expression  string
	program     cel.Program // nil: no expression
	plain       bool        // nothing but status and latency is expected

	needsBody, needsHeaders bool
}

// Answer is what came back for one check.
type Answer struct {
	Status      int
	Headers     http.Header
	Body        []byte
	Truncated   bool            // Body holds only the beginning
	Latency     time.Duration   // from the start of the check to the last byte
	Certificate monitor.Instant // when the first of the peer's certificates ends; 0: none
	Now         monitor.Instant // what Certificate is held against

	// Redact, if set, is applied to every text that is taken from the answer
	// before it is shortened.
	Redact func(string) string
}

// Compile checks the expectations and prepares them. An error is Invalid and
// names its field: status, latency, certificate, json.<path> or cel.
func Compile(want monitor.Expect) (*Expectation, error) {
	switch {
	case want.Latency < 0:
		return nil, monitor.FieldErrorf("latency", "must not be negative, got %s", want.Latency)
	case want.Certificate < 0:
		return nil, monitor.FieldErrorf("certificate", "must not be negative, got %s", want.Certificate)
	}
	for _, r := range want.Status {
		if r.From < 100 || r.To > 599 || r.From > r.To {
			return nil, monitor.FieldErrorf("status", "must lie in 100-599, got %s", r)
		}
	}
	paths, err := compilePaths(want.JSON)
	if err != nil {
		return nil, err
	}
	x := &Expectation{
		status: want.Status, latency: want.Latency.D(), certificate: want.Certificate.D(),
		paths: paths, expression: want.CEL, needsBody: len(paths) > 0,
		plain: len(paths) == 0 && want.CEL == "" && want.Certificate == 0,
	}
	if len(x.status) == 0 {
		x.status = []monitor.StatusRange{{From: 200, To: 299}}
	}
	if want.CEL == "" {
		return x, nil
	}
	program, named, err := compileCEL(want.CEL)
	if err != nil {
		return nil, err
	}
	x.program, x.needsHeaders = program, named["headers"]
	x.needsBody = x.needsBody || named["body"] || named["json"]
	return x, nil
}

// NeedsBody tells whether Evaluate looks at Answer.Body. If not, it may be
// left empty.
func (x *Expectation) NeedsBody() bool { return x.needsBody }

// NeedsHeaders tells whether Evaluate looks at Answer.Headers. If not, they
// may be left out.
func (x *Expectation) NeedsHeaders() bool { return x.needsHeaders }
