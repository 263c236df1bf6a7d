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

const resultsPath = "/api/v1/endpoints/ns/a/results"

// dues returns how many seconds before noon the results were due.
func dues(list query.ResultList) []int {
	all := []int{}
	for _, r := range list.Items {
		all = append(all, int(noon.Sub(monitor.Instant(r.Due)).Seconds()))
	}
	return all
}

func down(from, to int) []int {
	all := []int{}
	for i := from; i <= to; i++ {
		all = append(all, i)
	}
	return all
}

func TestListResults(t *testing.T) {
	t.Parallel()
	k := newKit(t, nil)
	define(t, k, endpoint("ns", "a"), endpoint("ns", "b"))
	whole := run("ns/a", "ppppppffffffdddpppup")
	// The first 12 are folded; the tail holds the last 10, two of which are folded too.
	fold(t, k, 0, whole[:12]...)
	arrive(t, k, whole[10:15]...)
	arrive(t, k, run("ns/b", "fff")...)
	arrive(t, k, whole[15:]...)
	k.run(t)

	t.Run("windows and tail are joined, newest first, each check once", func(t *testing.T) {
		t.Parallel()
		if diff := cmp.Diff(down(1, 20), dues(read[query.ResultList](t, k, resultsPath))); diff != "" {
			t.Errorf("seconds before noon (-want +got):\n%s", diff)
		}
	})
	t.Run("an outcome selects", func(t *testing.T) {
		t.Parallel()
		if diff := cmp.Diff(down(9, 14), dues(read[query.ResultList](t, k, resultsPath+"?outcome=failed"))); diff != "" {
			t.Errorf("seconds before noon (-want +got):\n%s", diff)
		}
	})
	t.Run("extracts come from windows and tail, and are in no list of endpoints", func(t *testing.T) {
		t.Parallel()
		list := read[query.ResultList](t, k, resultsPath+"?outcome=degraded")
		for _, r := range list.Items {
			if r.Extract != result("ns/a", 0, monitor.OutcomeDegraded).Extract {
				t.Errorf("got extract %q, want that of the result", r.Extract)
			}
		}
		if len(list.Items) != 3 {
			t.Errorf("got %d results, want 3", len(list.Items))
		}
		slow := newKit(t, nil)
		define(t, slow, endpoint("ns", "a"))
		fold(t, slow, 0, run("ns/a", "ppd")...)
		slow.run(t)
		eventually(t, "the last result", func() bool {
			last := read[query.EndpointList](t, slow, "/api/v1/endpoints").Items[0].Last
			return last != nil && last.Outcome == monitor.OutcomeDegraded
		})
		for _, path := range []string{"/api/v1/endpoints", "/api/v1/endpoints/ns/a"} {
			if answer := slow.get(path).Body.String(); strings.Contains(answer, "extract") {
				t.Errorf("got %s, want no extract", answer)
			}
		}
		if list := read[query.ResultList](t, slow, resultsPath); list.Items[0].Extract == "" {
			t.Error("got no extract from the windows")
		}
	})
	t.Run("a range is half open, in either notation", func(t *testing.T) {
		t.Parallel()
		from, to := noon-12_000, noon-7000
		for _, q := range []string{
			fmt.Sprintf("from=%d&to=%d", from, to),
			fmt.Sprintf("from=%s&to=%s", from.Time().Format(time.RFC3339), url.QueryEscape(to.Time().In(time.FixedZone("", 3600)).Format(time.RFC3339))),
		} {
			if diff := cmp.Diff(down(8, 12), dues(read[query.ResultList](t, k, resultsPath+"?"+q))); diff != "" {
				t.Errorf("%s: seconds before noon (-want +got):\n%s", q, diff)
			}
		}
	})
	t.Run("another location has none", func(t *testing.T) {
		t.Parallel()
		if got := dues(read[query.ResultList](t, k, resultsPath+"?location=elsewhere")); len(got) != 0 {
			t.Errorf("got %v, want none", got)
		}
	})
	t.Run("pages have no gap and no repetition, whatever their limit", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(r *rapid.T) {
			limit := rapid.IntRange(1, 25).Draw(r, "limit")
			var paged []int
			for cursor := ""; ; {
				page := read[query.ResultList](t, k, fmt.Sprintf("%s?limit=%d&cursor=%s", resultsPath, limit, cursor))
				paged = append(paged, dues(page)...)
				if cursor = page.Next; cursor == "" {
					break
				}
			}
			if diff := cmp.Diff(down(1, 20), paged); diff != "" {
				r.Fatalf("seconds before noon (-want +got):\n%s", diff)
			}
		})
	})
}

// TestListResultsFar: results that lie weeks apart are found piece by piece.
func TestListResultsFar(t *testing.T) {
	t.Parallel()
	k := newKit(t, nil)
	define(t, k, endpoint("ns", "a"))
	fold(t, k, 0, result("ns/a", 30*24*time.Hour, monitor.Failed))
	fold(t, k, 0, result("ns/a", 10*24*time.Hour, monitor.Passed))
	k.run(t)
	path := fmt.Sprintf("%s?from=%d&limit=1", resultsPath, noon.Add(-31*24*time.Hour)+1)
	first := read[query.ResultList](t, k, path)
	second := read[query.ResultList](t, k, path+"&cursor="+first.Next)
	if got := append(dues(first), dues(second)...); !cmp.Equal(got, []int{10 * 86400, 30 * 86400}) || second.Next != "" {
		t.Errorf("got %v and next %q, want both results and the end", got, second.Next)
	}
}

func TestListResultsLocations(t *testing.T) {
	t.Parallel()
	k := newKit(t, func(p *query.Parts) { p.Locations = []string{"west", "east"} })
	define(t, k, endpoint("ns", "a"))
	for _, location := range []string{"west", "east"} {
		rows := run("ns/a", "pp")
		for i := range rows {
			rows[i].Location = location
		}
		arrive(t, k, rows...)
	}
	k.run(t)
	var got []string
	for cursor := ""; ; {
		page := read[query.ResultList](t, k, resultsPath+"?limit=1&cursor="+cursor)
		got = append(got, fmt.Sprintf("%v %s", dues(page), page.Items[0].Location))
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if diff := cmp.Diff([]string{"[1] east", "[1] west", "[2] east", "[2] west"}, got); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	if got := read[query.EndpointDetail](t, k, "/api/v1/endpoints/ns/a").Recent; got != "pppp" {
		t.Errorf("got cells %q, want one for each location and check", got)
	}
}

func TestListResultsInvalid(t *testing.T) {
	t.Parallel()
	k := newKit(t, nil)
	define(t, k, endpoint("ns", "a"))
	k.run(t)
	month := noon.Add(-31 * 24 * time.Hour)
	for name, test := range map[string]struct{ query, field string }{
		"a time in words":             {"from=yesterday", "from"},
		"an end before the start":     {fmt.Sprintf("from=%d&to=%d", noon, noon-1), "from"},
		"an empty range":              {fmt.Sprintf("from=%d&to=%d", noon, noon), "from"},
		"more than 31 days":           {fmt.Sprintf("from=%d&to=%d", month-1, noon), "from"},
		"a time beyond all times":     {"to=9223372036854775807", "from"},
		"an outcome that there isn't": {"outcome=good", "outcome"},
		"a cursor of another list":    {"cursor=bnMvYQ", "cursor"},
		"too many at once":            {"limit=1001", "limit"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := k.get(resultsPath + "?" + test.query)
			problem := decode[query.Problem](t, answer)
			if answer.Code != http.StatusBadRequest || problem.Field != test.field {
				t.Errorf("got status %d, %+v, want 400 and field %s", answer.Code, problem, test.field)
			}
		})
	}
}
