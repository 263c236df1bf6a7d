package probe_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/functions/probe"
	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// TestSecondLookOverTCP has a server hang on the connections that it has, and
// take no more: it is down long before its timeout of a minute.
func TestSecondLookOverTCP(t *testing.T) {
	t.Parallel()
	var hangs atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if hangs.Load() {
			<-r.Context().Done()
		}
		_, _ = io.WriteString(w, "ok")
	}))
	defer server.CloseClientConnections()
	eye, err := look.New(look.Options{Fresh: time.Hour}) // the connections that the server has are kept
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(eye.Close)
	l := newLab(eye.Look)
	e := confirmed("a", time.Hour, 2) // which no check comes too late for, however slow the machine is
	e.HTTP.URL, e.Timeout = server.URL, monitor.Duration(time.Minute)
	run := func(count int) {
		due := slotOf(0, e)
		due.Endpoints[0].Due.Every, due.Endpoints[0].Due.Count = monitor.Duration(100*time.Millisecond), count
		if err := l.run(t.Context(), due); err != nil {
			t.Fatal(err)
		}
	}
	for deadline := time.Now().Add(time.Minute); strings.Count(l.letters("shop/a"), "p") < probe.PaceLearns && time.Now().Before(deadline); {
		run(probe.PaceLearns)
	}
	before := len(l.rows())
	hangs.Store(true)
	_ = server.Listener.Close()
	run(1)
	rows := l.rows()[before:]
	if len(rows) != 2 || rows[0].Kind != monitor.Scheduled || rows[0].Fault != monitor.FaultTimeout || rows[1].Kind != monitor.Confirm || rows[1].Fault != monitor.FaultRefused {
		t.Fatalf("got %+v, want a check that was cut short, and a refused connection that confirms it", rows)
	}
	if want := "is plenty; a second connection: the connection was refused at "; !strings.Contains(rows[0].Reason, want) || rows[0].Duration() >= time.Minute {
		t.Errorf("got %q after %s, want it to say that it %s…, before the timeout", rows[0].Reason, rows[0].Duration(), want)
	}
}
