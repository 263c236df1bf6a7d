package probe_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// once runs one check of the endpoint and returns its result.
func once(t *testing.T, l *lab, e monitor.Endpoint) monitor.Result {
	t.Helper()
	if err := l.run(t.Context(), slotOf(0, e)); err != nil {
		t.Fatal(err)
	}
	rows := l.rows()
	if len(rows) != 1 {
		t.Fatalf("got %d results, want 1", len(rows))
	}
	return rows[0]
}

func TestResult(t *testing.T) {
	t.Parallel()
	slow := monitor.Expect{Latency: monitor.Duration(10 * time.Millisecond)}
	tests := map[string]struct {
		answer look.Answer
		expect monitor.Expect
		want   monitor.Result // without what names the check
	}{
		"a good answer passes, with all that was measured": {
			look.Answer{
				Status: 204, Bytes: 7, Took: time.Millisecond, Certificate: 99,
				Phases: monitor.Phases{DNS: 1, Connect: 2, TLS: 3, FirstByte: 4, Transfer: 5},
			},
			monitor.Expect{},
			monitor.Result{
				Outcome: monitor.Passed, Status: 204, Bytes: 7, Micros: 1000, Certificate: 99,
				Phases: monitor.Phases{DNS: 1, Connect: 2, TLS: 3, FirstByte: 4, Transfer: 5},
			},
		},
		"a wrong answer fails, with what was missed": {
			look.Answer{Status: 503},
			slow,
			monitor.Result{
				Outcome: monitor.Failed, Status: 503, Fault: monitor.FaultExpectation, Reason: "answered 503, want 200-299",
				Unmet: []monitor.Unmet{{Expectation: "status", Want: "200-299", Got: "503"}},
			},
		},
		"a slow one is degraded": {
			look.Answer{Status: 200, Took: 20 * time.Millisecond},
			slow,
			monitor.Result{
				Outcome: monitor.OutcomeDegraded, Status: 200, Micros: 20_000, Reason: "took 20ms, want at most 10ms",
				Unmet: []monitor.Unmet{{Expectation: "latency", Want: "at most 10ms", Got: "20ms"}},
			},
		},
		"a fault fails": {
			look.Answer{Fault: monitor.FaultRefused, Reason: "refused", Took: time.Millisecond},
			slow,
			monitor.Result{Outcome: monitor.Failed, Fault: monitor.FaultRefused, Reason: "refused", Micros: 1000},
		},
		"the observer's own fault is unknown": {
			look.Answer{Fault: monitor.FaultObserver, Reason: "too many open files"},
			slow,
			monitor.Result{Outcome: monitor.OutcomeUnknown, Fault: monitor.FaultObserver, Reason: "too many open files"},
		},
		"a body that was cut is said": {
			look.Answer{Status: 200, Truncated: true},
			monitor.Expect{},
			monitor.Result{Outcome: monitor.Passed, Status: 200, Reason: "only the first 1 MiB of the body was read"},
		},
		"several misses are counted": {
			look.Answer{Status: 500, Took: 20 * time.Millisecond},
			slow,
			monitor.Result{
				Outcome: monitor.Failed, Status: 500, Micros: 20_000, Fault: monitor.FaultExpectation,
				Reason: "answered 500, want 200-299 (and 1 more)",
				Unmet: []monitor.Unmet{
					{Expectation: "status", Want: "200-299", Got: "500"},
					{Expectation: "latency", Want: "at most 10ms", Got: "20ms"},
				},
			},
		},
		"expectations that are invalid are no outage": {
			look.Answer{Status: 200},
			monitor.Expect{CEL: "1 +"},
			monitor.Result{Outcome: monitor.OutcomeUnknown, Fault: monitor.FaultObserver, Reason: "invalid"},
		},
	}
	for name, test := range tests {
		bubble(t, name, func(t *testing.T) {
			e := endpoint("a", slot)
			e.Expect = test.expect
			got := once(t, newLab(func(context.Context, *look.Request) look.Answer { return test.answer }), e)
			got.Endpoint, got.Location, got.Due, got.Start, got.Kind = "", "", 0, 0, ""
			if test.want.Reason == "invalid" && strings.Contains(got.Reason, "invalid") {
				got.Reason = "invalid"
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Fatalf("result (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	const value = "s3 cr+t/%41"
	withSecret := func() monitor.Endpoint {
		e := endpoint("a", slot)
		e.HTTP.URL = "http://shop.example/?key=${KEY}"
		e.HTTP.Headers = map[string]string{"Authorization": "Bearer ${KEY}", "Accept": "*/*"}
		e.HTTP.Body = "key=${KEY}"
		return e
	}
	reveal := func(_, text string) (string, []string, error) {
		return strings.ReplaceAll(text, "${KEY}", value), []string{value}, nil
	}
	bubble(t, "they are filled in for the look only", func(t *testing.T) {
		var asked look.Request
		l := newLab(func(_ context.Context, r *look.Request) look.Answer {
			asked = *r
			asked.Head = nil
			return look.Answer{Status: 200}
		})
		l.reveal = reveal
		once(t, l, withSecret())
		want := look.Request{
			Endpoint: "shop/a", Location: "local", Method: "GET", URL: "http://shop.example/?key=" + value,
			Headers: map[string]string{"Authorization": "Bearer " + value, "Accept": "*/*"}, Body: "key=" + value, Timeout: time.Second,
		}
		if diff := cmp.Diff(want, asked); diff != "" {
			t.Fatalf("request (-want +got):\n%s", diff)
		}
	})
	bubble(t, "they are filled into the proxy and what TLS needs, and only there", func(t *testing.T) {
		var asked look.Request
		l := newLab(func(_ context.Context, r *look.Request) look.Answer {
			asked = *r
			asked.Head = nil
			return look.Answer{Fault: monitor.FaultProxy, Reason: "told " + value}
		})
		l.reveal = reveal
		e := endpoint("a", slot)
		e.HTTP.Proxy, e.HTTP.Address = "http://u%40x:${KEY}@proxy.example", "10.0.0.7:8443"
		e.HTTP.TLS = &monitor.TLS{CA: "ca ${KEY}", Certificate: "certificate ${KEY}", Key: "${KEY}", ServerName: "node"}
		row := once(t, l, e)
		want := look.Request{
			Endpoint: "shop/a", Location: "local", Method: "GET", URL: "http://shop.example", Timeout: time.Second, Headers: map[string]string{},
			Proxy: &monitor.Proxy{Address: "proxy.example:80", User: "u@x", Password: value}, Address: "10.0.0.7:8443",
			TLS: &monitor.TLS{CA: "ca " + value, Certificate: "certificate " + value, Key: value, ServerName: "node"},
		}
		if diff := cmp.Diff(want, asked); diff != "" {
			t.Errorf("request (-want +got):\n%s", diff)
		}
		if row.Outcome != monitor.Failed || row.Fault != monitor.FaultProxy || row.Reason != "told [secret]" {
			t.Errorf("got %s %s %q, want a failure without the secret", row.Outcome, row.Fault, row.Reason)
		}
		if e.HTTP.TLS.Key != "${KEY}" {
			t.Error("got the secret in the definition")
		}
	})
	bubble(t, "without any the request keeps its revision", func(t *testing.T) {
		var asked look.Request
		l := newLab(func(_ context.Context, r *look.Request) look.Answer { asked = *r; return look.Answer{Status: 200} })
		e := endpoint("a", slot)
		e.HTTP.Proxy, e.HTTP.TLS = "http://proxy.example", &monitor.TLS{CA: "ca", ServerName: "node"}
		once(t, l, e)
		if asked.Revision != 1 || asked.Proxy == nil || asked.TLS == nil {
			t.Errorf("got %+v, want the revision", asked)
		}
	})
	bubble(t, "they are in no result, even if the endpoint sends them back", func(t *testing.T) {
		body, _ := json.Marshal(map[string]string{"echo": value})
		for _, answer := range []look.Answer{
			{Status: 200, Body: body},
			{Fault: monitor.FaultProtocol, Reason: "malformed " + value + " " + url.QueryEscape(value) + " " + url.PathEscape(value)},
		} {
			l := newLab(func(context.Context, *look.Request) look.Answer { return answer })
			l.reveal = reveal
			e := withSecret()
			e.Expect = monitor.Expect{JSON: map[string]any{"echo": "other"}, CEL: "int(json.echo) == 1"}
			row := once(t, l, e)
			data, _ := json.Marshal(row)
			for _, part := range []string{"s3 cr", "s3+cr", "s3%20cr"} {
				if row.Outcome != monitor.Failed || strings.Contains(string(data), part) {
					t.Fatalf("got %s, want a failure without the secret", data)
				}
			}
		}
	})
	bubble(t, "they are in no result in any form that an endpoint may give them", func(t *testing.T) {
		const inner = `q"k&y\z<3`
		heard, _ := json.Marshal(map[string]string{"X-Key": inner})
		for _, echo := range []string{inner, string(heard), base64.StdEncoding.EncodeToString([]byte(inner))} {
			body, _ := json.Marshal(map[string]string{"echo": echo})
			l := newLab(func(context.Context, *look.Request) look.Answer { return look.Answer{Status: 200, Body: body} })
			l.reveal = func(_, text string) (string, []string, error) {
				return strings.ReplaceAll(text, "${KEY}", inner), []string{inner}, nil
			}
			e := withSecret()
			e.Expect = monitor.Expect{JSON: map[string]any{"echo": "other"}}
			row := once(t, l, e)
			if row.Outcome != monitor.Failed || !strings.Contains(row.Reason, "[secret]") || strings.Contains(row.Reason, "k") {
				t.Errorf("got %s %q, want a failure without the secret", row.Outcome, row.Reason)
			}
		}
	})
	bubble(t, "a missing one is the observer's fault, and no look is made", func(t *testing.T) {
		l := newLab(func(context.Context, *look.Request) look.Answer { t.Error("got a look"); return look.Answer{} })
		l.reveal = func(string, string) (string, []string, error) {
			return "", nil, monitor.Wrap(monitor.Invalid, errors.New("inner"), "the secret ${KEY} is missing: set it")
		}
		row := once(t, l, withSecret())
		if row.Outcome != monitor.OutcomeUnknown || row.Fault != monitor.FaultSecret || row.Reason != "the secret ${KEY} is missing: set it" {
			t.Fatalf("got %s %s %q", row.Outcome, row.Fault, row.Reason)
		}
	})
}

func TestDefinitionChange(t *testing.T) {
	t.Parallel()
	bubble(t, "a new revision brings its own expectations", func(t *testing.T) {
		l := newLab(func(context.Context, *look.Request) look.Answer { return look.Answer{Status: 404} })
		e := endpoint("a", slot)
		for revision := range 3 {
			if revision == 2 {
				e.Expect.Status = []monitor.StatusRange{{From: 404, To: 404}}
			}
			e.Revision = int64(1 + revision/2)
			if err := l.run(t.Context(), slotOf(0, e)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(slot)
		}
		if got, want := l.letters("shop/a"), "ffp"; got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	})
}
