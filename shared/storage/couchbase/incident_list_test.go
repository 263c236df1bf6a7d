package couchbase_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/couchbase/gocbcore/v10/memd"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase"
	"github.com/api-endpoint-monitor/monitor/shared/storage/storagetest"
)

// lag is how many changes the index of a test lags behind.
const lag = 1000

// at returns the incident n of a namespace, which started n seconds after start.
func at(n int, namespace string) monitor.Incident {
	one := incident(fmt.Sprintf("%s-%03d", namespace, n), 1)
	one.Namespace, one.Endpoint, one.Started = namespace, namespace+"/checkout", start+monitor.Instant(n*1000)
	return one
}

// listed returns the IDs of what the filter lets through.
func listed(t testing.TB, store *couchbase.Store, filter storage.IncidentFilter) []string {
	t.Helper()
	var ids []string
	for _, one := range must(store.Incidents(t.Context(), filter))(t) {
		ids = append(ids, one.ID)
	}
	return ids
}

func wantListed(t testing.TB, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestAListSeesWhatThisProcessPut lists while the index lags behind.
func TestAListSeesWhatThisProcessPut(t *testing.T) {
	t.Parallel()
	node := prepared(t)
	stores := several(t, node, 2)
	node.Web().Lag(lag)
	check(t, stores[0].PutIncident(t.Context(), at(1, "shop")))
	for _, filter := range []storage.IncidentFilter{{}, {Namespaces: []string{"shop", "bank"}}, {Endpoint: "shop/checkout", Open: true}} {
		filter.Limit = 10
		wantListed(t, listed(t, stores[0], filter), "shop-001")
	}
	if got := listed(t, stores[1], storage.IncidentFilter{Limit: 10}); len(got) > 1 {
		t.Errorf("got %v, want no more than there is", got)
	}
}

// TestAnIndexThatLagsShowsNothingThatIsOver has another process end incidents that
// the index still has as open: pages are filled up with those that are.
func TestAnIndexThatLagsShowsNothingThatIsOver(t *testing.T) {
	t.Parallel()
	const n, ended = 30, 20
	node := prepared(t)
	stores := several(t, node, 2)
	for i := range n {
		check(t, stores[0].PutIncident(t.Context(), at(i, "shop")))
	}
	node.Web().Lag(ended)
	for i := range ended {
		over := at(n-1-i, "shop")
		over.Sequence, over.Ended = 2, over.Started+500
		check(t, stores[0].PutIncident(t.Context(), over))
	}
	reader := opened(t, node)
	for _, filter := range []storage.IncidentFilter{{Open: true}, {Open: true, Namespaces: []string{"shop"}}, {Open: true, Endpoint: "shop/checkout"}} {
		filter.Limit = 4
		wantListed(t, listed(t, reader, filter), "shop-009", "shop-008", "shop-007", "shop-006")
		filter.Limit = 100
		if got := listed(t, reader, filter); len(got) != n-ended {
			t.Errorf("got %d open incidents, want %d", len(got), n-ended)
		}
	}
}

// TestListsOfManyNamespacesAreMerged takes more namespaces than are asked at once.
func TestListsOfManyNamespacesAreMerged(t *testing.T) {
	t.Parallel()
	const namespaces, each = 12, 4
	store := opened(t, prepared(t))
	filter := storage.IncidentFilter{Limit: 9}
	var want []string
	for i := range each {
		for n := range namespaces {
			one := at(i, fmt.Sprintf("n%02d", n))
			check(t, store.PutIncident(t.Context(), one))
			want = append(want, one.ID)
		}
	}
	slices.SortFunc(want, func(a, b string) int { // newest first, then by ID
		return slices.Compare([]string{b[4:], a}, []string{a[4:], b})
	})
	for n := range namespaces {
		filter.Namespaces = append(filter.Namespaces, fmt.Sprintf("n%02d", n), fmt.Sprintf("n%02d", n/2))
	}
	var got []string
	for {
		page := must(store.Incidents(t.Context(), filter))(t)
		if len(page) == 0 {
			break
		}
		for _, one := range page {
			got = append(got, one.ID)
			filter.After = storage.IncidentCursor{Started: one.Started, ID: one.ID}
		}
	}
	wantListed(t, got, want...)
}

// TestALongListIsReadInPages asks for more than one statement gives.
func TestALongListIsReadInPages(t *testing.T) {
	t.Parallel()
	const n = 1200
	node := prepared(t)
	store := opened(t, node)
	wantAllWell(t, storagetest.Together(writers, func(w int) error {
		for i := w; i < n; i += writers {
			if err := store.PutIncident(t.Context(), at(i, "shop")); err != nil {
				return err
			}
		}
		return nil
	}))
	got := listed(t, store, storage.IncidentFilter{Limit: 1100})
	if len(got) != 1100 || got[0] != "shop-1199" || got[1099] != "shop-100" {
		t.Errorf("got %d incidents from %s to %s, want 1100 from shop-1199 to shop-100", len(got), got[0], got[len(got)-1])
	}
}

// TestOnlyListsNeedTheQueryService has the service away: everything but lists
// works, and lists say why not.
func TestOnlyListsNeedTheQueryService(t *testing.T) {
	t.Parallel()
	node := prepared(t)
	node.Web().StopQuery()
	node.Web().StopManagement()
	store := opened(t, node)
	for name, what := range deeds() {
		if err := made(t.Context(), store, what); err != nil {
			t.Errorf("%s: got error %v, want none", name, err)
		}
		if name == "a later catalog" || name == "a first catalog" {
			continue
		}
		if err := what.do(t.Context(), store); err != nil {
			t.Errorf("%s: got error %v, want none", name, err)
		}
	}
	check(t, store.AppendTail(t.Context(), 1, start, []byte("row")))
	check(t, store.CommitFold(t.Context(), storage.Fold{Shard: 1, Folded: 1, Drop: 1}))
	check(t, store.Ready(t.Context()))
	_, err := store.Incidents(t.Context(), storage.IncidentFilter{Limit: 1})
	wantCode(t, err, monitor.Unavailable)
	check(t, node.Web().StartQuery())
	wantSoon(t, func() error {
		_, err := store.Incidents(t.Context(), storage.IncidentFilter{Limit: 1})
		return err
	})
}

// TestAListReadsEachIncidentOnce counts what a page costs.
func TestAListReadsEachIncidentOnce(t *testing.T) {
	t.Parallel()
	node := prepared(t)
	store := opened(t, node)
	for i := range 25 {
		check(t, store.PutIncident(t.Context(), at(i, "shop")))
	}
	node.ResetCounts()
	if got := listed(t, store, storage.IncidentFilter{Limit: 10}); len(got) != 10 {
		t.Errorf("got %d incidents, want 10", len(got))
	}
	if got := node.Counts().Of(memd.CmdGet, "incidents").Requests; got != 10 {
		t.Errorf("got %d documents read, want 10", got)
	}
}
