package couchbase_test

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase"
)

func deeds() map[string]deed {
	all := foldDeeds()
	maps.Copy(all, map[string]deed{
		"a shard's states":   {nil, saveState, savedState},
		"a claim":            {nil, saveClaim, savedClaim},
		"a claim taken over": {saveClaim, takeClaim, tookClaim},
		"an incident":        {nil, putIncident, wasPutIncident},
		"notices":            {nil, saveNotices, savedNotices},
		"a notice sent":      {saveNotices, sendNotice, sentNotice},
		"a first catalog":    {nil, changeCatalog(0), changedCatalog(1)},
		"a later catalog":    {changeCatalog(0), changeCatalog(1), changedCatalog(2)},
	})
	return all
}

func saveState(ctx context.Context, s *couchbase.Store) error {
	state, err := s.ShardState(ctx, 6)
	if err != nil || state.Decided == start {
		return err
	}
	state.Decided = start
	state.Outbox = append(state.Outbox, monitor.IncidentChange{Incident: incident("a", 1)})
	_, err = s.SaveShardState(ctx, state)
	return err
}

func savedState(ctx context.Context, s *couchbase.Store) error {
	state, err := s.ShardState(ctx, 6)
	if err == nil && (state.Decided != start || len(state.Outbox) != 1) {
		err = fmt.Errorf("got decided %d and %d changes, want %d and 1", state.Decided, len(state.Outbox), start)
	}
	return err
}

func saveClaim(ctx context.Context, s *couchbase.Store) error {
	_, err := s.Claim(ctx, start)
	if !errors.Is(err, monitor.NotFound) {
		return err
	}
	_, err = s.SaveClaim(ctx, claim(start))
	return err
}

func savedClaim(ctx context.Context, s *couchbase.Store) error { return wantClaim(ctx, s, 1) }

func takeClaim(ctx context.Context, s *couchbase.Store) error {
	held, err := s.Claim(ctx, start)
	if err != nil || held.Sent {
		return err
	}
	held.Sent = true
	_, err = s.SaveClaim(ctx, held)
	return err
}

func tookClaim(ctx context.Context, s *couchbase.Store) error { return wantClaim(ctx, s, 2) }

func wantClaim(ctx context.Context, s *couchbase.Store, revision int64) error {
	list, err := s.Claims(ctx, start, start+600_000)
	if err == nil && (len(list) != 1 || list[0].Revision != revision || list[0].Sent != (revision == 2)) {
		err = fmt.Errorf("got claims %+v, want one of revision %d", list, revision)
	}
	return err
}

func putIncident(ctx context.Context, s *couchbase.Store) error {
	return s.PutIncident(ctx, incident("a", 2))
}

func wasPutIncident(ctx context.Context, s *couchbase.Store) error {
	got, err := s.Incident(ctx, "a")
	if err == nil && got.Sequence != 2 {
		err = fmt.Errorf("got sequence %d, want 2", got.Sequence)
	}
	return err
}

func saveNotices(ctx context.Context, s *couchbase.Store) error {
	return s.SaveNotices(ctx, []monitor.Notice{notice("a", 1, "shop/hook"), notice("a", 1, "shop/oncall")})
}

func savedNotices(ctx context.Context, s *couchbase.Store) error { return wantNotices(ctx, s, 2) }

// wantNotices wants two notices of the incident, of which so many are pending.
func wantNotices(ctx context.Context, s *couchbase.Store, pending int) error {
	all, err := s.NoticesOf(ctx, "a")
	if err != nil {
		return err
	}
	left, err := s.PendingNotices(ctx, 3)
	if err == nil && (len(all) != 2 || len(left) != pending) {
		err = fmt.Errorf("got %d notices of which %d are pending, want 2 and %d", len(all), len(left), pending)
	}
	return err
}

func sendNotice(ctx context.Context, s *couchbase.Store) error {
	all, err := s.NoticesOf(ctx, "a")
	if err != nil || !all[0].Pending() {
		return err
	}
	all[0].Accepted, all[0].Attempts = start, all[0].Attempts+1
	_, err = s.UpdateNotice(ctx, all[0])
	return err
}

func sentNotice(ctx context.Context, s *couchbase.Store) error {
	all, err := s.NoticesOf(ctx, "a")
	if err == nil && all[0].Attempts != 1 {
		return fmt.Errorf("got %d attempts, want 1", all[0].Attempts)
	}
	return errors.Join(err, wantNotices(ctx, s, 1))
}

// changeCatalog puts three endpoints at the revision after base, whose names say so.
func changeCatalog(base int64) func(context.Context, *couchbase.Store) error {
	return func(ctx context.Context, s *couchbase.Store) error {
		current, err := s.CatalogRevision(ctx)
		if err != nil || current != base {
			return err
		}
		_, err = s.ChangeCatalog(ctx, base, endpoints(3, fmt.Sprint(base+1)))
		return err
	}
}

func changedCatalog(want int64) func(context.Context, *couchbase.Store) error {
	return func(ctx context.Context, s *couchbase.Store) error {
		got, err := s.Catalog(ctx)
		if err != nil {
			return err
		}
		if got.Revision != want || len(got.Endpoints) != 3 {
			return fmt.Errorf("got revision %d of %d endpoints, want %d of 3", got.Revision, len(got.Endpoints), want)
		}
		for _, e := range got.Endpoints {
			if e.Revision != want || e.Name != fmt.Sprint(want) {
				return fmt.Errorf("got %s as it was at revision %d (%s), want %d", e.Key(), e.Revision, e.Name, want)
			}
		}
		return nil
	}
}
