package schedule

import (
	"context"
	"errors"
	"sync"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

// settle records the slots before current that were not handed out, and how
// many checks were lost with each. It goes back to the last slot that this
// process has settled, or, at its start, to the first claim within lookBack;
// what lies further back than that is not recorded.
func (s *Schedule) settle(ctx context.Context, r *roster, past claims, current monitor.Instant) error {
	s.mu.Lock()
	from := s.settled
	s.mu.Unlock()
	if from == 0 {
		from = past.first(current)
	}
	from = max(from, current.Add(-lookBack).Floor(s.parts.Plan.Slot))
	down := sync.OnceValue(func() states { return s.down(ctx, r) })
	now, slot := s.now(), from
	for ; slot < current; slot = slot.Add(s.parts.Plan.Slot) {
		claim, found := past[slot]
		if found && claim.Sent {
			continue
		}
		if found && !claim.Free(now, s.parts.Run) {
			break // its holder may be about to finish
		}
		if err := s.skip(ctx, r, down, slot, claim); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settled = max(s.settled, slot)
	return nil
}

// skip records one slot; claim is the one that was left unsent, if any.
func (s *Schedule) skip(ctx context.Context, r *roster, down func() states, slot monitor.Instant, claim monitor.Claim) error {
	until := slot.Add(s.parts.Plan.Slot)
	reason := "no tick came in time"
	switch {
	case claim.Revision != 0:
		reason = "the scheduler stopped before all of it was handed out"
	case until <= s.started:
		reason = "no scheduler was running"
	}
	lost := r.checks(down(), slot, until) * len(s.parts.Locations)
	_, err := s.parts.Claims.SaveClaim(ctx, monitor.Claim{
		Slot: slot, Run: s.parts.Run, Sent: true, Checks: lost, Skipped: reason, Revision: claim.Revision,
	})
	if errors.Is(err, monitor.Conflict) {
		return nil
	}
	if err != nil {
		return err
	}
	s.metrics.skippedSlots.Inc()
	s.metrics.skippedChecks.Add(float64(lost))
	s.parts.Log.Warn("slot skipped", telemetry.KeySlot, slot.Time(), telemetry.KeyChecks, lost, telemetry.KeyReason, reason)
	return nil
}
