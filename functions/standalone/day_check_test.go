package standalone_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/sketch"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
	"github.com/api-endpoint-monitor/monitor/shared/storage/drivers"
)

// assertResults holds every single check of the day to the script.
func (d *day) assertResults(t *testing.T, store drivers.Store) {
	t.Helper()
	for i := range d.endpoints {
		key := d.endpoints[i].Key()
		rows, err := store.Results(t.Context(), key, dayLocation, d.begin, d.end)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]seen, len(rows))
		for i := range rows {
			r := &rows[i]
			got[i] = seen{r.Due, r.Start, r.Outcome, r.Fault, r.Status, r.Micros, r.Spared}
		}
		if want := d.checks(key); !slices.Equal(got, want) {
			t.Fatalf("%s: got %d results, want %d; they part at %s", key, len(got), len(want), firstOther(got, want))
		}
	}
}

func firstOther(got, want []seen) string {
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			return fmt.Sprintf("number %d: got %+v, want %+v", i, got[i], want[i])
		}
	}
	return "the end of the shorter"
}

// assertRollups holds every cell of the tier to the sums over the script: the
// counts exactly, and the quantiles within what a sketch promises.
func (d *day) assertRollups(t *testing.T, store drivers.Store, tier monitor.Tier) {
	t.Helper()
	for i := range d.endpoints {
		key := d.endpoints[i].Key()
		cells, err := store.Cells(t.Context(), storage.Series{Tier: tier, Endpoint: key, Location: dayLocation}, d.begin.Floor(tier.Cell()), d.end)
		if err != nil {
			t.Fatal(err)
		}
		want := sums(d.checks(key), tier.Cell())
		if len(cells) != len(want) {
			t.Fatalf("%s: got %d cells of a %s, want %d", key, len(cells), tier, len(want))
		}
		for i := range cells {
			if fault := otherCell(&cells[i], &want[i]); fault != "" {
				t.Fatalf("%s, the %s at %s: %s", key, tier, want[i].start.Time(), fault)
			}
		}
	}
}

func otherCell(c *monitor.Cell, want *figures) string {
	got := figures{c.Start, c.Passed, c.Degraded, c.Failed, c.Unknown, c.Late, c.Spared, c.Micros, c.Min, c.Max, want.latencies}
	if diff := gocmp.Diff(*want, got, gocmp.AllowUnexported(figures{})); diff != "" {
		return "figures (-want +got):\n" + diff
	}
	if uptime, known := c.Uptime(); known && uptime != want.uptime() {
		return fmt.Sprintf("got uptime %v, want %v", uptime, want.uptime())
	}
	if len(want.latencies) == 0 {
		return ""
	}
	s := sketch.New()
	if err := s.MergeBytes(c.Sketch); err != nil {
		return err.Error()
	}
	for _, percent := range []int{50, 95, 99} {
		got, exact := s.Quantile(float64(percent)/100), want.quantile(percent)
		if off := max(got-exact, exact-got); float64(off) > sketch.Accuracy*float64(exact) {
			return fmt.Sprintf("got p%d of %d µs, want %d µs within %v", percent, got, exact, sketch.Accuracy)
		}
	}
	return ""
}

// expected returns the incidents that the script leads to, in the order of the list.
func (d *day) expected() []told {
	var all []told
	for i := range d.endpoints {
		key := d.endpoints[i].Key()
		all = append(all, outages(key, d.checks(key))...)
	}
	slices.SortFunc(all, func(a, b told) int {
		return cmp.Or(cmp.Compare(a.Endpoint, b.Endpoint), cmp.Compare(a.Started, b.Started))
	})
	return all
}

// assertIncidents holds the incidents to the script, and what was told to one
// opening and one resolution each.
func (d *day) assertIncidents(t *testing.T, store drivers.Store) {
	t.Helper()
	incidents, err := store.Incidents(t.Context(), storage.IncidentFilter{Limit: 100_000})
	if err != nil {
		t.Fatal(err)
	}
	var got []told
	accepted := d.accepted()
	for i := range incidents {
		in := &incidents[i]
		got = append(got, told{in.Endpoint, in.Started, in.Ended, in.Fault})
		assertNotices(t, store, in, accepted[in.ID])
	}
	slices.SortFunc(got, func(a, b told) int {
		return cmp.Or(cmp.Compare(a.Endpoint, b.Endpoint), cmp.Compare(a.Started, b.Started))
	})
	want := d.expected()
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("incidents (-want +got):\n%s", diff)
	}
	if len(want) < len(d.endpoints)/4 {
		t.Errorf("the script leads to %d incidents: too few to show anything", len(want))
	}
	if len(accepted) != len(want) {
		t.Errorf("told of %d incidents, want %d", len(accepted), len(want))
	}
}

// assertNotices holds what was accepted of an incident to one opening and, where
// it has ended, one resolution, each with its receipt.
func assertNotices(t *testing.T, store drivers.Store, in *monitor.Incident, got []monitor.Change) {
	t.Helper()
	want := []monitor.Change{monitor.Opened}
	if in.Ended != 0 {
		want = append(want, monitor.Resolved)
	}
	if !slices.Equal(got, want) {
		t.Errorf("incident %s of %s: told %v, want %v", in.ID, in.Endpoint, got, want)
	}
	notices, err := store.NoticesOf(t.Context(), in.ID)
	if err != nil {
		t.Fatal(err)
	}
	receipts := 0
	for i := range notices {
		if notices[i].Accepted != 0 && notices[i].Receipt == "taken" {
			receipts++
		}
	}
	if len(notices) != len(want) || receipts != len(want) {
		t.Errorf("incident %s: got %d notices with %d receipts, want %d", in.ID, len(notices), receipts, len(want))
	}
}

// assertClaims holds every slot of the day to one record: handed out, or
// skipped with the reason and the number of checks that were lost.
func (d *day) assertClaims(t *testing.T, store drivers.Store) {
	t.Helper()
	claims, err := store.Claims(t.Context(), d.begin, d.end)
	if err != nil {
		t.Fatal(err)
	}
	if want := int(d.end.Sub(d.begin) / daySlot); len(claims) != want {
		t.Fatalf("got %d claims, want one for each of %d slots", len(claims), want)
	}
	for i, claim := range claims {
		slot, skipped := d.begin.Add(time.Duration(i)*daySlot), ""
		if slot > slotOf(d.off.from).Add(daySlot) && slot < slotOf(d.off.to) {
			skipped = "no scheduler was running"
		}
		if claim.Slot != slot || !claim.Sent || claim.Skipped != skipped || claim.Checks != d.due(slot) {
			t.Fatalf("got claim %+v, want one of slot %d with %d checks, sent, skipped for %q", claim, slot, d.due(slot), skipped)
		}
	}
}

// assertTail holds what is not folded to the last five minutes, and what is not
// dropped to two more. Nothing became a dead letter.
func (d *day) assertTail(t *testing.T, store drivers.Store, data string) {
	t.Helper()
	now := monitor.At(time.Now())
	for shard := range dayShards {
		folded, err := store.Folded(t.Context(), shard)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := store.TailRows(t.Context(), shard, 0, 10_000)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			age := now.Sub(row.Arrived)
			if row.Seq > folded && age > 5*time.Minute || age > 7*time.Minute {
				t.Errorf("shard %d: a row of the tail is %s old; folded: %t", shard, age, row.Seq <= folded)
			}
		}
	}
	if _, err := os.Stat(filepath.Join(data, "dead-letters.jsonl")); !os.IsNotExist(err) {
		t.Errorf("there are dead letters: %v", err)
	}
}

// assertAnswers holds what the API says in the end to the script.
func (d *day) assertAnswers(t *testing.T, client *http.Client) {
	t.Helper()
	var list struct{ Counts map[string]int }
	ask(t, client, "/api/v1/endpoints?limit=1", &list)
	open := 0
	for _, in := range d.expected() {
		if in.Ended == 0 {
			open++
		}
	}
	if list.Counts["down"] != open || list.Counts["up"] != len(d.endpoints)-open {
		t.Errorf("got counts %v, want %d down and all others up", list.Counts, open)
	}
	for i := range d.endpoints[:40] {
		key := d.endpoints[i].Key()
		var series struct {
			Summary struct {
				Passed, Degraded, Failed, Unknown, Late int
				Uptime                                  float64
			}
		}
		ask(t, client, fmt.Sprintf("/api/v1/endpoints/%s/series?from=%d&to=%d", key, d.begin, d.end), &series)
		got, want := series.Summary, sums(d.checks(key), 365*24*time.Hour)[0]
		if got.Passed != want.passed || got.Degraded != want.degraded || got.Failed != want.failed ||
			got.Unknown != want.lost || got.Late != want.late || got.Uptime != want.uptime() {
			t.Errorf("%s: got %+v, want %+v", key, got, want)
		}
	}
}

func ask(t *testing.T, client *http.Client, path string, into any) {
	t.Helper()
	response, err := client.Get("http://" + dayAddr + path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if err := json.NewDecoder(response.Body).Decode(into); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: got status %d and error %v", path, response.StatusCode, err)
	}
}
