package couchbasetest_test

import (
	"errors"
	"io"
	"testing"
	"time"

	"github.com/couchbase/gocb/v2"
	"github.com/couchbase/gocbcore/v10/memd"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
)

// once tries nothing again.
type once struct{}

func (once) RetryAfter(gocb.RetryRequest, gocb.RetryReason) gocb.RetryAction {
	return &gocb.NoRetryRetryAction{}
}

func TestAStatusIsTheErrorThatAServerGives(t *testing.T) {
	t.Parallel()
	n, c := collection(t, couchbasetest.Options{})
	tests := map[string]struct {
		status memd.StatusCode
		want   error
	}{
		"temporary failure":      {couchbasetest.TemporaryFailure, gocb.ErrTemporaryFailure},
		"busy":                   {couchbasetest.Busy, gocb.ErrTemporaryFailure},
		"locked":                 {couchbasetest.Locked, gocb.ErrDocumentLocked},
		"there":                  {couchbasetest.Exists, gocb.ErrDocumentExists},
		"too big":                {couchbasetest.TooBig, gocb.ErrValueTooLarge},
		"no access":              {couchbasetest.NoAccess, gocb.ErrAuthenticationFailure},
		"impossible":             {couchbasetest.Impossible, gocb.ErrDurabilityImpossible},
		"ambiguous":              {couchbasetest.Ambiguous, gocb.ErrDurabilityAmbiguous},
		"another write":          {couchbasetest.Underway, gocb.ErrDurableWriteInProgress},
		"the server's own fault": {couchbasetest.Internal, gocb.ErrInternalServerFailure},
	}
	for name, test := range tests {
		armed := n.Faults().Add(couchbasetest.Fault{Ops: []memd.CmdCode{couchbasetest.Add}, Key: name, Status: test.status, Times: 1})
		_, err := c.Insert(name, 1, &gocb.InsertOptions{RetryStrategy: once{}})
		if !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, want %v", name, err, test.want)
		}
		if got := armed.Met(); got != 1 {
			t.Errorf("%s: got %d requests that met the fault, want 1", name, got)
		}
		if _, err := c.Insert(name, 1, nil); err != nil {
			t.Errorf("%s: got %v after it, want that nothing had been written", name, err)
		}
	}
	n.Faults().Add(couchbasetest.Fault{Ops: []memd.CmdCode{couchbasetest.Get}, Key: "k", Status: couchbasetest.OutOfMemory})
	_, err := c.Get("k", &gocb.GetOptions{RetryStrategy: once{}})
	var detail *gocb.KeyValueError
	if !errors.As(err, &detail) || detail.ErrorName != "ENOMEM" {
		t.Errorf("got %v, want an error named by the error map", err)
	}
}

func TestTheClientTriesAgainWhatTheStatusAllows(t *testing.T) {
	t.Parallel()
	n, c := collection(t, couchbasetest.Options{})
	for _, status := range []memd.StatusCode{
		couchbasetest.TemporaryFailure, couchbasetest.Busy, couchbasetest.OutOfMemory, couchbasetest.Locked,
		couchbasetest.NotMyVBucket, couchbasetest.NoCollection, couchbasetest.Underway,
	} {
		armed := n.Faults().Add(couchbasetest.Fault{Ops: []memd.CmdCode{couchbasetest.Set}, Status: status, Times: 2})
		if _, err := c.Upsert("k", 1, nil); err != nil || armed.Met() != 2 {
			t.Errorf("got %v after %d times %v, want success after 2", err, armed.Met(), status)
		}
	}
}

func TestAFaultMeetsWhatItNames(t *testing.T) {
	t.Parallel()
	n, c := collection(t, couchbasetest.Options{})
	failing := couchbasetest.Fault{Status: couchbasetest.TooBig}
	named := func(change func(*couchbasetest.Fault)) *couchbasetest.Armed {
		fault := failing
		change(&fault)
		return n.Faults().Add(fault)
	}
	none := []*couchbasetest.Armed{
		named(func(f *couchbasetest.Fault) { f.Key = "other*" }),
		named(func(f *couchbasetest.Fault) { f.Collection = "states" }),
		named(func(f *couchbasetest.Fault) { f.Bucket = "other" }),
		named(func(f *couchbasetest.Fault) { f.Ops = []memd.CmdCode{couchbasetest.Get} }),
	}
	third := named(func(f *couchbasetest.Fault) {
		f.Ops, f.Bucket, f.Collection, f.Key = []memd.CmdCode{couchbasetest.Set}, "monitor", "tail", "k*"
		f.Skip, f.Times = 2, 1
	})
	var got []int
	for i := range 5 {
		if _, err := c.Upsert("key", i, nil); errors.Is(err, gocb.ErrValueTooLarge) {
			got = append(got, i)
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if len(got) != 1 || got[0] != 2 || third.Met() != 1 {
		t.Errorf("got a fault at the writes %v, want the third only", got)
	}
	for i, armed := range none {
		if armed.Met() != 0 {
			t.Errorf("got %d requests of fault %d, want none", armed.Met(), i)
		}
	}
	always := named(func(f *couchbasetest.Fault) { f.Ops = []memd.CmdCode{couchbasetest.Set} })
	for range 3 {
		if _, err := c.Upsert("key", 1, nil); !errors.Is(err, gocb.ErrValueTooLarge) {
			t.Errorf("got %v, want the fault each time", err)
		}
	}
	always.Remove()
	if _, err := c.Upsert("key", 1, nil); err != nil {
		t.Errorf("got %v after the fault was removed", err)
	}
}

// met calls try until a request has met the fault, and returns what the last try
// gave: a try may end before the machine comes to send anything.
func met(t *testing.T, armed *couchbasetest.Armed, try func() error) error {
	t.Helper()
	for range 100 {
		err := try()
		if armed.Met() > 0 {
			return err
		}
	}
	t.Fatal("no request met the fault")
	return nil
}

func TestAnAnswerThatIsLostIsAmbiguous(t *testing.T) {
	t.Parallel()
	for name, applied := range map[string]bool{"the request, too": false, "the answer only": true} {
		n, c := collection(t, couchbasetest.Options{})
		if _, err := c.Upsert("warm", 1, nil); err != nil {
			t.Fatal(err)
		}
		armed := n.Faults().Add(couchbasetest.Fault{Ops: []memd.CmdCode{couchbasetest.Set}, Key: "k", Lost: true, Applied: applied})
		err := met(t, armed, func() error {
			_, err := c.Upsert("k", 1, &gocb.UpsertOptions{Timeout: 300 * time.Millisecond})
			return err
		})
		if !errors.Is(err, gocb.ErrAmbiguousTimeout) {
			t.Errorf("%s: got %v, want an ambiguous time-out", name, err)
		}
		armed.Remove()
		if _, err := c.Get("k", nil); applied != (err == nil) {
			t.Errorf("%s: got %v of a read, want it there: %v", name, err, applied)
		}
		armed = n.Faults().Add(couchbasetest.Fault{Ops: []memd.CmdCode{couchbasetest.Get}, Lost: true})
		err = met(t, armed, func() error {
			_, err := c.Get("k", &gocb.GetOptions{Timeout: 300 * time.Millisecond})
			return err
		})
		if !errors.Is(err, gocb.ErrUnambiguousTimeout) {
			t.Errorf("%s: got %v of a read, want an unambiguous time-out", name, err)
		}
	}
}

func TestAConnectionThatBreaks(t *testing.T) {
	t.Parallel()
	for name, applied := range map[string]bool{"before it is done": false, "after it": true} {
		n, c := collection(t, couchbasetest.Options{})
		n.Faults().Add(couchbasetest.Fault{Ops: []memd.CmdCode{couchbasetest.Add}, Break: true, Applied: applied, Times: 1})
		if _, err := c.Insert("k", 1, nil); !errors.Is(err, io.EOF) {
			t.Errorf("%s: got %v, want that the connection broke", name, err)
		}
		if _, err := c.Get("k", nil); applied != (err == nil) {
			t.Errorf("%s: got %v of a read on a new connection, want it there: %v", name, err, applied)
		}
	}
}

func TestAConnectionThatBreaksAmongMany(t *testing.T) {
	t.Parallel()
	n, c := collection(t, couchbasetest.Options{})
	n.Faults().Add(couchbasetest.Fault{Ops: []memd.CmdCode{couchbasetest.Add}, Break: true, Skip: 40, Times: 1})
	ops := make([]gocb.BulkOp, 100)
	for i := range ops {
		ops[i] = &gocb.InsertOp{ID: string(rune('A' + i)), Value: i}
	}
	if err := c.Do(ops, &gocb.BulkOpOptions{Timeout: time.Minute, RetryStrategy: once{}}); err != nil {
		t.Fatal(err)
	}
	all, err := n.Documents().All(tailOf("monitor"))
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, document := range all {
		there[document.Key] = true
	}
	broken := 0
	for _, op := range ops {
		insert := op.(*gocb.InsertOp)
		if errors.Is(insert.Err, io.EOF) {
			broken++
		}
		if insert.Err == nil && !there[insert.ID] {
			t.Errorf("got an insert of %q that succeeded and is not there", insert.ID)
		}
	}
	if broken == 0 || len(all) < 40 || len(all) == len(ops) {
		t.Errorf("got %d inserts broken off and %d documents, want some, and at least the 40 before the break", broken, len(all))
	}
}

func TestARequestThatIsHeldLetsOthersPass(t *testing.T) {
	t.Parallel()
	n, c := collection(t, couchbasetest.Options{})
	hold := make(chan struct{})
	called := 0
	armed := n.Faults().Add(couchbasetest.Fault{Key: "slow", Hold: hold, Before: func() { called++ }, Times: 1})
	n.Faults().Add(couchbasetest.Fault{Key: "slow", Delay: time.Millisecond})
	done := make(chan error, 1)
	go func() {
		_, err := c.Insert("slow", 1, nil)
		done <- err
	}()
	<-armed.First()
	if _, err := c.Insert("quick", 1, nil); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-done:
		t.Fatalf("got %v of a request that is held", err)
	default:
	}
	close(hold)
	if err := <-done; err != nil || called != 1 {
		t.Errorf("got %v and %d calls, want the write done and 1", err, called)
	}
}
