package query_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/api-endpoint-monitor/monitor/functions/query"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func keys(list query.EndpointList) []string {
	all := []string{}
	for _, e := range list.Items {
		all = append(all, e.Key)
	}
	return all
}

func TestListEndpoints(t *testing.T) {
	t.Parallel()
	k := shop(t)
	tests := map[string]struct {
		query  string
		want   []string
		counts query.Counts
	}{
		"all, by namespace and ID":      {"", []string{"edge/gateway", "edge/new", "shop/cart", "shop/checkout", "shop/search"}, query.Counts{Up: 1, Degraded: 1, Down: 1, Unknown: 2}},
		"a namespace":                   {"namespace=edge", []string{"edge/gateway", "edge/new"}, query.Counts{Unknown: 2}},
		"a health leaves the counts":    {"health=down", []string{"shop/checkout"}, query.Counts{Up: 1, Degraded: 1, Down: 1, Unknown: 2}},
		"a health in a namespace":       {"health=up&namespace=shop", []string{"shop/cart"}, query.Counts{Up: 1, Degraded: 1, Down: 1}},
		"text in the key":               {"q=EDGE/", []string{"edge/gateway", "edge/new"}, query.Counts{Unknown: 2}},
		"text in the name":              {"q=the+s", []string{"shop/search"}, query.Counts{Degraded: 1}},
		"text in the URL":               {"q=https://shop.example/c", []string{"shop/cart", "shop/checkout"}, query.Counts{Up: 1, Down: 1}},
		"a tag":                         {"tag=team:payments", []string{"shop/checkout"}, query.Counts{Down: 1}},
		"two tags":                      {"tag=team:payments&tag=tier:1", []string{"shop/checkout"}, query.Counts{Down: 1}},
		"two tags, one of which is not": {"tag=team:payments&tag=tier:2", []string{}, query.Counts{}},
		"nothing that matches":          {"q=nothing", []string{}, query.Counts{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := read[query.EndpointList](t, k, "/api/v1/endpoints?"+test.query)
			if diff := cmp.Diff(test.want, keys(got)); diff != "" {
				t.Errorf("endpoints (-want +got):\n%s", diff)
			}
			if got.Counts != test.counts {
				t.Errorf("counts: got %+v, want %+v", got.Counts, test.counts)
			}
		})
	}
}

func TestListEndpointsInvalid(t *testing.T) {
	t.Parallel()
	k := newKit(t, nil)
	for name, test := range map[string]struct{ query, field string }{
		"an unknown health":    {"health=fine", "health"},
		"no limit":             {"limit=0", "limit"},
		"too large a limit":    {"limit=20001", "limit"},
		"a limit in words":     {"limit=many", "limit"},
		"a tag without value":  {"tag=team", "tag"},
		"a cursor of our own":  {"cursor=x", "cursor"},
		"a cursor of results":  {"cursor=MQpsb2NhbA", "cursor"},
		"text that is endless": {"q=" + strings.Repeat("x", 201), "q"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := k.get("/api/v1/endpoints?" + test.query)
			problem := decode[query.Problem](t, answer)
			if answer.Code != http.StatusBadRequest || problem.Code != monitor.Invalid || problem.Field != test.field {
				t.Errorf("got status %d, %+v, want 400, invalid and field %s", answer.Code, problem, test.field)
			}
		})
	}
}

// TestListEndpointsPages: whatever the limit, the pages together are the whole
// list, without gap or repetition.
func TestListEndpointsPages(t *testing.T) {
	t.Parallel()
	k := newKit(t, nil)
	var all []monitor.Endpoint
	for i := range 50 {
		// "a" sorts before "a-b" as a namespace, but "a/" after "a-b/" as a key.
		all = append(all, endpoint([]string{"a", "a-b", "b"}[i%3], fmt.Sprintf("e%d", i*7%50)))
	}
	define(t, k, all...)
	k.run(t)
	whole := keys(read[query.EndpointList](t, k, "/api/v1/endpoints?limit=1000"))
	rapid.Check(t, func(r *rapid.T) {
		limit := rapid.IntRange(1, 60).Draw(r, "limit")
		var paged []string
		for cursor := ""; ; {
			page := read[query.EndpointList](t, k, fmt.Sprintf("/api/v1/endpoints?limit=%d&cursor=%s", limit, url.QueryEscape(cursor)))
			paged = append(paged, keys(page)...)
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		if diff := cmp.Diff(whole, paged); diff != "" {
			r.Fatalf("pages of %d (-want +got):\n%s", limit, diff)
		}
	})
}

// TestListedAsEncoded: the list is written by hand; it must be what
// encoding/json writes.
func TestListedAsEncoded(t *testing.T) {
	t.Parallel()
	texts := rapid.OneOf(rapid.Just(""), rapid.String(), rapid.SampledFrom([]string{`"<&>\`, "\u2028", "\xff", "é", "\n"}))
	rapid.Check(t, func(r *rapid.T) {
		e := endpoint("ns", "a")
		e.Name = texts.Draw(r, "name")
		e.HTTP.URL = texts.Draw(r, "url")
		e.Tags = rapid.MapOf(texts, texts).Draw(r, "tags")
		seen := monitor.Result{
			Endpoint: "ns/a", Location: "local", Kind: monitor.Scheduled, Outcome: monitor.Failed,
			Due:    noon - monitor.Instant(rapid.Int64Range(0, 1e9).Draw(r, "due")),
			Start:  monitor.Instant(rapid.Int64Range(0, 2e12).Draw(r, "start")),
			Micros: rapid.Int64Range(0, 1e9).Draw(r, "us"), Status: rapid.IntRange(0, 599).Draw(r, "status"),
			Bytes: rapid.Int64Range(0, 9).Draw(r, "bytes"), Fault: monitor.Fault(texts.Draw(r, "fault")),
			Spared: rapid.IntRange(0, 3).Draw(r, "spared"),
			Phases: monitor.Phases{DNS: 1, Connect: rapid.Int64Range(0, 9).Draw(r, "connect"), TLS: 2, FirstByte: 3},
			Reason: texts.Draw(r, "reason"), Certificate: monitor.Instant(rapid.Int64Range(0, 2e12).Draw(r, "certificate")),
		}
		if rapid.Bool().Draw(r, "unmet") {
			seen.Unmet = []monitor.Unmet{{Expectation: texts.Draw(r, "expectation"), Want: "<1", Got: texts.Draw(r, "got")}}
		}
		down := time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(r, "down"))
		byHand, byJSON := query.SummaryBothWays(e, down, &seen, texts.Draw(r, "why"), texts.Draw(r, "incident"))
		if diff := cmp.Diff(string(byJSON), string(byHand)); diff != "" {
			r.Fatalf("summary (-encoding/json +by hand):\n%s", diff)
		}
	})
}

func TestPace(t *testing.T) {
	t.Parallel()
	fixed, rare := endpoint("ns", "fixed"), endpoint("ns", "rare")
	fixed.Adaptive.FixedCadence, rare.Interval = true, monitor.Duration(time.Minute)
	k := newKit(t, nil)
	define(t, k, endpoint("ns", "long"), endpoint("ns", "short"), endpoint("ns", "up"), fixed, rare)
	for id, since := range map[string]time.Duration{"long": 31 * time.Minute, "short": 11 * time.Minute, "fixed": time.Hour, "rare": time.Hour} {
		believe(t, k, monitor.State{Endpoint: "ns/" + id, Health: monitor.Down, Since: noon.Add(-since)})
	}
	arrive(t, k, run("ns/up", "pppp")...)
	k.run(t)
	want := map[string]string{"long": "1s 4s", "short": "1s 2s", "up": "1s 0s", "fixed": "1s 0s", "rare": "1m 0s"}
	listed := map[string]string{}
	for _, e := range read[query.EndpointList](t, k, "/api/v1/endpoints").Items {
		listed[e.ID] = e.Interval.String() + " " + e.Pace.String()
		if one := read[query.EndpointDetail](t, k, "/api/v1/endpoints/ns/"+e.ID); one.Pace != e.Pace {
			t.Errorf("%s: got %s alone and %s in the list", e.ID, one.Pace, e.Pace)
		}
	}
	if diff := cmp.Diff(want, listed); diff != "" {
		t.Errorf("intervals, as defined and now (-want +got):\n%s", diff)
	}
}

// TestPaceFills has an endpoint with few checks in the time of its newest sixty.
func TestPaceFills(t *testing.T) {
	t.Parallel()
	k := newKit(t, nil)
	define(t, k, endpoint("ns", "a"))
	believe(t, k, monitor.State{Endpoint: "ns/a", Health: monitor.Down, Since: noon.Add(-time.Hour)})
	var rows []monitor.Result
	for n := range 60 {
		rows = append(rows, result("ns/a", time.Duration(4*(60-n))*time.Second, monitor.Failed))
	}
	fold(t, k, 0, rows...)
	k.run(t)
	eventually(t, "all sixty cells", func() bool {
		return len(read[query.EndpointDetail](t, k, "/api/v1/endpoints/ns/a").Recent) == 60
	})
}

func TestHealth(t *testing.T) {
	t.Parallel()
	healthOf := func(t *testing.T, k *kit) (monitor.Health, string) {
		t.Helper()
		e := read[query.EndpointDetail](t, k, "/api/v1/endpoints/ns/a")
		return e.Health, e.Reason
	}
	tests := map[string]struct {
		letters string
		state   *monitor.State
		want    monitor.Health
		reason  string
	}{
		"no result, no state":             {"", nil, monitor.Unknown, "not checked yet"},
		"a pass, no state":                {"p", nil, monitor.Up, ""},
		"a first failure, no state":       {"f", nil, monitor.Up, ""},
		"unknown results only, no state":  {"uu", nil, monitor.Unknown, "its time was over before it could start"},
		"an old pass, then unknown ones":  {"puu", nil, monitor.Up, ""},
		"a state, whatever the results":   {"p", &monitor.State{Endpoint: "ns/a", Health: monitor.Degraded, Reason: "slow"}, monitor.Degraded, "slow"},
		"a state of a recovered endpoint": {"p", &monitor.State{Endpoint: "ns/a", Health: monitor.Up, Reason: "2 checks in a row passed"}, monitor.Up, "2 checks in a row passed"},
		"a state, no result":              {"", &monitor.State{Endpoint: "ns/a", Health: monitor.Unknown, Reason: "silence"}, monitor.Unknown, "silence"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t, nil)
			define(t, k, endpoint("ns", "a"))
			if test.letters != "" {
				arrive(t, k, run("ns/a", test.letters)...)
			}
			if test.state != nil {
				believe(t, k, *test.state)
			}
			k.run(t)
			if health, reason := healthOf(t, k); health != test.want || reason != test.reason {
				t.Errorf("got %s (%q), want %s (%q)", health, reason, test.want, test.reason)
			}
		})
	}
}

func TestRecent(t *testing.T) {
	t.Parallel()
	recentOf := func(t *testing.T, k *kit) string {
		t.Helper()
		return read[query.EndpointDetail](t, k, "/api/v1/endpoints/ns/a").Recent
	}
	t.Run("the newest 60 checks are kept, oldest first", func(t *testing.T) {
		t.Parallel()
		k := newKit(t, nil)
		define(t, k, endpoint("ns", "a"))
		arrive(t, k, run("ns/a", strings.Repeat("f", 30)+strings.Repeat("pd", 29)+"u")...)
		k.run(t)
		if got, want := recentOf(t, k), "f"+strings.Repeat("pd", 29)+"u"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	t.Run("what comes twice, or late, or from another place, finds its place", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(r *rapid.T) {
			letters := rapid.StringOfN(rapid.RuneFrom([]rune("pdfu")), 1, 90, -1).Draw(r, "letters")
			rows := run("ns/a", letters)
			repeats := rapid.SliceOfN(rapid.IntRange(0, len(rows)-1), 0, 20).Draw(r, "repeats")
			shuffled := rapid.Permutation(rows).Draw(r, "order")
			for _, i := range repeats {
				shuffled = append(shuffled, rows[i])
			}
			got := query.RecentOf(shuffled)
			if want := letters[max(0, len(letters)-60):]; got != want {
				r.Fatalf("got %q, want %q", got, want)
			}
		})
	})
	t.Run("checks that were not scheduled are the last one at most, and have no cell", func(t *testing.T) {
		t.Parallel()
		k := newKit(t, nil)
		define(t, k, endpoint("ns", "a"))
		rows := run("ns/a", "ppfffp")
		rows[0].Kind, rows[3].Kind, rows[4].Kind, rows[5].Kind = monitor.Manual, monitor.Confirm, monitor.Confirm, monitor.Connection
		arrive(t, k, rows...)
		k.run(t)
		if got := recentOf(t, k); got != "pf" {
			t.Errorf("got %q, want pf", got)
		}
		if got := read[query.EndpointDetail](t, k, "/api/v1/endpoints/ns/a").Last; got == nil || got.Kind != monitor.Connection {
			t.Errorf("got %+v, want the last one that was made", got)
		}
	})
	t.Run("a result that comes before its endpoint waits for it", func(t *testing.T) {
		t.Parallel()
		k := newKit(t, nil)
		define(t, k, endpoint("ns", "b"))
		k.run(t)
		emit := k.receiver(t)
		emit(resultsEvent(result("ns/a", time.Second, monitor.Passed)))
		define(t, k, endpoint("ns", "a"))
		eventually(t, "the endpoint with its result", func() bool {
			return strings.Contains(k.get("/api/v1/endpoints/ns/a").Body.String(), `"recent":"p"`)
		})
	})
	t.Run("a changed endpoint keeps what is known of it, a deleted one goes", func(t *testing.T) {
		t.Parallel()
		k := newKit(t, nil)
		a := endpoint("ns", "a")
		define(t, k, a, endpoint("ns", "b"))
		arrive(t, k, run("ns/a", "pf")...)
		k.run(t)
		a.Name = "Another name"
		_, err := k.store.ChangeCatalog(t.Context(), 1, monitor.CatalogChange{PutEndpoints: []monitor.Endpoint{a}, DeleteEndpoints: []string{"ns/b"}})
		must(t, err)
		eventually(t, "the deleted endpoint gone", func() bool {
			return k.get("/api/v1/endpoints/ns/b").Code == http.StatusNotFound
		})
		got := read[query.EndpointList](t, k, "/api/v1/endpoints")
		if len(got.Items) != 1 || got.Items[0].Name != "Another name" || got.Items[0].Recent != "pf" || got.Counts != (query.Counts{Up: 1}) {
			t.Errorf("got %+v, want ns/a with its new name and its cells", got)
		}
	})
}
