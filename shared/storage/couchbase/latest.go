package couchbase

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/link"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/rows"
)

func (t *shardTail) latestKey() string { return key("l", strconv.Itoa(t.shard)) }

// Latest implements storage.History.
func (s *Store) Latest(ctx context.Context, shard int) ([]monitor.Result, error) {
	t, err := s.shardTail(ctx, shard)
	if err != nil {
		return nil, err
	}
	found, err := t.shards.Get(ctx, t.latestKey())
	if err != nil {
		return nil, err
	}
	return readLatest(found)
}

func readLatest(found link.Document) ([]monitor.Result, error) {
	if found.CAS == 0 {
		return nil, nil
	}
	return rows.ReadLatest(found.Body)
}

// putLatest puts the results beside those that are stored, each in the place of an
// earlier one of the same endpoint and location.
func (s *Store) putLatest(ctx context.Context, t *shardTail, more []monitor.Result) error {
	if len(more) == 0 {
		return nil
	}
	_, err := t.shards.Update(ctx, t.latestKey(), link.Majority, func(found link.Document) (link.Write, bool, error) {
		known, err := readLatest(found)
		if err != nil {
			return link.Write{}, false, err
		}
		latest, changed := newest(known, more)
		if !changed {
			return link.Write{}, false, nil
		}
		return link.Write{Body: rows.AppendLatest(nil, s.link.Stamp(), latest)}, true, nil
	})
	return err
}

// newest returns the latest result of each endpoint and location, by these, and
// whether any of more is among them.
func newest(known, more []monitor.Result) (latest []monitor.Result, changed bool) {
	latest = slices.Clone(known)
	for _, r := range more {
		at, found := slices.BinarySearchFunc(latest, r, byEndpoint)
		switch {
		case !found:
			latest, changed = slices.Insert(latest, at, r), true
		case r.Due > latest[at].Due:
			latest[at], changed = r, true
		}
	}
	return latest, changed
}

func byEndpoint(a, b monitor.Result) int {
	return cmp.Or(cmp.Compare(a.Endpoint, b.Endpoint), cmp.Compare(a.Location, b.Location))
}
