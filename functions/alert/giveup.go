package alert

import (
	"context"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

// giveUp takes out of the outbox what was told, is not kept, and was decided as
// long ago as a notice is tried: what notify cannot keep, for whatever reason, does
// not hold up the endpoint's later changes for good. What could not even be told
// stays. It returns how many changes it was.
func (a *Alert) giveUp(ctx context.Context, s *shard) (int, error) {
	oldest := monitor.At(a.parts.Clock()).Add(-monitor.NoticeExpiry)
	given := map[string]bool{}
	for i := range s.state.Outbox {
		if change := &s.state.Outbox[i]; s.offered[change.ID()] && change.Decided <= oldest {
			given[change.ID()] = true
		}
	}
	if len(given) == 0 {
		return 0, nil
	}
	outbox := s.state.Outbox
	if err := a.remove(ctx, s, given); err != nil {
		return 0, err
	}
	for i := range outbox {
		change := &outbox[i]
		if !given[change.ID()] {
			continue
		}
		a.metrics.givenUp.Inc()
		a.parts.Log.Error("gave up telling of a change: no notice of it was ever kept",
			telemetry.KeyShard, s.number, telemetry.KeyEndpoint, change.Incident.Endpoint, telemetry.KeyIncident, change.Incident.ID,
			telemetry.KeySequence, change.Incident.Sequence, telemetry.KeyChanged, change.Change)
	}
	return len(given), nil
}
