package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

const (
	selectClaim  = `SELECT revision, body FROM claims WHERE slot = ?`
	selectClaims = `SELECT revision, body FROM claims WHERE slot >= ? AND slot < ? ORDER BY slot`
	insertClaim  = `INSERT INTO claims (slot, revision, body) VALUES (?, 1, ?) ON CONFLICT DO NOTHING`
	updateClaim  = `UPDATE claims SET revision = revision + 1, body = ? WHERE slot = ? AND revision = ?`
)

// Claim implements storage.Claims.
func (s *Store) Claim(ctx context.Context, slot monitor.Instant) (monitor.Claim, error) {
	var claim monitor.Claim
	var revision int64
	var body []byte
	err := s.read.get(ctx, selectClaim, []any{int64(slot)}, &revision, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return claim, monitor.Errorf(monitor.NotFound, "the slot at %d is not claimed", slot)
	}
	if err == nil {
		err = s.parse(body, &claim)
	}
	claim.Revision = revision
	return claim, s.fault(err)
}

// SaveClaim implements storage.Claims.
func (s *Store) SaveClaim(ctx context.Context, claim monitor.Claim) (int64, error) {
	body, err := json.Marshal(claim)
	if err != nil {
		return 0, s.fault(err)
	}
	err = s.write.submit(ctx, func(tx *tx) error {
		return swap(tx, "the slot's claim has", claim.Revision,
			statement{insertClaim, []any{int64(claim.Slot), body}},
			statement{updateClaim, []any{body, int64(claim.Slot), claim.Revision}})
	})
	if err != nil {
		return 0, s.fault(err)
	}
	return claim.Revision + 1, nil
}

// Claims implements storage.Claims.
func (s *Store) Claims(ctx context.Context, from, to monitor.Instant) ([]monitor.Claim, error) {
	var claims []monitor.Claim
	err := s.read.each(ctx, selectClaims, []any{int64(from), int64(to)}, func(scan func(...any) error) error {
		var revision int64
		var body []byte
		if err := scan(&revision, &body); err != nil {
			return err
		}
		var claim monitor.Claim
		err := s.parse(body, &claim)
		claim.Revision = revision
		claims = append(claims, claim)
		return err
	})
	if err != nil {
		return nil, s.fault(err)
	}
	return claims, nil
}
