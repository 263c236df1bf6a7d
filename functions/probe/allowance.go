package probe

import (
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// The extracts of one endpoint and location: so many at once, and then one
// each. A failure is thus seen from its beginning, and one that lasts for days
// or comes and goes fills neither events nor windows.
const (
	ExtractBurst = 3
	ExtractEvery = 2 * time.Minute
)

// allowance limits how often an endpoint's answers are kept. The zero value
// has all of it left.
type allowance struct{ full monitor.Instant }

// take tells whether one more extract may be kept at now.
func (a *allowance) take(now monitor.Instant) bool {
	next := max(a.full, now)
	if next.Sub(now) > (ExtractBurst-1)*ExtractEvery {
		return false
	}
	a.full = next.Add(ExtractEvery)
	return true
}
