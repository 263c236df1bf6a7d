package expect_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/api-endpoint-monitor/monitor/shared/expect"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func TestCompile(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		want  monitor.Expect
		field string
		text  string
	}{
		"a negative latency is refused":            {monitor.Expect{Latency: -1}, "latency", "not be negative"},
		"a negative certificate time is refused":   {monitor.Expect{Certificate: -1}, "certificate", "not be negative"},
		"a status that is none is refused":         {monitor.Expect{Status: []monitor.StatusRange{{From: 20, To: 99}}}, "status", "100-599"},
		"an empty step in a path is refused":       {monitor.Expect{JSON: map[string]any{"a..b": 1}}, "json.a..b", "is no path"},
		"an empty path is refused":                 {monitor.Expect{JSON: map[string]any{"": 1}}, "json.", "is no path"},
		"a value that JSON cannot hold is refused": {monitor.Expect{JSON: map[string]any{"a": func() {}}}, "json.a", "no JSON value"},
		"broken CEL is refused":                    {monitor.Expect{CEL: "status =="}, "cel", "does not compile"},
		"an unknown variable is refused":           {monitor.Expect{CEL: "state == 1"}, "cel", "undeclared reference to 'state'"},
		"CEL that is no yes or no is refused":      {monitor.Expect{CEL: "status + 1"}, "cel", "of type int"},
		"CEL of an open type is refused":           {monitor.Expect{CEL: "json.ok"}, "cel", "of type dyn"},
		"CEL with wrong types is refused":          {monitor.Expect{CEL: "status == 'ok'"}, "cel", "no matching overload"},
		"a broken pattern is refused":              {monitor.Expect{CEL: "body.matches('(')"}, "cel", "does not compile"},
		"a broken duration is refused":             {monitor.Expect{CEL: "latency < duration('1 s')"}, "cel", "does not compile"},
		"deeply nested loops are refused": {monitor.Expect{
			CEL: "[1].all(a, [1].all(b, [1].all(c, [1].all(d, true))))",
		}, "cel", "comprehension"},
		"CEL that is too long is refused": {monitor.Expect{CEL: strings.Repeat("true || ", 600) + "true"}, "cel", "at most 4096"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := expect.Compile(test.want)
			var fault *monitor.Error
			if !errors.As(err, &fault) || fault.Code != monitor.Invalid || fault.Field != test.field {
				t.Fatalf("got %v, want an invalid error of field %q", err, test.field)
			}
			if !strings.Contains(fault.Message, test.text) {
				t.Fatalf("got %q, want it to say %q", fault.Message, test.text)
			}
		})
	}
}

func TestNeeds(t *testing.T) {
	t.Parallel()
	type needs struct{ Body, Headers bool }
	tests := map[string]struct {
		want  monitor.Expect
		needs needs
	}{
		"nothing expected needs nothing":            {monitor.Expect{}, needs{}},
		"CEL over status and latency needs nothing": {monitor.Expect{CEL: "status == 200 && latency < duration('1s')"}, needs{}},
		"CEL over headers needs them":               {monitor.Expect{CEL: "status == 200 && 'etag' in headers"}, needs{Headers: true}},
		"CEL over headers in a macro needs them":    {monitor.Expect{CEL: "headers.exists(h, h == 'etag')"}, needs{Headers: true}},
		"CEL over the body needs it":                {monitor.Expect{CEL: "body.contains('ok')"}, needs{Body: true}},
		"CEL over the document needs it":            {monitor.Expect{CEL: "json.ok == true"}, needs{Body: true}},
		"CEL over the document in a macro needs it": {monitor.Expect{CEL: "has(json.ok)"}, needs{Body: true}},
		"a JSON path needs it":                      {monitor.Expect{JSON: map[string]any{"ok": true}}, needs{Body: true}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := compile(t, test.want)
			if got := (needs{x.NeedsBody(), x.NeedsHeaders()}); got != test.needs {
				t.Fatalf("got %+v, want %+v", got, test.needs)
			}
		})
	}
}

func compile(t testing.TB, want monitor.Expect) *expect.Expectation {
	t.Helper()
	compiled, err := expect.Compile(want)
	if err != nil {
		t.Fatalf("cannot compile: %v", err)
	}
	return compiled
}
