package node_test

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/couchbase/gocb/v2"

	"github.com/api-endpoint-monitor/monitor/scripts/couchbase/node"
)

// serve is the argument that makes the test binary a node.
const serve = "node"

// TestMain lets the test binary be the process that a test starts.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == serve {
		if err := node.Serve(os.Stdin, os.Stdout); err != nil {
			panic(err)
		}
		return
	}
	os.Exit(m.Run())
}

// TestProcess has a node of another process take a document, and count it.
func TestProcess(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p, err := node.Start(t.Context(), self, serve)
	if err != nil {
		t.Fatal(err)
	}
	put(t, settingsOf(p.Settings))
	counts, err := p.Counts()
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, c := range counts {
		if c.Collection == "tail" && c.In > 0 && c.Out > 0 {
			found += c.Requests
		}
	}
	if found != 1 {
		t.Errorf("got the counts %+v, want one request to the tail", counts)
	}
	if err := p.End(); err != nil {
		t.Errorf("the end: %v", err)
	}
	if _, err := p.Counts(); err == nil {
		t.Error("got counts after the end, want an error")
	}
}

// TestStartFails has a program that is no node.
func TestStartFails(t *testing.T) {
	t.Parallel()
	if _, err := node.Start(t.Context(), "true"); err == nil || !strings.Contains(err.Error(), "did not start") {
		t.Errorf("got %v, want that the node did not start", err)
	}
}

func TestCommand(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var out bytes.Buffer
	if err := node.Command(ctx, &out, nil); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"no Couchbase", "export MONITOR_STORE=couchbase\n", "export MONITOR_COUCHBASE=couchbase://127.0.0.1:", "Ctrl-C"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("got\n%s, want %q in it", &out, want)
		}
	}
	if err := node.Command(ctx, &out, []string{"-empty"}); err == nil {
		t.Error("got no error for an unknown flag")
	}
}

// settingsOf makes a table of NAME=value.
func settingsOf(lines []string) map[string]string {
	out := map[string]string{}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, "=")
		out[name] = value
	}
	return out
}

func put(t *testing.T, settings map[string]string) {
	t.Helper()
	cluster, err := gocb.Connect(settings["MONITOR_COUCHBASE"], gocb.ClusterOptions{Authenticator: gocb.PasswordAuthenticator{
		Username: settings["MONITOR_COUCHBASE_USER"], Password: settings["MONITOR_COUCHBASE_PASSWORD"],
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cluster.Close(nil) }()
	_, err = cluster.Bucket("monitor").Scope("monitor").Collection("tail").Insert("a", "text", &gocb.InsertOptions{Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
}
