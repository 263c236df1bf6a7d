package link_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/couchbase/gocb/v2"
	"github.com/couchbase/gocbcore/v10/memd"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/link"
)

var writing = []memd.CmdCode{memd.CmdAdd, memd.CmdReplace, memd.CmdSet}

func TestWhatANodeAnswers(t *testing.T) {
	t.Parallel()
	type answer struct {
		status memd.StatusCode
		code   monitor.Code
		says   string
	}
	tests := map[string]answer{
		"too large":             {memd.StatusTooBig, monitor.Invalid, "20 MiB"},
		"temporary failure":     {memd.StatusTmpFail, monitor.Unavailable, "short of memory"},
		"busy":                  {memd.StatusBusy, monitor.Unavailable, "short of memory"},
		"out of memory":         {memd.StatusOutOfMemory, monitor.Unavailable, "bucket monitor"},
		"locked":                {memd.StatusLocked, monitor.Unavailable, "another program has locked"},
		"sync write under way":  {memd.StatusSyncWriteInProgress, monitor.Unavailable, "has not ended"},
		"sync write recommits":  {memd.StatusSyncWriteReCommitInProgress, monitor.Unavailable, "has not ended"},
		"durability impossible": {memd.StatusDurabilityImpossible, monitor.Unavailable, "monitor has 0 replicas"},
		"no such level":         {memd.StatusDurabilityInvalidLevel, monitor.Unavailable, "7.2"},
		"no access":             {memd.StatusAccessError, monitor.Unavailable, "the user Administrator may not do this in monitor"},
		"never heard of it":     {memd.StatusUnknownCommand, monitor.Unavailable, "7.2"},
		"durability ambiguous":  {memd.StatusSyncWriteAmbiguous, monitor.Unavailable, "too few replicas of the bucket monitor"},
		"no reason":             {memd.StatusInternalError, monitor.Unavailable, ""},
	}
	sideBySide(t, tests, func(t *testing.T, _ string, test answer) {
		node := couchbasetest.Prepared(t, couchbasetest.Options{})
		l, states := warm(t, node)
		node.Faults().Add(couchbasetest.Fault{Ops: writing, Status: test.status})
		_, err := states.Swap(t.Context(), link.Write{Key: "s:1", Body: body(l, 1)}, link.Active)
		wantCode(t, err, test.code, test.says)
		if found, err := states.Get(t.Context(), "s:1"); err != nil || found.CAS != 0 {
			t.Errorf("got %+v and %v, want nothing kept", found, err)
		}
	})
}

// TestTheLastTriesDoNotHideTheReason asks a node that answers each try after half a
// second: the first tries learn why they are refused, and the last have no time to.
// While the machine stands still a try misses an answer that it had time for: it is
// asked again until it did not.
func TestTheLastTriesDoNotHideTheReason(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Prepared(t, couchbasetest.Options{})
	l, states := warm(t, node)
	node.Faults().Add(couchbasetest.Fault{Ops: writing, Status: memd.StatusTmpFail, Delay: 500 * time.Millisecond})
	eventually(t, "people are told what the first tries have learnt", func() bool {
		_, err := states.Swap(within(t, 2500*time.Millisecond), link.Write{Key: "s:1", Body: body(l, 1)}, link.Active)
		wantCode(t, err, monitor.Unavailable)
		told, ok := errors.AsType[*monitor.Error](err)
		return ok && strings.Contains(told.Message, "short of memory")
	})
}

func TestWhatPassesIsTriedAgain(t *testing.T) {
	t.Parallel()
	tests := map[string]memd.StatusCode{
		"temporary failure":    memd.StatusTmpFail,
		"busy":                 memd.StatusBusy,
		"locked":               memd.StatusLocked,
		"sync write under way": memd.StatusSyncWriteInProgress,
		"not my vbucket":       memd.StatusNotMyVBucket,
		"out of memory":        memd.StatusOutOfMemory,
		"durability ambiguous": memd.StatusSyncWriteAmbiguous,
	}
	for name, status := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			node := couchbasetest.Prepared(t, couchbasetest.Options{})
			l, states := warm(t, node)
			node.Faults().Add(couchbasetest.Fault{Key: "s:*", Status: status, Times: 4})
			want := body(l, 1)
			cas := insert(t, states, "s:1", want)
			wantBody(t, states, "s:1", string(want))
			if _, err := states.Swap(t.Context(), link.Write{Key: "s:1", Body: body(l, 2), CAS: cas}, link.Majority); err != nil {
				t.Errorf("with the CAS that was returned: %v", err)
			}
		})
	}
}

func TestReadsOfManyAreTriedAgain(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Prepared(t, couchbasetest.Options{})
	l, states := warm(t, node)
	insert(t, states, "s:1", body(l, 1))
	insert(t, states, "s:2", body(l, 2))
	get := []memd.CmdCode{memd.CmdGet}
	node.Faults().Add(couchbasetest.Fault{Ops: get, Status: memd.StatusTmpFail, Times: 3})
	node.Faults().Add(couchbasetest.Fault{Ops: get, Break: true, Times: 2, Skip: 1})
	node.Faults().Add(couchbasetest.Fault{Ops: get, Key: "s:2", Lost: true, Times: 1})
	found, err := states.GetAll(t.Context(), []string{"s:1", "s:none", "s:2"})
	if err != nil || found[0].CAS == 0 || found[1].CAS != 0 || found[2].CAS == 0 {
		t.Errorf("got %+v and %v, want the first and the last", found, err)
	}
	node.Faults().Add(couchbasetest.Fault{Ops: get, Status: memd.StatusAccessError})
	_, err = states.GetAll(t.Context(), []string{"s:1", "s:2"})
	wantCode(t, err, monitor.Unavailable, "may not do this")
}

func TestRemoveIsRepeated(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Prepared(t, couchbasetest.Options{})
	l, states := warm(t, node)
	insert(t, states, "s:1", body(l, 1))
	insert(t, states, "s:2", body(l, 1))
	node.Faults().Add(couchbasetest.Fault{Ops: []memd.CmdCode{memd.CmdDelete}, Key: "s:1", Break: true, Applied: true, Times: 2})
	node.Faults().Add(couchbasetest.Fault{Ops: []memd.CmdCode{memd.CmdDelete}, Key: "s:2", Break: true, Times: 2})
	if err := states.Remove(t.Context(), []string{"s:1", "s:2"}); err != nil {
		t.Fatal(err)
	}
	if found, err := states.GetAll(t.Context(), []string{"s:1", "s:2"}); err != nil || found[0].CAS+found[1].CAS != 0 {
		t.Errorf("got %+v and %v, want nothing", found, err)
	}
}

func TestNobodyWaits(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Prepared(t, couchbasetest.Options{})
	l, states := warm(t, node)
	node.ResetCounts()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, written := states.Swap(gone, link.Write{Key: "s:1", Body: body(l, 1)}, link.Majority)
	_, read := states.GetAll(gone, []string{"s:1"})
	_, updated := states.Update(gone, "s:1", link.Majority, func(link.Document) (link.Write, bool, error) {
		return link.Write{Body: body(l, 1)}, true, nil
	})
	for _, err := range []error{written, read, updated, states.Remove(gone, []string{"s:1"}), l.Ready(gone, bucket)} {
		wantCode(t, err, monitor.Unavailable)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%v does not wrap the context's error", err)
		}
	}
	documents := node.Counts().Sum(func(k couchbasetest.Kind) bool { return k.Collection != "" })
	if documents.Requests != 0 {
		t.Errorf("the node was asked %d times, want never", documents.Requests)
	}
}

func TestAContextThatEndsEndsTheWait(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Prepared(t, couchbasetest.Options{})
	l, states := warm(t, node)
	node.Pause()
	defer node.Resume()
	for name, do := range map[string]func(context.Context) error{
		"get": func(ctx context.Context) error { _, err := states.Get(ctx, "s:1"); return err },
		"swap": func(ctx context.Context) error {
			_, err := states.Swap(ctx, link.Write{Key: "s:1", Body: body(l, 1)}, link.Majority)
			return err
		},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		result := make(chan error, 1)
		go func() { result <- do(ctx) }()
		cancel()
		err := <-result
		wantCode(t, err, monitor.Unavailable)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v does not wrap the context's error", name, err)
		}
	}
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Prepared(t, couchbasetest.Options{})
	l, _ := warm(t, node)
	_, err := l.Collection(bucket, "nothing").Get(t.Context(), "s:1")
	wantCode(t, err, monitor.Unavailable, "bucket monitor", "collection monitor.nothing", "run the migration")
	_, err = l.Collection("other", layout.States).Get(t.Context(), "s:1")
	wantCode(t, err, monitor.Unavailable, "no bucket other", "run the migration")
}

func TestWrongPasswordIsNamed(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Prepared(t, couchbasetest.Options{})
	s := settingsOf(node)
	s.Password = "guessed and wrong"
	l := openWith(t, s, link.Options{})
	_, err := l.Collection(bucket, layout.States).Get(t.Context(), "s:1")
	wantCode(t, err, monitor.Unavailable, "refuses the user Administrator", "MONITOR_COUCHBASE_PASSWORD")
	if !errors.Is(err, gocb.ErrAuthenticationFailure) {
		t.Errorf("%v does not wrap the client's error", err)
	}
	wantCode(t, l.Ready(t.Context(), bucket), monitor.Unavailable, "refuses the user Administrator")
}

func TestNoNodeIsNamed(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Prepared(t, couchbasetest.Options{})
	l := open(t, node)
	node.Stop()
	_, err := l.Collection(bucket, layout.States).Get(within(t, 6*time.Second), "s:1")
	wantCode(t, err, monitor.Unavailable, "127.0.0.1:")
	wantCode(t, l.Ready(t.Context(), bucket), monitor.Unavailable, "127.0.0.1:")
}
