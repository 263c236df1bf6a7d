package couchbase_test

import (
	"math/rand/v2"
	"testing"

	"github.com/couchbase/gocbcore/v10/memd"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
	"github.com/api-endpoint-monitor/monitor/shared/storage/storagetest"
)

// writers storm one document, from four processes.
const (
	writers   = 64
	processes = 4
)

func TestOfManyWhoClaimASlotOneWins(t *testing.T) {
	t.Parallel()
	stores := several(t, prepared(t), processes)
	save := func(what monitor.Claim) []error {
		return storagetest.Together(writers, func(i int) error {
			_, err := stores[i%processes].SaveClaim(t.Context(), what)
			return err
		})
	}
	storagetest.WantOneWinner(t, save(claim(start)))
	held := must(stores[0].Claim(t.Context(), start))(t)
	storagetest.WantOneWinner(t, save(held))
}

// TestClaimsOfOtherSlotsAreNotInTheWay has the claims of 60 slots written at once,
// which lie in one document.
func TestClaimsOfOtherSlotsAreNotInTheWay(t *testing.T) {
	t.Parallel()
	stores := several(t, prepared(t), processes)
	const slots = 60
	wantAllWell(t, storagetest.Together(slots, func(i int) error {
		_, err := stores[i%processes].SaveClaim(t.Context(), claim(start+monitor.Instant(i*10_000)))
		return err
	}))
	if got := must(stores[0].Claims(t.Context(), start, start+600_000))(t); len(got) != slots {
		t.Errorf("got %d claims, want %d", len(got), slots)
	}
}

// TestAClaimIsKnownUnderAnothers has the answer to a claim lost, and the claim of
// another slot written into the same document before anybody looks.
func TestAClaimIsKnownUnderAnothers(t *testing.T) {
	t.Parallel()
	node := prepared(t)
	stores := several(t, node, 2)
	must(stores[0].SaveClaim(t.Context(), claim(start)))(t)
	goOn, looks := make(chan struct{}), make(chan (<-chan struct{}), 1)
	node.Faults().Add(couchbasetest.Fault{
		Ops: []memd.CmdCode{memd.CmdReplace}, Key: "c:*", Times: 1, Break: true, Applied: true,
		Before: func() {
			held := couchbasetest.Fault{Ops: []memd.CmdCode{memd.CmdGet}, Key: "c:*", Times: 1, Hold: goOn}
			looks <- node.Faults().Add(held).First()
		},
	})
	type saved struct {
		revision int64
		err      error
	}
	ours := make(chan saved, 1)
	go func() {
		revision, err := stores[0].SaveClaim(t.Context(), claim(start+10_000))
		ours <- saved{revision, err}
	}()
	<-<-looks
	must(stores[1].SaveClaim(t.Context(), claim(start+20_000)))(t)
	close(goOn)
	if got := <-ours; got.err != nil || got.revision != 1 {
		t.Errorf("got revision %d and error %v, want 1 and none", got.revision, got.err)
	}
	if got := must(stores[1].Claims(t.Context(), start, start+600_000))(t); len(got) != 3 {
		t.Errorf("got %d claims, want 3", len(got))
	}
}

func TestOfManyWhoUpdateANoticeOneWins(t *testing.T) {
	t.Parallel()
	stores := several(t, prepared(t), processes)
	check(t, stores[0].SaveNotices(t.Context(), []monitor.Notice{notice("a", 1, "shop/oncall")}))
	read := must(stores[0].NoticesOf(t.Context(), "a"))(t)[0]
	storagetest.WantOneWinner(t, storagetest.Together(writers, func(i int) error {
		mine := read
		mine.Lease = start + monitor.Instant(i)
		_, err := stores[i%processes].UpdateNotice(t.Context(), mine)
		return err
	}))
}

func TestOfManyWhoPutAnIncidentTheLastChangeStays(t *testing.T) {
	t.Parallel()
	stores := several(t, prepared(t), processes)
	order := rand.Perm(writers)
	wantAllWell(t, storagetest.Together(writers, func(i int) error {
		return stores[i%processes].PutIncident(t.Context(), incident("a", 1+order[i]))
	}))
	if got := must(stores[0].Incident(t.Context(), "a"))(t); got.Sequence != writers || got.Reason != "change 64" {
		t.Errorf("got sequence %d (%s), want %d", got.Sequence, got.Reason, writers)
	}
}

func TestOfManyWhoSaveAShardOneWins(t *testing.T) {
	t.Parallel()
	stores := several(t, prepared(t), processes)
	revision := int64(0)
	for range 3 {
		storagetest.WantOneWinner(t, storagetest.Together(writers, func(i int) error {
			_, err := stores[i%processes].SaveShardState(t.Context(), monitor.ShardState{Shard: 1, Revision: revision, Decided: monitor.Instant(i)})
			return err
		}))
		revision = must(stores[1].ShardState(t.Context(), 1))(t).Revision
	}
}

// TestNoticesOfManyAreAllListed has the notices of one shard saved at once: none of
// them may be missing from the lists.
func TestNoticesOfManyAreAllListed(t *testing.T) {
	t.Parallel()
	stores := several(t, prepared(t), processes)
	wantAllWell(t, storagetest.Together(writers, func(i int) error {
		return stores[i%processes].SaveNotices(t.Context(), []monitor.Notice{notice("a", i+1, "shop/oncall"), notice("a", i+1, "shop/hook")})
	}))
	if got := must(stores[0].PendingNotices(t.Context(), 3))(t); len(got) != 2*writers {
		t.Errorf("got %d pending notices, want %d", len(got), 2*writers)
	}
	if got := must(stores[0].NoticesOf(t.Context(), "a"))(t); len(got) != 2*writers {
		t.Errorf("got %d notices of the incident, want %d", len(got), 2*writers)
	}
}

func TestOfManyWhoChangeTheCatalogOneWins(t *testing.T) {
	t.Parallel()
	stores := several(t, prepared(t), processes)
	for base := range int64(3) {
		storagetest.WantOneWinner(t, storagetest.Together(writers, func(i int) error {
			_, err := stores[i%processes].ChangeCatalog(t.Context(), base, endpoints(3, "a"))
			return err
		}))
		for _, store := range stores {
			if got := must(store.CatalogRevision(t.Context()))(t); got != base+1 {
				t.Errorf("got revision %d, want %d", got, base+1)
			}
		}
	}
}
