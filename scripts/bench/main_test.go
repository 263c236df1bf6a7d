package main

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestMain lets the test binary be the processes that a run starts.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && slices.Contains([]string{partCommand, referenceCommand, wayCommand, clientCommand, nodeCommand}, os.Args[1]) {
		main()
		return
	}
	os.Exit(m.Run())
}

// TestBench holds a run with the real monitor to measuring what it is for. How
// fast anything is does not count here.
func TestBench(t *testing.T) {
	t.Chdir("../..")
	b := bench{short: true, broker: fakeBroker}
	report, err := b.all(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Loads) != 2 || len(report.Crowds) != 1 || len(report.Outages) != len(outages()) {
		t.Fatalf("got %d loads, %d crowds and %d outages, want 2, 1 and %d", len(report.Loads), len(report.Crowds), len(report.Outages), len(outages()))
	}
	for _, load := range report.Loads {
		if load.Ratio <= 0 || load.Memory <= 0 || load.Disk.Each <= 0 || load.Disk.Used > load.Disk.File || len(load.Before.CPU) == 0 || len(load.After.CPU) == 0 || load.Checks <= 0 || load.Monitor.P99 < load.Monitor.P50 {
			t.Errorf("got %+v, want every figure", load)
		}
	}
	for _, crowd := range report.Crowds {
		if len(crowd.Others.CPU) == 0 || crowd.Overruns <= 0 {
			t.Errorf("got %+v, want those that answer measured, and overruns of those that hang", crowd)
		}
	}
	if m := report.Machine; m.Cores == 0 || m.CPU == "" || m.Kernel == "" || report.Commit == "" || report.Method == "" {
		t.Errorf("got %+v at commit %q, want where and how it was measured", m, report.Commit)
	}
	for _, outage := range report.Outages {
		if outage.Missed > 0 || len(outage.Took) == 0 {
			t.Errorf("got %+v, want every outage told", outage)
		}
	}
	report.Kafka.hold(t)
	report.Couchbase.hold(t)
	var table bytes.Buffer
	report.print(&table)
	if lines := strings.Count(table.String(), "\n| "); lines < len(report.Loads)+len(report.Crowds)+len(report.Outages)+len(report.Kafka.Costs)+len(report.Kafka.Spreads) {
		t.Errorf("got the table\n%s, want a line for each row", &table)
	}
}

func TestArrivals(t *testing.T) {
	t.Parallel()
	a := newArrivals(time.Second)
	at := func(d time.Duration) time.Time { return time.Unix(1_700_000_000, 0).Add(d) }
	a.note(at(300*time.Millisecond), 300*time.Millisecond) // at its time
	before := a.read()
	a.note(at(310*time.Millisecond), 300*time.Millisecond)
	a.note(at(1030*time.Millisecond), 990*time.Millisecond) // over the border of an interval
	a.note(at(200*time.Millisecond), 100*time.Millisecond)
	got := a.read().since(before)
	type figures struct {
		Count, OnTime int
		P50, P99      time.Duration
	}
	want := figures{3, 2, 40*time.Millisecond + resolution, 100*time.Millisecond + resolution}
	if diff := cmp.Diff(want, figures{got.count(), got.within(late), got.percentile(.5), got.percentile(.99)}); diff != "" {
		t.Fatalf("arrivals (-want +got):\n%s", diff)
	}
}

func TestNumberIn(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		head string
		want int
		ok   bool
	}{
		"a number":           {"GET /e/120 HTTP/1.1\r\n", 120, true},
		"no number":          {"GET /e/ HTTP/1.1\r\n", 0, false},
		"another path":       {"GET / HTTP/1.1\r\n", 0, false},
		"a number too large": {"GET /e/1234567890 HTTP/1.1\r\n", 1234567890, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, ok := numberIn([]byte(test.head)); got != test.want || ok != test.ok {
				t.Fatalf("got %d %v, want %d %v", got, ok, test.want, test.ok)
			}
		})
	}
}
