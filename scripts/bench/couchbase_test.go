package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/scripts/couchbase/node"
)

// hold fails the test where a short run on a node has left something out.
func (r CouchbaseReport) hold(t *testing.T) {
	t.Helper()
	if len(r.Stored) != 1 || len(r.Charts) != 2 || len(r.Loads) != 2 {
		t.Fatalf("got %+v, want what a result costs, two charts and two loads", r)
	}
	if s := r.Stored[0]; mean(s.Ours) <= 0 || mean(s.Bulk) <= 0 || mean(s.Each) <= 0 || s.Ratio <= 0 {
		t.Errorf("got %+v, want every figure", s)
	}
	if s := r.Sparse; mean(s.Often) <= 0 || mean(s.Seldom) <= 0 || s.Ratio <= 0 {
		t.Errorf("got %+v, want every figure", s)
	}
	for _, c := range r.Charts {
		if median(c.Ours) <= 0 || median(c.Took) <= 0 || median(c.Bulk) <= 0 || median(c.BulkTook) <= 0 || c.Ratio <= 0 {
			t.Errorf("got %+v, want every figure", c)
		}
	}
	if onNode := r.Loads[1]; onNode.Checks <= 0 || len(onNode.Monitor.CPU) == 0 || onNode.Disk.File != 0 {
		t.Errorf("got %+v, want checks, and no database", onNode)
	}
	appended := 0
	for _, c := range r.Asked.Counts {
		if c.Collection == "tail" && c.Durable {
			appended += c.Requests
		}
	}
	if appended == 0 || r.Asked.Span <= 0 || r.Asked.CPU <= 0 {
		t.Errorf("got %+v, want appends to the tail", r.Asked)
	}
}

func TestAskedSince(t *testing.T) {
	t.Parallel()
	at := time.Unix(1_700_000_000, 0)
	before := asked{at: at, cpu: time.Second, counts: []node.Count{
		{Operation: "GET", Collection: "tail", Requests: 3, In: 30, Out: 300},
		{Operation: "ADD", Collection: "tail", Durable: true, Requests: 1, In: 10, Out: 1},
	}}
	after := asked{at: at.Add(time.Minute), cpu: 3 * time.Second, counts: []node.Count{
		{Operation: "GET", Collection: "tail", Requests: 5, In: 50, Out: 400},
		{Operation: "ADD", Collection: "tail", Durable: true, Requests: 1, In: 10, Out: 1},
		{Operation: "ADD", Collection: "tail", Requests: 2, In: 20, Out: 2},
	}}
	want := Asked{Span: time.Minute, CPU: 2 * time.Second, Counts: []node.Count{
		{Operation: "GET", Collection: "tail", Requests: 2, In: 20, Out: 100},
		{Operation: "ADD", Collection: "tail", Requests: 2, In: 20, Out: 2},
	}}
	if diff := cmp.Diff(want, after.since(before)); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}
