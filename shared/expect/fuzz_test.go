package expect_test

import (
	"testing"

	"github.com/api-endpoint-monitor/monitor/shared/expect"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func FuzzEvaluate(f *testing.F) {
	f.Add("size(json.items) > 0", "a.b.0", `{"items":[1],"a":{"b":[2]}}`, 200)
	f.Add("body.matches('a+') || headers['x'][0] == ''", "x", "aaa", 500)
	f.Add("json.all(k, json[k] > 1.0)", "0", `[1,2,{"a":null}]`, 204)
	f.Fuzz(func(t *testing.T, expression, path, body string, status int) {
		compiled, err := expect.Compile(monitor.Expect{CEL: expression, JSON: map[string]any{path: 1}})
		if err != nil {
			if monitor.CodeOf(err) != monitor.Invalid {
				t.Fatalf("got %v, want an invalid one", err)
			}
			return
		}
		given := answer(body)
		given.Status = status
		outcome, missed := compiled.Evaluate(given)
		if (outcome == monitor.Passed) != (len(missed) == 0) {
			t.Fatalf("got %s with %v unmet", outcome, missed)
		}
		for _, m := range missed {
			if len(m.Want) > expect.MaxText || len(m.Got) > expect.MaxText {
				t.Fatalf("got %d and %d bytes, want at most %d", len(m.Want), len(m.Got), expect.MaxText)
			}
		}
	})
}

func BenchmarkEvaluate(b *testing.B) {
	for name, want := range map[string]monitor.Expect{
		"status": {},
		"path":   {JSON: map[string]any{"status": "ok"}},
		"cel":    {CEL: "json.status == 'ok' && latency < duration('1s')"},
	} {
		b.Run(name, func(b *testing.B) {
			compiled, given := compile(b, want), answer(`{"status":"ok","uptime":12345}`)
			b.ReportAllocs()
			for b.Loop() {
				compiled.Evaluate(given)
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		compile(b, monitor.Expect{CEL: "size(json.items) > 0"})
	}
}
