package couchbase

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/link"
)

// claimSpan is the time whose slots one document has.
const claimSpan = 10 * time.Minute

// ahead is how far beyond now claims are looked for: slots are planned one ahead.
const ahead = day

// claimDocument has the claims of the slots of one span.
type claimDocument struct {
	By    string                        `json:"by"`
	Slots map[monitor.Instant]claimSlot `json:"slots"`
}

// claimSlot is the claim of one slot. Its revision counts its writes, so that a
// write of another slot in the same document changes nothing of it.
type claimSlot struct {
	By    string        `json:"by"` // the call that wrote it
	Claim monitor.Claim `json:"claim"`
}

func claimKey(slot monitor.Instant) string {
	return key("c", strconv.FormatInt(int64(slot.Floor(claimSpan)), 10))
}

// Claim implements storage.Claims.
func (s *Store) Claim(ctx context.Context, slot monitor.Instant) (monitor.Claim, error) {
	claims, err := s.metadata(ctx, layout.Claims)
	if err != nil {
		return monitor.Claim{}, err
	}
	found, err := claims.Get(ctx, claimKey(slot))
	if err != nil {
		return monitor.Claim{}, err
	}
	var span claimDocument
	if err := parse(claimKey(slot), found, &span); err != nil {
		return monitor.Claim{}, err
	}
	stored, ok := span.Slots[slot]
	if !ok {
		return monitor.Claim{}, monitor.Errorf(monitor.NotFound, "the slot at %d is not claimed", slot)
	}
	return stored.Claim, nil
}

// SaveClaim implements storage.Claims.
func (s *Store) SaveClaim(ctx context.Context, claim monitor.Claim) (int64, error) {
	claims, err := s.metadata(ctx, layout.Claims)
	if err != nil {
		return 0, err
	}
	read := claim.Revision
	next := claimSlot{By: s.link.Stamp(), Claim: claim}
	next.Claim.Revision++
	_, err = claims.Update(ctx, claimKey(claim.Slot), link.Majority, func(found link.Document) (link.Write, bool, error) {
		span := claimDocument{Slots: map[monitor.Instant]claimSlot{}}
		if err := parse(claimKey(claim.Slot), found, &span); err != nil {
			return link.Write{}, false, err
		}
		stored := span.Slots[claim.Slot]
		switch {
		case stored.By == next.By: // an earlier try of this call was kept, and another slot's writer came behind it
			return link.Write{}, false, nil
		case stored.Claim.Revision != read:
			return link.Write{}, false, monitor.Errorf(monitor.Conflict,
				"the slot's claim has changed since revision %d: read again, then write again", read)
		}
		span.By = s.link.Stamp()
		span.Slots[claim.Slot] = next
		body, err := encode(claimKey(claim.Slot), span)
		end := claim.Slot.Floor(claimSpan).Add(claimSpan + s.options.Keep.Claims)
		return link.Write{Body: body, Expire: end.Time()}, err == nil, err
	})
	if err != nil {
		return 0, err
	}
	return next.Claim.Revision, nil
}

// Claims implements storage.Claims.
func (s *Store) Claims(ctx context.Context, from, to monitor.Instant) ([]monitor.Claim, error) {
	collection, err := s.metadata(ctx, layout.Claims)
	if err != nil {
		return nil, err
	}
	now := s.now()
	var keys []string
	last := min(to, now.Add(ahead))
	for at := max(from, now.Add(-s.options.Keep.Claims-claimSpan)).Floor(claimSpan); at < last; at = at.Add(claimSpan) {
		keys = append(keys, claimKey(at))
	}
	documents, err := collection.GetAll(ctx, keys)
	if err != nil {
		return nil, err
	}
	var claims []monitor.Claim
	for i, found := range documents {
		var span claimDocument
		if err := parse(keys[i], found, &span); err != nil {
			return nil, err
		}
		for _, slot := range slices.Sorted(maps.Keys(span.Slots)) {
			if from <= slot && slot < to {
				claims = append(claims, span.Slots[slot].Claim)
			}
		}
	}
	return claims, nil
}
