package monitor

import (
	"strconv"
	"strings"
)

// Expect says what counts as a good answer. An answer that misses status, JSON
// or CEL has failed; one that is merely slower than Latency, or whose
// certificate ends within Certificate, is degraded.
type Expect struct {
	Status      []StatusRange  `json:"status,omitempty"`      // any of them; none given: 200-299
	Latency     Duration       `json:"latency,omitempty"`     // the longest good answer; 0: any
	JSON        map[string]any `json:"json,omitempty"`        // dotted path into the body -> the value there
	Certificate Duration       `json:"certificate,omitempty"` // the shortest good rest of its validity; 0: any
	CEL         string         `json:"cel,omitempty"`         // a boolean expression; see package expect
}

// StatusRange is a closed range of HTTP status codes, written "200" or
// "200-299".
type StatusRange struct{ From, To int }

// Contains tells whether the status lies in the range.
func (r StatusRange) Contains(status int) bool { return r.From <= status && status <= r.To }

// String writes the range as people do.
func (r StatusRange) String() string {
	if r.From == r.To {
		return strconv.Itoa(r.From)
	}
	return strconv.Itoa(r.From) + "-" + strconv.Itoa(r.To)
}

// MarshalText writes String.
func (r StatusRange) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads "200" or "200-299"; statuses lie in 100 to 599.
func (r *StatusRange) UnmarshalText(text []byte) error {
	from, to, found := strings.Cut(string(text), "-")
	if !found {
		to = from
	}
	low, err1 := strconv.Atoi(strings.TrimSpace(from))
	high, err2 := strconv.Atoi(strings.TrimSpace(to))
	if err1 != nil || err2 != nil || low < 100 || high > 599 || low > high {
		return Errorf(Invalid, "%q is no range of statuses: write for example 200 or 200-299", text)
	}
	*r = StatusRange{From: low, To: high}
	return nil
}
