package expect_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/expect"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

const (
	now  = monitor.Instant(1_700_000_000_000)
	hour = monitor.Duration(time.Hour)
)

func answer(body string) expect.Answer {
	return expect.Answer{
		Status: 200, Body: []byte(body), Latency: 80 * time.Millisecond, Now: now,
		Headers:     http.Header{"Content-Type": {"application/json"}, "Set-Cookie": {"a=1", "b=2"}},
		Certificate: now.Add(240 * time.Hour),
	}
}

func TestEvaluate(t *testing.T) {
	t.Parallel()
	unmet := func(expectation, want, got string) []monitor.Unmet {
		return []monitor.Unmet{{Expectation: expectation, Want: want, Got: got}}
	}
	tests := map[string]struct {
		want    monitor.Expect
		body    string
		change  func(*expect.Answer)
		outcome monitor.Outcome
		unmet   []monitor.Unmet
	}{
		"without expectations any 2xx is good": {body: "x", outcome: monitor.Passed},
		"without expectations a 301 is not": {
			change:  func(a *expect.Answer) { a.Status = 301 },
			outcome: monitor.Failed, unmet: unmet("status", "200-299", "301"),
		},
		"any of the ranges will do": {
			want:   monitor.Expect{Status: []monitor.StatusRange{{From: 200, To: 204}, {From: 404, To: 404}}},
			change: func(a *expect.Answer) { a.Status = 404 }, outcome: monitor.Passed,
		},
		"none of the ranges will not": {
			want:    monitor.Expect{Status: []monitor.StatusRange{{From: 201, To: 204}, {From: 404, To: 404}}},
			outcome: monitor.Failed, unmet: unmet("status", "201-204, 404", "200"),
		},
		"a slow answer is degraded": {
			want:    monitor.Expect{Latency: monitor.Duration(50 * time.Millisecond)},
			outcome: monitor.OutcomeDegraded, unmet: unmet("latency", "at most 50ms", "80ms"),
		},
		"an answer that is just in time is good": {
			want: monitor.Expect{Latency: monitor.Duration(80 * time.Millisecond)}, outcome: monitor.Passed,
		},
		"a certificate near its end is degraded": {
			want:    monitor.Expect{Certificate: 241 * hour},
			outcome: monitor.OutcomeDegraded, unmet: unmet("certificate", "valid for at least 241h", "ends 2023-11-24 22:13:20 UTC"),
		},
		"a certificate that is valid for long is good": {want: monitor.Expect{Certificate: 239 * hour}, outcome: monitor.Passed},
		"no certificate at all is degraded": {
			want:    monitor.Expect{Certificate: hour},
			change:  func(a *expect.Answer) { a.Certificate = 0 },
			outcome: monitor.OutcomeDegraded, unmet: unmet("certificate", "valid for at least 1h", "no certificate: the answer came without TLS"),
		},
		"a value at a path is found": {
			want: monitor.Expect{JSON: map[string]any{"data.items.1.state": "ok", "n": 3, "gone": nil}},
			body: `{"data":{"items":[{},{"state":"ok"}]},"n":3.0,"gone":null}`, outcome: monitor.Passed,
		},
		"a whole object is compared": {
			want: monitor.Expect{JSON: map[string]any{"a": map[string]any{"b": []any{1, true}}}},
			body: `{"a":{"b":[1,true]}}`, outcome: monitor.Passed,
		},
		"another value at a path fails": {
			want: monitor.Expect{JSON: map[string]any{"state": "ok"}}, body: `{"state":"bad"}`,
			outcome: monitor.Failed, unmet: unmet("json.state", `"ok"`, `"bad"`),
		},
		"a number is not its text": {
			want: monitor.Expect{JSON: map[string]any{"n": "1"}}, body: `{"n":1}`,
			outcome: monitor.Failed, unmet: unmet("json.n", `"1"`, `1`),
		},
		"nothing at a path fails": {
			want: monitor.Expect{JSON: map[string]any{"a.7": nil}}, body: `{"a":[]}`,
			outcome: monitor.Failed, unmet: unmet("json.a.7", `null`, `nothing at this path`),
		},
		"a body that is no JSON fails": {
			want: monitor.Expect{JSON: map[string]any{"a": 1}}, body: `<html>`,
			outcome: monitor.Failed,
			unmet:   unmet("json.a", "1", "the body is no JSON: invalid character '<' looking for beginning of value"),
		},
		"an empty body fails": {
			want: monitor.Expect{JSON: map[string]any{"a": 1}}, body: ``,
			outcome: monitor.Failed, unmet: unmet("json.a", "1", "the body is no JSON: it is empty"),
		},
		"a second document behind the first fails": {
			want: monitor.Expect{JSON: map[string]any{"a": 1}}, body: `{"a":1} {"a":1}`,
			outcome: monitor.Failed, unmet: unmet("json.a", "1", "the body is no JSON: more follows behind its first value"),
		},
		"a body that was cut is not taken for JSON": {
			want: monitor.Expect{JSON: map[string]any{"a": 1}}, body: `{"a":1}`,
			change:  func(a *expect.Answer) { a.Truncated = true },
			outcome: monitor.Failed,
			unmet:   unmet("json.a", "1", "the body is too long to be read as JSON: only its first 7 bytes were kept"),
		},
		"all that is missed is listed in order, and the worst counts": {
			want: monitor.Expect{
				Status: []monitor.StatusRange{{From: 204, To: 204}}, Latency: 1, JSON: map[string]any{"b": 1, "a": 1},
				Certificate: 1000 * hour, CEL: "false",
			}, body: `{"a":2,"b":2}`,
			outcome: monitor.Failed, unmet: []monitor.Unmet{
				{Expectation: "status", Want: "204", Got: "200"},
				{Expectation: "latency", Want: "at most 1ns", Got: "80ms"},
				{Expectation: "json.a", Want: "1", Got: "2"},
				{Expectation: "json.b", Want: "1", Got: "2"},
				{Expectation: "certificate", Want: "valid for at least 1000h", Got: "ends 2023-11-24 22:13:20 UTC"},
				{Expectation: "cel", Want: "false", Got: "false"},
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			given := answer(test.body)
			if test.change != nil {
				test.change(&given)
			}
			outcome, missed := compile(t, test.want).Evaluate(given)
			if outcome != test.outcome {
				t.Errorf("got %s, want %s", outcome, test.outcome)
			}
			if diff := cmp.Diff(test.unmet, missed); diff != "" {
				t.Errorf("unmet (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEvaluateCEL(t *testing.T) {
	t.Parallel()
	const body = `{"items":[{"n":1},{"n":2}],"ok":true,"rate":0.5,"name":"a"}`
	tests := map[string]struct {
		expression string
		got        string // "" for one that is met
	}{
		"the example of the guide holds":      {"size(json.items) > 0", ""},
		"status is a number":                  {"status == 200 && status < 300", ""},
		"headers have small letters":          {"headers['content-type'][0].startsWith('application/')", ""},
		"a header may have several values":    {"size(headers['set-cookie']) == 2", ""},
		"the body is text":                    {"body.contains('items') && body.matches('\"ok\":\\\\s*true')", ""},
		"numbers compare with whole ones":     {"json.items[1].n == 2 && json.rate < 1", ""},
		"macros work":                         {"json.items.all(i, i.n >= 1) && has(json.ok) && !has(json.gone)", ""},
		"latency is a duration":               {"latency < duration('100ms')", ""},
		"so is the rest of the certificate":   {"certificate > duration('24h')", ""},
		"what is not so is false":             {"status == 404", "false"},
		"a missing key is named":              {"json.gone == 1", "no such key: gone"},
		"a missing header is named":           {"headers['gone'][0] == ''", "no such key: gone"},
		"an error in a branch may not matter": {"status == 200 || json.gone == 1", ""},
		"an expression cannot run on and on":  {"body.matches('a') && [1,2,3,4,5,6,7,8,9,10].all(a, [1,2,3,4,5,6,7,8,9,10].all(b, (body+body+body+body).matches('.*.*.*.*x') || true))", "the expression takes too many steps for this answer: simplify it"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			given := answer(body)
			if strings.Contains(name, "on and on") {
				given.Body = []byte(strings.Repeat("a", 1<<20))
			}
			outcome, missed := compile(t, monitor.Expect{CEL: test.expression}).Evaluate(given)
			if test.got == "" {
				if outcome != monitor.Passed {
					t.Fatalf("got %s %v, want passed", outcome, missed)
				}
				return
			}
			if outcome != monitor.Failed || len(missed) != 1 || missed[0].Got != test.got {
				t.Fatalf("got %s %v, want failed with %q", outcome, missed, test.got)
			}
		})
	}
	t.Run("a body that is no JSON is an expectation missed", func(t *testing.T) {
		t.Parallel()
		_, missed := compile(t, monitor.Expect{CEL: "json.a == 1"}).Evaluate(answer("<html>"))
		if len(missed) != 1 || !strings.HasPrefix(missed[0].Got, "the body is no JSON") {
			t.Fatalf("got %v, want what is wrong with the body", missed)
		}
	})
	t.Run("no certificate is an expectation missed", func(t *testing.T) {
		t.Parallel()
		given := answer("")
		given.Certificate = 0
		_, missed := compile(t, monitor.Expect{CEL: "certificate > duration('1s')"}).Evaluate(given)
		if len(missed) != 1 || !strings.Contains(missed[0].Got, "no certificate") {
			t.Fatalf("got %v, want that there is no certificate", missed)
		}
	})
	t.Run("a document that is null can be asked for", func(t *testing.T) {
		t.Parallel()
		if outcome, missed := compile(t, monitor.Expect{CEL: "json == null"}).Evaluate(answer("null")); outcome != monitor.Passed {
			t.Fatalf("got %s %v, want passed", outcome, missed)
		}
	})
}

func TestEvaluateTexts(t *testing.T) {
	t.Parallel()
	t.Run("texts are short, valid and on one line", func(t *testing.T) {
		t.Parallel()
		long := strings.Repeat("ä\n\xff", 5000)
		_, missed := compile(t, monitor.Expect{
			JSON: map[string]any{"a": strings.Repeat("w", 1000)}, CEL: "int(body) == 1" + strings.Repeat(" ", 500) + "&& true",
		}).Evaluate(answer(`{"a":"` + strings.ReplaceAll(long, "\n", "") + `"}`))
		if len(missed) != 2 {
			t.Fatalf("got %v, want two", missed)
		}
		for _, m := range missed {
			for _, text := range []string{m.Want, m.Got} {
				if len(text) > expect.MaxText || !utf8.ValidString(text) || strings.ContainsAny(text, "\n\r") {
					t.Errorf("got %q (%d bytes), want at most %d valid ones on a line", text, len(text), expect.MaxText)
				}
			}
		}
	})
	t.Run("a secret is taken out before a text is cut", func(t *testing.T) {
		t.Parallel()
		given := answer(`{"a":"` + strings.Repeat("x", 190) + `s3cr3t-value"}`)
		given.Redact = func(text string) string { return strings.ReplaceAll(text, "s3cr3t-value", "***") }
		_, missed := compile(t, monitor.Expect{JSON: map[string]any{"a": "b"}}).Evaluate(given)
		if len(missed) != 1 || strings.Contains(missed[0].Got, "s3c") {
			t.Fatalf("got %v, want no part of the secret", missed)
		}
	})
}

func TestEvaluateTogether(t *testing.T) {
	t.Parallel()
	compiled := compile(t, monitor.Expect{CEL: "json.n == status - 200", JSON: map[string]any{"n": 0}})
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 200 {
				if outcome, missed := compiled.Evaluate(answer(`{"n":0}`)); outcome != monitor.Passed {
					t.Errorf("got %s %v, want passed", outcome, missed)
				}
			}
		})
	}
	wait.Wait()
}
