package query_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/functions/query"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// TestNewestResult: the last result of an endpoint is shown like any result,
// whatever it says and whatever came before it.
func TestNewestResult(t *testing.T) {
	t.Parallel()
	at := func(outcome monitor.Outcome, change func(*monitor.Result)) monitor.Result {
		r := result("ns/a", 0, outcome)
		change(&r)
		return r
	}
	all := []monitor.Result{
		at(monitor.Passed, func(*monitor.Result) {}),
		at(monitor.Failed, func(*monitor.Result) {}),
		at(monitor.Passed, func(r *monitor.Result) { r.Certificate, r.DNS, r.Connect, r.TLS = noon, 1, 2, 3 }),
		at(monitor.Passed, func(r *monitor.Result) { r.Kind = monitor.Manual }),
		at(monitor.OutcomeDegraded, func(*monitor.Result) {}),
		at(monitor.Passed, func(r *monitor.Result) { r.Reason = "only the first 1 MiB of the body was read" }),
		at(monitor.OutcomeUnknown, func(r *monitor.Result) { r.Start, r.Fault, r.Reason = 0, monitor.FaultSkipped, "not made" }),
		at(monitor.Passed, func(r *monitor.Result) { r.Spared = 3 }),
	}
	for count := 1; count <= len(all)+1; count++ {
		k := newKit(t, nil)
		define(t, k, endpoint("ns", "a"))
		for i := range count {
			r := all[i%len(all)]
			r.Due += monitor.Instant(i - count)
			arrive(t, k, r)
		}
		k.run(t)
		want := read[query.ResultList](t, k, "/api/v1/endpoints/ns/a/results").Items[0]
		want.Extract = ""
		list := read[query.EndpointList](t, k, "/api/v1/endpoints?limit=1").Items[0].Last
		for _, got := range []*query.ResultView{list, read[query.EndpointDetail](t, k, "/api/v1/endpoints/ns/a").Last} {
			if got == nil {
				t.Fatalf("%d: got no last result", count)
			}
			if diff := cmp.Diff(want, *got); diff != "" {
				t.Errorf("the last one of %d (-want +got):\n%s", count, diff)
			}
		}
	}
}
