package probe_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// saying returns an answer of status 500 with a short body.
func saying(kind, body string) look.Answer {
	return look.Answer{Status: http.StatusInternalServerError, Bytes: int64(len(body)), Type: kind, Head: []byte(body)}
}

func TestExtractOfChecks(t *testing.T) {
	t.Parallel()
	extracts := func(l *lab) string {
		letters := ""
		for _, row := range l.rows() {
			letters += map[bool]string{true: "-", false: "e"}[row.Extract == ""]
		}
		return letters
	}
	// The answers of one endpoint: p passed, d degraded, f failed, o observer's fault, t no whole answer.
	tests := map[string]struct {
		answers string
		every   time.Duration
		without bool
		want    string
	}{
		"a pass has none, a failure and a slow answer do":       {"pfdp", slot, false, "-ee-"},
		"the observer's own fault has none":                     {"of", slot, false, "-e"},
		"an answer that breaks off has what came":               {"t", slot, false, "e"},
		"a run of failures has the first three":                 {"ffffffff", time.Second, false, "eee-----"},
		"one that comes and goes has no more":                   {"fpfpfpfpfpfpfp", time.Second, false, "e-e-e---------"},
		"after two minutes there is one more":                   {"fffffff" + strings.Repeat("p", 112) + "ff", time.Second, false, "eee----" + strings.Repeat("-", 112) + "-e"},
		"where the definition says so, nothing of them is kept": {"fdft", slot, true, "----"},
		"failures that are rare have one each":                  {"ffffffffff", 2 * time.Minute, false, "eeeeeeeeee"},
	}
	for name, test := range tests {
		bubble(t, name, func(t *testing.T) {
			next := 0
			l := newLab(func(_ context.Context, r *look.Request) look.Answer {
				answer := saying("text/plain", "what the server said")
				if test.without != (len(r.Head) == 0) {
					t.Errorf("got room for %d bytes, want some unless nothing is kept", len(r.Head))
				}
				switch test.answers[next] {
				case 'p':
					answer.Status = 200
				case 'd':
					answer.Status, answer.Took = 200, time.Second
				case 'o':
					answer.Fault = monitor.FaultObserver
				case 't':
					answer.Fault = monitor.FaultTimeout
				}
				next++
				return answer
			})
			e := endpoint("a", test.every)
			e.NoExtract, e.Expect.Latency = test.without, monitor.Duration(10*time.Millisecond)
			due := slotOf(0, e)
			due.Endpoints[0].Due.Count = len(test.answers)
			if err := l.run(t.Context(), due); err != nil {
				t.Fatal(err)
			}
			if got := extracts(l); got != test.want {
				t.Errorf("got extracts %s, want %s", got, test.want)
			}
		})
	}
}

func TestExtractsFitEvents(t *testing.T) {
	t.Parallel()
	bubble(t, "however they are written", func(t *testing.T) {
		body := strings.Repeat("<", 400)
		l := newLab(func(context.Context, *look.Request) look.Answer { return saying("text/html", body) })
		var all []monitor.Endpoint
		for n := range 400 {
			all = append(all, endpoint(fmt.Sprint("e", n), slot))
		}
		if err := l.run(t.Context(), slotOf(0, all...)); err != nil {
			t.Fatal(err)
		}
		for _, sent := range l.sent {
			data, err := json.Marshal(sent.data)
			if err != nil || len(data) > events.MaxDataBytes {
				t.Errorf("got error %v and an event of %d bytes, want %d at most", err, len(data), events.MaxDataBytes)
			}
		}
		if got := len(l.rows()); got != 400 || l.rows()[0].Extract != body {
			t.Errorf("got %d rows, want 400 with extracts", got)
		}
	})
}
