package storagetest

import (
	"cmp"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

var incidentTests = map[string]func(t *testing.T, open Place){
	"incidents/one comes back as it was put":                 with(testIncident),
	"incidents/one that is not stored is not found":          with(testNoIncident),
	"incidents/an earlier or equal sequence changes nothing": with(testIncidentSequence),
	"incidents/are listed newest first, then by ID":          with(testIncidentOrder),
	"incidents/are filtered by all that is given":            with(testIncidentFilter),
	"incidents/no namespaces at all select nothing":          with(testIncidentNoNamespaces),
	"incidents/pages have neither gaps nor doubles":          with(testIncidentPages),
	"incidents/a limit below 1 is invalid":                   with(testIncidentLimit),
}

func testIncident(t *testing.T, store storage.Store) {
	want := incident(1, origin)
	check(t, store.PutIncident(t.Context(), want))
	check(t, store.PutIncident(t.Context(), want))
	wantSame(t, must(store.Incident(t.Context(), want.ID))(t), want)
}

func testNoIncident(t *testing.T, store storage.Store) {
	_, err := store.Incident(t.Context(), "none")
	wantCode(t, err, monitor.NotFound)
}

func testIncidentSequence(t *testing.T, store storage.Store) {
	opened := incident(1, origin)
	resolved := opened
	resolved.Sequence, resolved.Ended = 3, origin+60_000
	check(t, store.PutIncident(t.Context(), resolved))
	check(t, store.PutIncident(t.Context(), opened))
	same := resolved
	same.Reason = "another"
	check(t, store.PutIncident(t.Context(), same))
	wantSame(t, must(store.Incident(t.Context(), opened.ID))(t), resolved)
	wantSame(t, must(store.Incidents(t.Context(), storage.IncidentFilter{Open: true, Limit: 10}))(t), nil)
}

func testIncidentOrder(t *testing.T, store storage.Store) {
	for n, started := range []monitor.Instant{origin + 1, origin + 2, origin + 2, origin} {
		check(t, store.PutIncident(t.Context(), incident(n, started)))
	}
	got := must(store.Incidents(t.Context(), storage.IncidentFilter{Limit: 10}))(t)
	wantSame(t, idsOf(got), []string{"incident-001", "incident-002", "incident-000", "incident-003"})
	got = must(store.Incidents(t.Context(), storage.IncidentFilter{Limit: 2}))(t)
	wantSame(t, idsOf(got), []string{"incident-001", "incident-002"})
}

func idsOf(incidents []monitor.Incident) []string {
	ids := make([]string, 0, len(incidents))
	for i := range incidents {
		ids = append(ids, incidents[i].ID)
	}
	return ids
}

func testIncidentFilter(t *testing.T, store storage.Store) {
	for n, change := range []func(i *monitor.Incident){
		func(*monitor.Incident) {},
		func(i *monitor.Incident) { i.Namespace, i.Endpoint = "bank", "bank/login" },
		func(i *monitor.Incident) { i.Endpoint = "shop/cart" },
		func(i *monitor.Incident) { i.Ended = origin + 100 },
		func(i *monitor.Incident) { i.Namespace, i.Endpoint = "news", "news/front" },
	} {
		one := incident(n, origin+monitor.Instant(n))
		change(&one)
		check(t, store.PutIncident(t.Context(), one))
	}
	tests := map[string]struct {
		filter storage.IncidentFilter
		want   []string
	}{
		"all":              {storage.IncidentFilter{}, []string{"incident-004", "incident-003", "incident-002", "incident-001", "incident-000"}},
		"one namespace":    {storage.IncidentFilter{Namespaces: []string{"bank"}}, []string{"incident-001"}},
		"two namespaces":   {storage.IncidentFilter{Namespaces: []string{"bank", "news"}}, []string{"incident-004", "incident-001"}},
		"one endpoint":     {storage.IncidentFilter{Endpoint: shop}, []string{"incident-003", "incident-000"}},
		"open ones":        {storage.IncidentFilter{Open: true}, []string{"incident-004", "incident-002", "incident-001", "incident-000"}},
		"a range":          {storage.IncidentFilter{From: origin + 1, To: origin + 3}, []string{"incident-002", "incident-001"}},
		"all of it":        {storage.IncidentFilter{Namespaces: []string{"shop"}, Endpoint: shop, Open: true, To: origin + 9}, []string{"incident-000"}},
		"another's":        {storage.IncidentFilter{Namespaces: []string{"bank"}, Endpoint: shop}, nil},
		"behind a cursor":  {storage.IncidentFilter{After: storage.IncidentCursor{Started: origin + 2, ID: "incident-002"}}, []string{"incident-001", "incident-000"}},
		"no such endpoint": {storage.IncidentFilter{Endpoint: "shop/none"}, nil},
	}
	for name, test := range tests {
		test.filter.Limit = 10
		got := must(store.Incidents(t.Context(), test.filter))(t)
		if !slices.Equal(idsOf(got), test.want) {
			t.Errorf("%s: got %v, want %v", name, idsOf(got), test.want)
		}
	}
}

func testIncidentNoNamespaces(t *testing.T, store storage.Store) {
	check(t, store.PutIncident(t.Context(), incident(1, origin)))
	wantSame(t, must(store.Incidents(t.Context(), storage.IncidentFilter{Namespaces: []string{}, Limit: 10}))(t), nil)
}

func testIncidentPages(t *testing.T, store storage.Store) {
	var all []monitor.Incident
	for n := range 60 {
		one := incident(n, origin+monitor.Instant(n*7%13)) // many start together
		if n%3 == 0 {
			one.Namespace = "bank"
		}
		if n%4 == 0 {
			one.Ended = origin + 1000
		}
		all = append(all, one)
		check(t, store.PutIncident(t.Context(), one))
	}
	slices.SortFunc(all, func(a, b monitor.Incident) int {
		return cmp.Or(cmp.Compare(b.Started, a.Started), cmp.Compare(a.ID, b.ID))
	})
	rapid.Check(t, func(r *rapid.T) {
		filter := storage.IncidentFilter{
			Open:  rapid.Bool().Draw(r, "open"),
			From:  origin + monitor.Instant(rapid.IntRange(0, 6).Draw(r, "from")),
			Limit: rapid.IntRange(1, 70).Draw(r, "limit"),
		}
		filter.Namespaces = rapid.SampledFrom([][]string{nil, {"bank"}, {"shop", "bank"}}).Draw(r, "namespaces")
		var want []string
		for i := range all {
			if all[i].Started >= filter.From && (!filter.Open || all[i].Ended == 0) &&
				(filter.Namespaces == nil || slices.Contains(filter.Namespaces, all[i].Namespace)) {
				want = append(want, all[i].ID)
			}
		}
		got := pages(t, store, filter)
		if !slices.Equal(got, want) {
			r.Fatalf("got %v, want %v", got, want)
		}
	})
}

// pages reads all that the filter lets through, page by page.
func pages(t *testing.T, store storage.Store, filter storage.IncidentFilter) []string {
	t.Helper()
	var ids []string
	for {
		page := must(store.Incidents(t.Context(), filter))(t)
		if len(page) == 0 || len(ids) > 1000 { // a list without end is told by what it holds
			return ids
		}
		ids = append(ids, idsOf(page)...)
		last := page[len(page)-1]
		filter.After = storage.IncidentCursor{Started: last.Started, ID: last.ID}
	}
}

func testIncidentLimit(t *testing.T, store storage.Store) {
	_, err := store.Incidents(t.Context(), storage.IncidentFilter{})
	wantCode(t, err, monitor.Invalid)
}
