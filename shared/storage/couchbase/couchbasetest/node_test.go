package couchbasetest_test

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"hash"
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/couchbase/gocb/v2"
	"github.com/couchbase/gocbcore/v10/memd"
	scram "github.com/couchbase/gocbcore/v10/scram"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
)

func TestNothingRunsAfterClose(t *testing.T) {
	n, err := couchbasetest.New(couchbasetest.Options{Buckets: []couchbasetest.Bucket{{Name: "monitor"}}})
	if err != nil {
		t.Fatal(err)
	}
	w := dial(t, n).enter()
	n.Faults().Add(couchbasetest.Fault{Ops: []memd.CmdCode{couchbasetest.Get}, Hold: make(chan struct{})})
	held := of(memd.CmdGet, 0, "k", "")
	held.Magic = memd.CmdMagicReq
	if err := w.conn.WritePacket(&held); err != nil {
		t.Fatal(err)
	}
	n.Pause()
	n.Close()
	n.Close()
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	for _, runs := range []string{"couchbasetest.(*conn)", "couchbasetest.(*Node).serve", "couchbasetest.(*Node).converse"} {
		if bytes.Contains(stacks, []byte(runs)) {
			t.Errorf("got %s among the goroutines after Close:\n%s", runs, stacks)
		}
	}
	if _, err := w.socket.Read(make([]byte, 1)); err == nil {
		t.Error("got an answer after Close")
	}
}

func TestCloseWaitsForWhatIsBeingDone(t *testing.T) {
	t.Parallel()
	n := couchbasetest.Prepared(t, couchbasetest.Options{})
	w := dial(t, n).enter()
	closed, early := make(chan struct{}), make(chan bool, 1)
	begun := n.Faults().Add(couchbasetest.Fault{
		Ops: []memd.CmdCode{couchbasetest.Get}, Hold: make(chan struct{}),
		Before: func() {
			select {
			case <-closed:
				early <- true
			case <-time.After(100 * time.Millisecond):
				early <- false
			}
		},
	})
	held := of(memd.CmdGet, 0, "k", "")
	held.Magic = memd.CmdMagicReq
	if err := w.conn.WritePacket(&held); err != nil {
		t.Fatal(err)
	}
	<-begun.First()
	n.Close()
	close(closed)
	if <-early {
		t.Error("got Close back before a request was done with")
	}
}

func TestANodeThatIsStartedAgainHasItsDocuments(t *testing.T) {
	t.Parallel()
	n, c := collection(t, couchbasetest.Options{})
	kept, err := c.Insert("k", 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	address := n.Address()
	n.Stop()
	if _, err := c.Get("k", &gocb.GetOptions{Timeout: 300 * time.Millisecond}); !errors.Is(err, gocb.ErrTimeout) {
		t.Errorf("got %v of a node that is stopped, want a time-out", err)
	}
	if err := n.Restart(); err != nil {
		t.Fatal(err)
	}
	if err := n.Restart(); err != nil {
		t.Errorf("restart what runs: %v", err)
	}
	found, err := c.Get("k", nil)
	if err != nil || found.Cas() != kept.Cas() || n.Address() != address {
		t.Errorf("got %v on %s, want the document as it was on %s", err, n.Address(), address)
	}
}

func TestANodeThatIsStoppedKeepsItsPorts(t *testing.T) {
	t.Parallel()
	n := couchbasetest.Start(t, couchbasetest.Options{})
	n.Stop()
	first := n.Web().ManagementPort() / 16 * 16
	if other, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", first)); err == nil {
		_ = other.Close()
		t.Errorf("got port %d, want that it holds the block for the node that is stopped", first)
	}
}

func TestANodeThatHangsGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	n, c := collection(t, couchbasetest.Options{})
	if _, err := c.Insert("warm", 1, nil); err != nil {
		t.Fatal(err)
	}
	armed := n.Faults().Add(couchbasetest.Fault{Ops: []memd.CmdCode{couchbasetest.Add}})
	n.Pause()
	done := make(chan error, 1)
	go func() {
		_, err := c.Insert("k", 1, nil)
		done <- err
	}()
	<-armed.First()
	if all, err := n.Documents().All(tailOf("monitor")); err != nil || len(all) != 1 {
		t.Errorf("got %d documents (%v) while the node hangs, want 1", len(all), err)
	}
	n.Resume()
	if err := <-done; err != nil {
		t.Errorf("got %v after it went on", err)
	}
}

func TestALoginIsHeldToThePassword(t *testing.T) {
	t.Parallel()
	n := couchbasetest.Start(t, couchbasetest.Options{Users: map[string]string{"a,b=c": "right"}})
	hashes := map[string]func() hash.Hash{"SCRAM-SHA512": sha512.New, "SCRAM-SHA256": sha256.New, "SCRAM-SHA1": sha1.New}
	for mechanism, newHash := range hashes {
		for password, want := range map[string]memd.StatusCode{"right": memd.StatusSuccess, "wrong": memd.StatusAuthError} {
			client, w := scram.NewClient(newHash, "a,b=c", password), dial(t, n)
			client.Step(nil)
			first := w.ask(memd.Packet{Command: memd.CmdSASLAuth, Key: []byte(mechanism), Value: client.Out()})
			if first.Status != memd.StatusAuthContinue {
				t.Fatalf("%s: got status %v of the first step", mechanism, first.Status)
			}
			client.Step(first.Value)
			second := w.ask(memd.Packet{Command: memd.CmdSASLStep, Key: []byte(mechanism), Value: client.Out()})
			if second.Status != want {
				t.Errorf("%s: got status %v of the %s password, want %v", mechanism, second.Status, password, want)
			}
			if want != memd.StatusSuccess {
				continue
			}
			client.Step(second.Value)
			if err := client.Err(); err != nil {
				t.Errorf("%s: the client refuses the signature: %v", mechanism, err)
			}
		}
	}
	for credentials, want := range map[string]memd.StatusCode{
		"\x00a,b=c\x00right": memd.StatusSuccess, "\x00a,b=c\x00wrong": memd.StatusAuthError,
		"\x00nobody\x00right": memd.StatusAuthError, "right": memd.StatusAuthError,
	} {
		got := dial(t, n).ask(memd.Packet{Command: memd.CmdSASLAuth, Key: []byte("PLAIN"), Value: []byte(credentials)})
		if got.Status != want {
			t.Errorf("got status %v of %q, want %v", got.Status, credentials, want)
		}
	}
	if got := n.Counts().Logins["a,b=c"]; got != 4 {
		t.Errorf("got %d logins counted, want 4", got)
	}
}

func TestAPasswordThatChangesIsAskedForAtTheNextLogin(t *testing.T) {
	t.Parallel()
	n, c := collection(t, couchbasetest.Options{})
	if _, err := c.Upsert("k", 1, nil); err != nil {
		t.Fatal(err)
	}
	n.SetPassword(couchbasetest.DefaultUser, "another")
	if _, err := c.Get("k", nil); err != nil {
		t.Errorf("got %v on a connection that had logged in", err)
	}
	n.Disconnect()
	if _, err := c.Get("k", &gocb.GetOptions{Timeout: 300 * time.Millisecond}); !errors.Is(err, gocb.ErrTimeout) {
		t.Errorf("got %v by the old password, want a time-out", err)
	}
	other := login(t, n, couchbasetest.DefaultUser, "another").Bucket("monitor").Scope("monitor").Collection("tail")
	if _, err := other.Get("k", nil); err != nil {
		t.Errorf("got %v by the new password", err)
	}
	n.SetPassword(couchbasetest.DefaultUser, couchbasetest.DefaultPassword)
	if _, err := c.Get("k", nil); err != nil {
		t.Errorf("got %v by the old password again", err)
	}
}
