package link_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/couchbase/gocbcore/v10/memd"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/link"
)

func TestSwap(t *testing.T) {
	t.Parallel()
	l, states := warm(t, couchbasetest.Prepared(t, couchbasetest.Options{}))

	first := insert(t, states, "s:1", []byte(`{"by":"first"}`))
	wantBody(t, states, "s:1", `{"by":"first"}`)
	_, err := states.Swap(t.Context(), link.Write{Key: "s:1", Body: body(l, 1)}, link.Majority)
	wantCode(t, err, monitor.Conflict, "read again")

	second, err := states.Swap(t.Context(), link.Write{Key: "s:1", Body: []byte(`{"by":"second"}`), CAS: first}, link.Active)
	if err != nil || second == first || second <= 0 {
		t.Fatalf("got the CAS %d and %v, want another than %d", second, err, first)
	}
	wantBody(t, states, "s:1", `{"by":"second"}`)
	_, err = states.Swap(t.Context(), link.Write{Key: "s:1", Body: body(l, 3), CAS: first}, link.Active)
	wantCode(t, err, monitor.Conflict, "read again")
	_, err = states.Swap(t.Context(), link.Write{Key: "s:2", Body: body(l, 3), CAS: first}, link.Active)
	wantCode(t, err, monitor.Conflict, "gone")
}

func TestSafety(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Prepared(t, couchbasetest.Options{})
	l, states := warm(t, node)
	for safety, level := range map[link.Safety]memd.DurabilityLevel{link.Majority: memd.DurabilityLevelMajority, link.Active: 0} {
		node.ResetCounts()
		cas, err := states.Swap(t.Context(), link.Write{Key: fmt.Sprint("s:", safety), Body: body(l, 1)}, safety)
		if err == nil {
			_, err = states.Swap(t.Context(), link.Write{Key: fmt.Sprint("s:", safety), Body: body(l, 2), CAS: cas}, safety)
		}
		if err == nil {
			err = states.SwapAll(t.Context(), []link.Write{{Key: fmt.Sprint("many:", safety), Body: body(l, 3)}}, safety)
		}
		if err != nil {
			t.Fatal(err)
		}
		asked := node.Counts().Sum(func(k couchbasetest.Kind) bool { return k.Collection != "" && k.Durability == level })
		if asked.Requests != 3 {
			t.Errorf("%d writes asked for the level %d, want 3", asked.Requests, level)
		}
	}
}

func TestMany(t *testing.T) {
	t.Parallel()
	l, states := warm(t, couchbasetest.Prepared(t, couchbasetest.Options{}))
	const many = 1200 // more than go at once
	var writes []link.Write
	var keys []string
	for i := range many {
		key := fmt.Sprint("s:", i)
		keys = append(keys, key, "missing:"+key)
		writes = append(writes, link.Write{Key: key, Body: body(l, i)})
	}
	if err := states.SwapAll(t.Context(), writes, link.Majority); err != nil {
		t.Fatalf("swap all: %v", err)
	}

	found, err := states.GetAll(t.Context(), keys)
	if err != nil || len(found) != len(keys) {
		t.Fatalf("got %d documents and %v, want %d", len(found), err, len(keys))
	}
	for i, write := range writes {
		if string(found[2*i].Body) != string(write.Body) || found[2*i].CAS == 0 {
			t.Fatalf("%s is %s, want %s", write.Key, found[2*i].Body, write.Body)
		}
		if there := found[2*i+1]; there.CAS != 0 || there.Body != nil {
			t.Fatalf("what is not there is %+v", there)
		}
	}

	if err := states.Remove(t.Context(), keys); err != nil {
		t.Fatalf("remove, with those that are not there: %v", err)
	}
	if found, err = states.GetAll(t.Context(), keys[:2]); err != nil || found[0].CAS != 0 {
		t.Fatalf("got %+v and %v, want nothing", found, err)
	}
	if found, err = states.GetAll(t.Context(), nil); err != nil || len(found) != 0 {
		t.Fatalf("of no keys got %v and %v", found, err)
	}
}

func TestSwapAllTellsOfAChange(t *testing.T) {
	t.Parallel()
	l, states := warm(t, couchbasetest.Prepared(t, couchbasetest.Options{}))
	insert(t, states, "s:1", body(l, 1))
	err := states.SwapAll(t.Context(), []link.Write{
		{Key: "s:0", Body: body(l, 0)}, {Key: "s:1", Body: body(l, 2)},
	}, link.Active)
	wantCode(t, err, monitor.Conflict)
}

func TestDocumentsExpire(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	tests := map[string]struct {
		expire  time.Duration // from now; 0: never
		there   time.Duration
		expired time.Duration // 0: never
	}{
		"in a minute":        {time.Minute, 59 * time.Second, 61 * time.Second},
		"in 29 days":         {29 * day, 29*day - time.Minute, 29*day + time.Minute},
		"in two years":       {730 * day, 730*day - time.Minute, 730*day + time.Minute},
		"what is over, soon": {-time.Hour, 0, 2 * time.Second},
		"never":              {0, 10000 * day, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := newClock(time.Now())
			node := couchbasetest.Prepared(t, couchbasetest.Options{Clock: clock.now})
			l := openWith(t, settingsOf(node), link.Options{Clock: clock.now})
			states := l.Collection(bucket, layout.States)
			write := link.Write{Key: "s:1", Body: body(l, 1)}
			if test.expire != 0 {
				write.Expire = clock.now().Add(test.expire)
			}
			if _, err := states.Swap(t.Context(), write, link.Majority); err != nil {
				t.Fatal(err)
			}
			start := clock.now()
			clock.set(start.Add(test.there))
			if found, err := states.Get(t.Context(), "s:1"); err != nil || found.CAS == 0 {
				t.Fatalf("after %s got %+v and %v, want the document", test.there, found, err)
			}
			if test.expired == 0 {
				return
			}
			clock.set(start.Add(test.expired))
			if found, err := states.Get(t.Context(), "s:1"); err != nil || found.CAS != 0 {
				t.Fatalf("after %s got %+v and %v, want nothing", test.expired, found, err)
			}
		})
	}
}
