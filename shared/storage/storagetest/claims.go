package storagetest

import (
	"testing"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

var claimTests = map[string]func(t *testing.T, open Place){
	"claims/one comes back as it was saved":        with(testClaim),
	"claims/a slot that nobody holds is not found": with(testNoClaim),
	"claims/a second claim is a conflict":          with(testClaimConflict),
	"claims/of many at once one wins":              with(testClaimRace),
	"claims/a range comes back oldest first":       with(testClaims),
}

func claimOf(slot monitor.Instant) monitor.Claim {
	return monitor.Claim{Slot: slot, Run: "run", Until: slot + 5000, Sent: true, Checks: 12, Skipped: "the monitor was not running"}
}

func testClaim(t *testing.T, store storage.Store) {
	want := claimOf(origin)
	want.Revision = must(store.SaveClaim(t.Context(), want))(t)
	wantSame(t, must(store.Claim(t.Context(), origin))(t), want)
	want.Sent = false
	want.Revision = must(store.SaveClaim(t.Context(), want))(t)
	wantSame(t, must(store.Claim(t.Context(), origin))(t), want)
}

func testNoClaim(t *testing.T, store storage.Store) {
	_, err := store.Claim(t.Context(), origin)
	wantCode(t, err, monitor.NotFound)
}

func testClaimConflict(t *testing.T, store storage.Store) {
	first := claimOf(origin)
	first.Revision = must(store.SaveClaim(t.Context(), first))(t)
	_, err := store.SaveClaim(t.Context(), claimOf(origin))
	wantCode(t, err, monitor.Conflict)

	must(store.SaveClaim(t.Context(), first))(t)
	_, err = store.SaveClaim(t.Context(), first)
	wantCode(t, err, monitor.Conflict)

	never := claimOf(origin + 10_000)
	never.Revision = 4
	_, err = store.SaveClaim(t.Context(), never)
	wantCode(t, err, monitor.Conflict)
}

func testClaimRace(t *testing.T, store storage.Store) {
	WantOneWinner(t, Together(16, func(int) error {
		_, err := store.SaveClaim(t.Context(), claimOf(origin))
		return err
	}))
	held := must(store.Claim(t.Context(), origin))(t)
	WantOneWinner(t, Together(16, func(int) error {
		_, err := store.SaveClaim(t.Context(), held)
		return err
	}))
}

func testClaims(t *testing.T, store storage.Store) {
	var want []monitor.Claim
	for _, slot := range []monitor.Instant{origin, origin + 10_000, origin + 20_000, origin + 30_000} {
		claim := claimOf(slot)
		claim.Revision = must(store.SaveClaim(t.Context(), claim))(t)
		want = append(want, claim)
	}
	wantSame(t, must(store.Claims(t.Context(), origin+10_000, origin+30_000))(t), want[1:3])
	wantSame(t, must(store.Claims(t.Context(), origin+1, origin+1))(t), nil)
}
