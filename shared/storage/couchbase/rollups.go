package couchbase

import (
	"context"
	"strconv"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/link"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/rows"
)

func packKey(k monitor.PackKey) string {
	return key("r", string(k.Tier), k.Endpoint+"@"+k.Location, strconv.FormatInt(int64(k.Start), 10))
}

func checkPack(tier monitor.Tier, start monitor.Instant) error {
	if err := checkTier(tier); err != nil {
		return err
	}
	if start < 0 || start > latestStart || start != tier.PackStart(start) {
		return monitor.FieldErrorf("start", "must be the start of a pack of %ss, got %d", tier, start)
	}
	return nil
}

func checkTier(tier monitor.Tier) error {
	switch tier {
	case monitor.Minutes, monitor.Hours, monitor.Days:
		return nil
	default:
		return monitor.FieldErrorf("tier", "must be minute, hour or day, got %q", tier)
	}
}

// keepTier is how long packs of a tier are kept, counted from their end.
func (s *Store) keepTier(tier monitor.Tier) time.Duration {
	switch tier {
	case monitor.Minutes:
		return s.options.Keep.Minutes
	case monitor.Hours:
		return s.options.Keep.Hours
	default:
		return s.options.Keep.Days
	}
}

// Packs implements storage.Folds.
func (s *Store) Packs(ctx context.Context, keys []monitor.PackKey) ([]monitor.Pack, error) {
	packs := make([]monitor.Pack, len(keys))
	for i, key := range keys {
		packs[i] = monitor.Pack{Tier: key.Tier, Endpoint: key.Endpoint, Location: key.Location, Start: key.Start}
		if err := checkPack(key.Tier, key.Start); err != nil {
			return nil, err
		}
	}
	return packs, s.readAll(ctx, layout.Rollups, len(keys),
		func(i int) (namespace, key string) { return monitor.NamespaceOf(keys[i].Endpoint), packKey(keys[i]) },
		func(i int, found link.Document) error {
			packs[i].Revision = found.CAS
			return rows.ReadPack(found.Body, &packs[i])
		})
}

func (s *Store) packWrite(ctx context.Context, pack *monitor.Pack) (bucket string, write link.Write, err error) {
	if err := checkPack(pack.Tier, pack.Start); err != nil {
		return "", link.Write{}, err
	}
	if bucket, err = s.namespaceBucket(ctx, monitor.NamespaceOf(pack.Endpoint)); err != nil {
		return "", link.Write{}, err
	}
	body, err := rows.AppendPack(nil, s.link.Stamp(), pack)
	return bucket, link.Write{
		Key:  packKey(monitor.PackKey{Tier: pack.Tier, Endpoint: pack.Endpoint, Location: pack.Location, Start: pack.Start}),
		Body: body, CAS: pack.Revision,
		Expire: pack.Tier.NextPack(pack.Start).Add(s.keepTier(pack.Tier)).Time(),
	}, err
}
