package store

import (
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// maxFoldAfter is well below the lag that is warned of.
const maxFoldAfter = 5 * time.Minute

// Settings are the environment variables of the function.
type Settings struct {
	FoldAfter time.Duration `envconfig:"MONITOR_FOLD_AFTER" default:"5m" desc:"how long results may lie in the tail until they are folded into windows and rollups, at most 5m: a fold costs about the same for one result of an endpoint as for many; 0: they are folded each minute, or each slot where that is longer"`
}

// Check returns an Invalid error if the time cannot be.
func (s Settings) Check() error {
	if s.FoldAfter < 0 || s.FoldAfter > maxFoldAfter {
		return monitor.FieldErrorf("MONITOR_FOLD_AFTER", "must be 0 to %s, got %s", monitor.Duration(maxFoldAfter), s.FoldAfter)
	}
	return nil
}
