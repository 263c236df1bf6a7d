package schedule

import (
	"context"
	"errors"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

// claims are those of the slots that one tick looks at.
type claims map[monitor.Instant]monitor.Claim

// past returns the claims from the first slot that may matter to the next one.
func (s *Schedule) past(ctx context.Context, current, next monitor.Instant) (claims, error) {
	s.mu.Lock()
	from := s.settled
	s.mu.Unlock()
	from = max(from, current.Add(-lookBack).Floor(s.parts.Plan.Slot))
	from = min(from, s.minute(current))
	list, err := s.parts.Claims.Claims(ctx, from, next.Add(s.parts.Plan.Slot))
	if err != nil {
		return nil, err
	}
	known := make(claims, len(list))
	for _, claim := range list {
		known[claim.Slot] = claim
	}
	return known, nil
}

// first returns the first slot that has a claim, or, without any, fallback.
func (c claims) first(fallback monitor.Instant) monitor.Instant {
	for slot := range c {
		fallback = min(fallback, slot)
	}
	return fallback
}

// lease is how long a claim is held. It ends before the tick after the next
// slot's begin, so that what one holder left another one finishes.
func (s *Schedule) lease() time.Duration { return s.parts.Plan.Slot / 2 }

// plan hands the slot out unless somebody has it, and tells whether it did.
func (s *Schedule) plan(ctx context.Context, r *roster, past claims, slot monitor.Instant, emit events.Emit) (bool, error) {
	now := s.now()
	claim, found := past[slot]
	if found && !claim.Free(now, s.parts.Run) {
		return false, nil
	}
	again := found && claim.Sent
	out := s.handOut(r, s.down(ctx, r), slot, now)
	claim = monitor.Claim{Slot: slot, Run: s.parts.Run, Until: now.Add(s.lease()), Checks: out.checks, Revision: claim.Revision}
	revision, err := s.parts.Claims.SaveClaim(ctx, claim)
	if errors.Is(err, monitor.Conflict) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	claim.Revision = revision
	if err := emitAll(ctx, emit, out.events); err != nil {
		s.giveBack(ctx, claim)
		return false, err
	}
	claim.Sent = true
	if _, err := s.parts.Claims.SaveClaim(ctx, claim); err != nil && !errors.Is(err, monitor.Conflict) {
		return false, err
	}
	if again || len(past) == 0 {
		out.lost = 0 // handed out before, or never promised
	}
	s.metrics.handedOut(out, s.parts.Plan, r.largest)
	if load, limit := s.metrics.load(out, s.parts.Plan, r.largest), float64(monitor.InFlight); load > limit {
		s.parts.Log.Warn("more requests than a Trigger has in flight", telemetry.KeyRequests, load, telemetry.KeyLimit, limit)
	}
	return true, nil
}

// giveBack ends the lease of a claim whose slot could not be handed out, so
// that the tick may try again at once.
func (s *Schedule) giveBack(ctx context.Context, claim monitor.Claim) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	claim.Until = s.now()
	if _, err := s.parts.Claims.SaveClaim(ctx, claim); err != nil {
		s.parts.Log.Warn("claim not given back, it runs out by itself", telemetry.KeySlot, claim.Slot.Time(), telemetry.KeyError, err)
	}
}

func emitAll(ctx context.Context, emit events.Emit, out []events.Event) error {
	if len(out) == 0 {
		return nil
	}
	return emit(ctx, out...)
}
