package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/host"
)

// TestRun has the broker wire five functions and waits for its first tick.
func TestRun(t *testing.T) {
	ticked := make(chan string, 1)
	function := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case ticked <- r.Header.Get("Ce-Type") + " " + r.Header.Get("Ce-Source"):
		default:
		}
	}))
	t.Cleanup(function.Close)
	var addresses []string
	for _, name := range []string{"schedule", "probe", "store", "alert", "notify"} {
		addresses = append(addresses, name+"="+function.URL)
	}
	t.Setenv("MONITOR_ADDR", "127.0.0.1:0")
	t.Setenv("MONITOR_FUNCTIONS", strings.Join(addresses, ","))
	t.Setenv("MONITOR_DEAD_LETTERS", filepath.Join(t.TempDir(), "dead.jsonl"))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	select {
	case got := <-ticked:
		if want := "dev.knative.sources.ping /apis/v1/namespaces/default/pingsources/tick"; got != want {
			t.Errorf("tick: got %s, want %s", got, want)
		}
	case err := <-ended:
		t.Fatalf("run ended: %v", err)
	case <-time.After(time.Minute):
		t.Fatal("no tick came")
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("run: got %v, want nil", err)
	}
}

func TestRunRefuses(t *testing.T) {
	const all = "schedule=http://127.0.0.1:1,probe=http://127.0.0.1:1,store=http://127.0.0.1:1,alert=http://127.0.0.1:1"
	tests := map[string]struct {
		functions, address, slot, want string
	}{
		"a missing function":       {all, "127.0.0.1:0", "10s", `the function "notify" has no subscriber`},
		"no address":               {"store", "127.0.0.1:0", "10s", "MONITOR_FUNCTIONS"},
		"an address that is none":  {"store=127.0.0.1", "127.0.0.1:0", "10s", "is no http URL"},
		"an unknown function":      {"shop=http://127.0.0.1:1", "127.0.0.1:0", "10s", `no Trigger names the function "shop"`},
		"an address for everybody": {all + ",notify=http://127.0.0.1:1", ":0", "10s", "use a loopback address"},
		"another slot":             {all, "127.0.0.1:0", "30s", "tick.yaml:2: PingSource tick"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Setenv("MONITOR_FUNCTIONS", test.functions)
			t.Setenv("MONITOR_ADDR", test.address)
			t.Setenv("MONITOR_SLOT", test.slot)
			err := run(t.Context())
			if err == nil || !strings.Contains(err.Error(), test.want) || host.ExitCode(err) != 2 {
				t.Errorf("got %v (exit code %d), want %q and 2", err, host.ExitCode(err), test.want)
			}
		})
	}
}
