package monitor

import (
	"strconv"
	"time"
)

// Outcome is what one check found.
type Outcome string

// The outcomes.
const (
	Passed          Outcome = "passed"
	OutcomeDegraded Outcome = "degraded" // a right answer, but slow or with a certificate near its end
	Failed          Outcome = "failed"
	OutcomeUnknown  Outcome = "unknown" // the observer's own fault: it says nothing about the endpoint
)

// Good tells whether the endpoint gave a right answer, be it slowly.
func (o Outcome) Good() bool { return o == Passed || o == OutcomeDegraded }

// Kind says why a check was made. Only scheduled checks enter uptime and
// rollups; every kind but manual counts for health.
type Kind string

// The kinds.
const (
	Scheduled  Kind = "scheduled"
	Confirm    Kind = "confirm"    // soon after a failure, to know whether it lasts
	Connection Kind = "connection" // at once, for the peer had closed the connection that was kept
	Manual     Kind = "manual"     // a new or changed endpoint, or a person asked
)

// Valid tells whether it is one of the kinds.
func (k Kind) Valid() bool {
	return k == Scheduled || k == Confirm || k == Connection || k == Manual
}

// Counts tells whether checks of the kind count for health, towards after and
// recover.
func (k Kind) Counts() bool { return k != Manual }

// Fault names why a check did not pass: a closed set that programs can count.
type Fault string

// The faults. Up to Overrun they speak of the endpoint, from there on of the observer.
const (
	FaultNone        Fault = ""
	FaultDNS         Fault = "dns"         // the name does not resolve
	FaultRefused     Fault = "refused"     // nothing listens there
	FaultUnreachable Fault = "unreachable" // no route to the host
	FaultReset       Fault = "reset"       // the peer cut the connection
	FaultTLS         Fault = "tls"         // no TLS session, or a bad certificate
	FaultTimeout     Fault = "timeout"     // no whole answer in time
	FaultProtocol    Fault = "protocol"    // what came back is no HTTP
	FaultRedirects   Fault = "redirects"   // more redirects than are followed
	FaultProxy       Fault = "proxy"       // the proxy that the endpoint asks for was no way to it
	FaultExpectation Fault = "expectation" // a whole answer that is not the expected one
	FaultOverrun     Fault = "overrun"     // the check before it was still running
	FaultSkipped     Fault = "skipped"     // its time was over before it could start
	FaultSecret      Fault = "secret"      // a secret that the request needs is missing, or is not what it must be
	FaultObserver    Fault = "observer"    // the observer ran out of sockets, files or memory
)

// Result is what one check saw. It never changes. Times are Unix
// milliseconds, spans microseconds. Its identity is endpoint, location and due.
type Result struct {
	Endpoint string  `json:"endpoint"` // namespace/id
	Location string  `json:"location,omitempty"`
	Due      Instant `json:"due"`
	Start    Instant `json:"start,omitempty"` // start − due is the check's lateness; 0: never started
	Kind     Kind    `json:"kind"`
	Outcome  Outcome `json:"outcome"`
	Micros   int64   `json:"us"`               // from start to the last byte read or the fault
	Status   int     `json:"status,omitempty"` // HTTP
	Bytes    int64   `json:"bytes,omitempty"`  // of the body, as read
	Phases
	Certificate Instant `json:"certificate,omitempty"` // when the first of the peer's certificates ends
	Fault       Fault   `json:"fault,omitempty"`
	Reason      string  `json:"reason,omitempty"` // one sentence for people; no secrets
	Unmet       []Unmet `json:"unmet,omitempty"`
	Spared      int     `json:"spared,omitempty"` // due times before it at which the endpoint, down for long, was not checked

	// Extract is the beginning of the answer's body, for people: text on lines,
	// MaxExtract bytes at most, without secrets and what looks like one, and
	// with "…" at its end where more came. A body that is no text is named by
	// its type and size. Only some of the checks that did not pass carry one.
	Extract string `json:"extract,omitempty"`
}

// MaxExtract is the most bytes of a result's extract.
const MaxExtract = 512

// Phases are the parts of one check in microseconds. On a reused connection
// the first three are 0.
type Phases struct {
	DNS       int64 `json:"dns,omitempty"`
	Connect   int64 `json:"connect,omitempty"`
	TLS       int64 `json:"tls,omitempty"`
	FirstByte int64 `json:"first_byte,omitempty"` // from the request's last byte to the answer's first
	Transfer  int64 `json:"transfer,omitempty"`   // from the answer's first byte to its last
}

// Unmet is one expectation that an answer missed.
type Unmet struct {
	Expectation string `json:"expectation"` // status, latency, json.<path>, certificate, cel
	Want        string `json:"want"`
	Got         string `json:"got"`
}

// CheckID is the identity of a check: everything downstream counts it once.
type CheckID struct {
	Endpoint string
	Location string
	Due      Instant
}

// String returns endpoint@location#due.
func (c CheckID) String() string {
	return c.Endpoint + "@" + c.Location + "#" + strconv.FormatInt(int64(c.Due), 10)
}

// ID returns the identity of the result's check.
func (r *Result) ID() CheckID { return CheckID{r.Endpoint, r.Location, r.Due} }

// Duration returns how long the check took.
func (r *Result) Duration() time.Duration { return time.Duration(r.Micros) * time.Microsecond }

// Lateness returns how long after its due time the check started; 0 for one
// that never did.
func (r *Result) Lateness() time.Duration {
	if r.Start == 0 {
		return 0
	}
	return r.Start.Sub(r.Due)
}

// The bounds of what a row may say, so that sums over many of them hold.
const (
	maxDue    = Instant(253402300800000) // the year 10000
	maxMicros = int64(day / time.Microsecond)
	maxBytes  = int64(1) << 50
	maxSpared = 1000
)

// Validate returns an Invalid error for a row that cannot be a result.
func (r *Result) Validate() error {
	switch {
	case r.Endpoint == "" || NamespaceOf(r.Endpoint) == r.Endpoint:
		return FieldErrorf("endpoint", "must be namespace/id, got %q", r.Endpoint)
	case r.Due <= 0 || r.Due >= maxDue:
		return FieldErrorf("due", "must be a time in Unix milliseconds, got %d", r.Due)
	case r.Start < 0 || r.Start >= maxDue:
		return FieldErrorf("start", "must be a time in Unix milliseconds, got %d", r.Start)
	case r.Certificate < 0 || r.Certificate >= maxDue:
		return FieldErrorf("certificate", "must be a time in Unix milliseconds, got %d", r.Certificate)
	case r.Micros < 0 || r.Micros > maxMicros:
		return FieldErrorf("us", "must be microseconds, a day at most, got %d", r.Micros)
	case r.Status < 0 || r.Status > 999:
		return FieldErrorf("status", "must be an HTTP status, got %d", r.Status)
	case r.Bytes < 0 || r.Bytes > maxBytes:
		return FieldErrorf("bytes", "must be a count of bytes, got %d", r.Bytes)
	case len(r.Extract) > MaxExtract:
		return FieldErrorf("extract", "must be %d bytes at most, got %d", MaxExtract, len(r.Extract))
	case !r.Phases.valid():
		return FieldErrorf("dns", "the phases must be microseconds, a day at most")
	case r.Spared < 0 || r.Spared > maxSpared:
		return FieldErrorf("spared", "must be a count of due times, %d at most, got %d", maxSpared, r.Spared)
	case !r.Kind.Valid():
		return FieldErrorf("kind", "must be scheduled, confirm, connection or manual, got %q", r.Kind)
	}
	switch r.Outcome {
	case Passed, OutcomeDegraded, Failed, OutcomeUnknown:
		return nil
	default:
		return FieldErrorf("outcome", "must be passed, degraded, failed or unknown, got %q", r.Outcome)
	}
}

func (p *Phases) valid() bool {
	return min(p.DNS, p.Connect, p.TLS, p.FirstByte, p.Transfer) >= 0 &&
		max(p.DNS, p.Connect, p.TLS, p.FirstByte, p.Transfer) <= maxMicros
}
