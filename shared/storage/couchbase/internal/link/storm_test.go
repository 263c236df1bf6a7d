package link_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/couchbase/gocbcore/v10/memd"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/link"
)

type tally struct {
	By    string `json:"by"`
	Count int    `json:"count"`
}

// addOne counts one up in the document.
func addOne(t testing.TB, l *link.Link, in *link.Collection, key string) error {
	t.Helper()
	_, err := in.Update(t.Context(), key, link.Majority, func(found link.Document) (link.Write, bool, error) {
		var now tally
		if found.CAS != 0 {
			if err := json.Unmarshal(found.Body, &now); err != nil {
				return link.Write{}, false, err
			}
		}
		next, err := json.Marshal(tally{By: l.Stamp(), Count: now.Count + 1})
		return link.Write{Body: next}, true, err
	})
	return err
}

func TestStormOfWriters(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Prepared(t, couchbasetest.Options{})
	const writers, each, processes = 64, 5, 4
	done := make(chan error, writers)
	for range processes {
		l, states := warm(t, node)
		for range writers / processes {
			go func() {
				for range each {
					if err := addOne(t, l, states, "s:1"); err != nil {
						done <- err
						return
					}
				}
				done <- nil
			}()
		}
	}
	for range writers {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	_, states := warm(t, node)
	found, err := states.Get(t.Context(), "s:1")
	if err != nil {
		t.Fatal(err)
	}
	var got tally
	if err := json.Unmarshal(found.Body, &got); err != nil || got.Count != writers*each {
		t.Errorf("%d writes are kept (%v), want %d", got.Count, err, writers*each)
	}
}

func TestUpdateThatWantsNothing(t *testing.T) {
	t.Parallel()
	l, states := warm(t, couchbasetest.Prepared(t, couchbasetest.Options{}))
	cas := insert(t, states, "s:1", body(l, 1))
	got, err := states.Update(t.Context(), "s:1", link.Majority, func(link.Document) (link.Write, bool, error) {
		return link.Write{}, false, nil
	})
	if err != nil || got != cas {
		t.Errorf("got the CAS %d and %v, want %d", got, err, cas)
	}
	_, err = states.Update(t.Context(), "s:1", link.Majority, func(link.Document) (link.Write, bool, error) {
		return link.Write{}, true, monitor.Errorf(monitor.Invalid, "not like this")
	})
	wantCode(t, err, monitor.Invalid)
}

// TestUpdateGivesUpAgainstOthersWhoNeverRest has another process write in between
// each time: the caller is told so at last, rather than held up for good.
func TestUpdateGivesUpAgainstOthersWhoNeverRest(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Prepared(t, couchbasetest.Options{})
	l, states := warm(t, node)
	other, theirs := warm(t, node)
	_, err := states.Update(within(t, time.Minute), "s:1", link.Active, func(found link.Document) (link.Write, bool, error) {
		_, err := theirs.Swap(t.Context(), link.Write{Key: "s:1", Body: body(other, 1), CAS: found.CAS}, link.Active)
		return link.Write{Body: body(l, 2)}, true, err
	})
	wantCode(t, err, monitor.Conflict, "read again")
}

func TestInFlightIsBounded(t *testing.T) {
	t.Parallel()
	const bound = 1024
	if !link.Admits(bound) || link.Admits(bound+1) {
		t.Errorf("got another bound, want %d", bound)
	}
	node := couchbasetest.Prepared(t, couchbasetest.Options{})
	registry := prometheus.NewRegistry()
	l := openWith(t, settingsOf(node), link.Options{Registry: registry})
	states := l.Collection(bucket, layout.States)
	insert(t, states, "s:1", body(l, 1))

	node.ResetCounts()
	hold := make(chan struct{})
	held := node.Faults().Add(couchbasetest.Fault{Ops: []memd.CmdCode{memd.CmdGet}, Hold: hold})
	done := make(chan error)
	const readers, bulks = 1500, 4
	for range readers {
		go func() { _, err := states.Get(t.Context(), "s:1"); done <- err }()
	}
	keys := make([]string, 500)
	for i := range keys {
		keys[i] = "s:1"
	}
	for range bulks {
		go func() { _, err := states.GetAll(t.Context(), keys); done <- err }()
	}
	eventually(t, "the bound is reached", func() bool { return metric(t, registry, "in_flight") > bound-len64(keys) && held.Met() > 0 })
	node.Faults().Clear()
	close(hold)
	for range readers + bulks {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if peak := node.Counts().Peak; peak > bound {
		t.Errorf("%d operations were in flight at once, want at most %d", peak, bound)
	}
	eventually(t, "nothing is in flight", func() bool { return metric(t, registry, "in_flight") == 0 })
}

func len64(keys []string) float64 { return float64(len(keys)) }
