package probe_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/functions/probe"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func TestExpectations(t *testing.T) {
	t.Parallel()
	slow := monitor.Expect{Latency: monitor.Duration(time.Second), CEL: "status == 200"}
	t.Run("that are the same are compiled once", func(t *testing.T) {
		t.Parallel()
		all := probe.NewExpectations()
		same := monitor.Expect{JSON: map[string]any{"a": 1, "b": "x"}, Status: []monitor.StatusRange{{From: 200, To: 299}}}
		first, again := all.Compile(t, same), all.Compile(t, same)
		if first != again || all.Known() != 1 {
			t.Errorf("got two of %d that are known, want the same one", all.Known())
		}
		if all.Compile(t, slow) == first || all.Known() != 2 {
			t.Errorf("got one of %d that are known, want another", all.Known())
		}
	})
	t.Run("that nobody has any more are forgotten", func(t *testing.T) {
		t.Parallel()
		all := probe.NewExpectations()
		kept := all.Compile(t, slow)
		all.Compile(t, monitor.Expect{})
		for deadline := time.Now().Add(time.Minute); all.Known() > 1; runtime.GC() {
			if time.Now().After(deadline) {
				t.Fatalf("got %d that are known, want the one that is kept", all.Known())
			}
		}
		if all.Compile(t, slow) != kept {
			t.Error("got another, want the one that is kept")
		}
	})
	t.Run("that are wrong say so each time", func(t *testing.T) {
		t.Parallel()
		all := probe.NewExpectations()
		for _, wrong := range []monitor.Expect{{CEL: "status =="}, {JSON: map[string]any{"a": func() {}}}} {
			for range 2 {
				if code := all.Refuse(wrong); code != monitor.Invalid {
					t.Errorf("got %q, want invalid", code)
				}
			}
		}
	})
}
