package events_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// texts draws strings that JSON writers stumble over.
func texts() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.String(),
		rapid.StringMatching(`[a-z/.-]{0,20}`),
		rapid.SampledFrom([]string{"", `"`, `\`, "<a>&", "\u2028\u2029", "\x7f", "\x00\x1f", "\xff\xfe", "é日本", "\U0001F600", "\\u0041", "\ud7ff"}),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 20), func(b []byte) string { return string(b) }),
	)
}

func anyResult() *rapid.Generator[monitor.Result] {
	number := rapid.OneOf(rapid.Just(int64(0)), rapid.Int64(), rapid.Int64Range(0, 1_000_000))
	return rapid.Custom(func(t *rapid.T) monitor.Result {
		return monitor.Result{
			Endpoint: texts().Draw(t, "endpoint"),
			Due:      monitor.Instant(number.Draw(t, "due")),
			Start:    monitor.Instant(number.Draw(t, "start")),
			Kind:     monitor.Kind(texts().Draw(t, "kind")),
			Outcome:  monitor.Outcome(texts().Draw(t, "outcome")),
			Micros:   number.Draw(t, "us"),
			Status:   int(number.Draw(t, "status")),
			Bytes:    number.Draw(t, "bytes"),
			Phases: monitor.Phases{
				DNS: number.Draw(t, "dns"), Connect: number.Draw(t, "connect"), TLS: number.Draw(t, "tls"),
				FirstByte: number.Draw(t, "first byte"), Transfer: number.Draw(t, "transfer"),
			},
			Certificate: monitor.Instant(number.Draw(t, "certificate")),
			Fault:       monitor.Fault(texts().Draw(t, "fault")),
			Reason:      texts().Draw(t, "reason"),
			Unmet: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) monitor.Unmet {
				return monitor.Unmet{Expectation: texts().Draw(t, "expectation"), Want: texts().Draw(t, "want"), Got: texts().Draw(t, "got")}
			}), 0, 3).Draw(t, "unmet"),
			Spared:  int(number.Draw(t, "spared")),
			Extract: texts().Draw(t, "extract"),
		}
	})
}

// validResult draws rows that are kept.
func validResult() *rapid.Generator[monitor.Result] {
	return rapid.Custom(func(t *rapid.T) monitor.Result {
		span := rapid.Int64Range(0, 1_000_000_000)
		r := anyResult().Draw(t, "row")
		r.Endpoint = rapid.StringMatching(`[a-z]{1,8}/[a-z0-9.-]{1,20}`).Draw(t, "key")
		r.Due = monitor.Instant(rapid.Int64Range(1, 4_000_000_000_000).Draw(t, "due"))
		r.Start = monitor.Instant(rapid.Int64Range(0, 4_000_000_000_000).Draw(t, "start"))
		r.Certificate = monitor.Instant(rapid.Int64Range(0, 4_000_000_000_000).Draw(t, "certificate"))
		r.Kind = rapid.SampledFrom([]monitor.Kind{monitor.Scheduled, monitor.Confirm, monitor.Connection, monitor.Manual}).Draw(t, "kind")
		r.Outcome = rapid.SampledFrom([]monitor.Outcome{monitor.Passed, monitor.OutcomeDegraded, monitor.Failed, monitor.OutcomeUnknown}).Draw(t, "outcome")
		r.Spared = rapid.IntRange(0, 1000).Draw(t, "few spared")
		r.Micros, r.Bytes, r.Status = span.Draw(t, "us"), span.Draw(t, "bytes"), rapid.IntRange(0, 999).Draw(t, "status")
		r.Phases = monitor.Phases{DNS: span.Draw(t, "dns"), Connect: span.Draw(t, "connect"), TLS: span.Draw(t, "tls"), FirstByte: span.Draw(t, "first"), Transfer: span.Draw(t, "transfer")}
		return r
	})
}

func TestAppendResults(t *testing.T) {
	t.Parallel()
	t.Run("writes byte for byte what encoding/json writes", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			results := events.ProbeResults{
				Shard:    rapid.Int().Draw(t, "shard"),
				Location: texts().Draw(t, "location"),
				Rows:     rapid.SliceOfN(anyResult(), 0, 4).Draw(t, "rows"),
			}
			want, err := json.Marshal(&results)
			if err != nil {
				t.Fatal(err)
			}
			if got := events.AppendResults(nil, &results); string(got) != string(want) {
				t.Fatalf("got  %s\nwant %s", got, want)
			}
		})
	})
	t.Run("leaves out the location of each row, and appends", func(t *testing.T) {
		t.Parallel()
		results := events.ProbeResults{Location: "paris", Rows: []monitor.Result{{Endpoint: "a/b", Location: "paris"}}}
		got := string(events.AppendResults([]byte("before "), &results))
		if !strings.HasPrefix(got, `before {"shard":0,"location":"paris","rows":[{"endpoint":"a/b","due":0,`) {
			t.Errorf("got %s", got)
		}
	})
	t.Run("writes no rows as null, as encoding/json does", func(t *testing.T) {
		t.Parallel()
		if got, want := string(events.AppendResults(nil, &events.ProbeResults{})), `{"shard":0,"location":"","rows":null}`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

func TestDecodeResults(t *testing.T) {
	t.Parallel()
	t.Run("reads back what was written, and gives each row its location", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			want := events.ProbeResults{Shard: 3, Location: "paris", Rows: rapid.SliceOfN(validResult(), 0, 4).Draw(t, "rows")}
			var got events.ProbeResults
			if err := events.DecodeResults(events.AppendResults(nil, &want), &got); err != nil {
				t.Fatal(err)
			}
			for i := range want.Rows {
				want.Rows[i] = throughJSON(t, want.Rows[i])
				want.Rows[i].Location = "paris"
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("want -, got +:\n%s", diff)
			}
		})
	})
	t.Run("reads what other programs write: any order, spaces, unknown fields", func(t *testing.T) {
		t.Parallel()
		data := `{ "rows": [ {"outcome":"passed", "kind":"scheduled", "due":1700000000000, "us":5, "endpoint":"shop/cart", "colour":"red"} ], "location":"paris", "shard":7 }`
		want := events.ProbeResults{Shard: 7, Location: "paris", Rows: []monitor.Result{{
			Endpoint: "shop/cart", Location: "paris", Due: 1700000000000, Kind: monitor.Scheduled, Outcome: monitor.Passed, Micros: 5,
		}}}
		var got events.ProbeResults
		if err := events.DecodeResults([]byte(data), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
	})
	t.Run("forgets what the target held before", func(t *testing.T) {
		t.Parallel()
		got := events.ProbeResults{Rows: make([]monitor.Result, 3), Rejected: make([]events.RowRejected, 2)}
		if err := events.DecodeResults([]byte(`{"shard":1,"location":"x","rows":[]}`), &got); err != nil {
			t.Fatal(err)
		}
		if len(got.Rows)+len(got.Rejected) != 0 {
			t.Errorf("got %d rows and %d rejected ones, want none", len(got.Rows), len(got.Rejected))
		}
	})
}

func TestDecodeResultsRejects(t *testing.T) {
	t.Parallel()
	good := `{"endpoint":"shop/cart","due":1700000000000,"kind":"scheduled","outcome":"passed","us":5}`
	tests := map[string]struct{ row, reason string }{
		"no endpoint":             {`{"due":1,"kind":"scheduled","outcome":"passed","us":5}`, "endpoint: must be"},
		"no namespace":            {`{"endpoint":"cart","due":1,"kind":"scheduled","outcome":"passed","us":5}`, "endpoint: must be"},
		"no due time":             {`{"endpoint":"shop/cart","due":0,"kind":"scheduled","outcome":"passed","us":5}`, "due: must be"},
		"a due time out of reach": {`{"endpoint":"shop/cart","due":253402300800000,"kind":"scheduled","outcome":"passed","us":5}`, "due: must be"},
		"a start before 1970":     {`{"endpoint":"shop/cart","due":1,"start":-1,"kind":"scheduled","outcome":"passed","us":5}`, "start: must be"},
		"more than fits":          {`{"endpoint":"shop/cart","due":1,"kind":"scheduled","outcome":"passed","us":18446744073709551621}`, "cannot unmarshal"},
		"negative time":           {`{"endpoint":"shop/cart","due":1,"kind":"scheduled","outcome":"passed","us":-5}`, "us: must be"},
		"more than a day":         {`{"endpoint":"shop/cart","due":1,"kind":"scheduled","outcome":"passed","us":86400000001}`, "us: must be"},
		"a negative phase":        {`{"endpoint":"shop/cart","due":1,"kind":"scheduled","outcome":"passed","us":5,"tls":-1}`, "dns: the phases"},
		"a status of four digits": {`{"endpoint":"shop/cart","due":1,"kind":"scheduled","outcome":"passed","us":5,"status":1000}`, "status: must be"},
		"negative bytes":          {`{"endpoint":"shop/cart","due":1,"kind":"scheduled","outcome":"passed","us":5,"bytes":-1}`, "bytes: must be"},
		"an extract too long":     {`{"endpoint":"shop/cart","due":1,"kind":"scheduled","outcome":"failed","us":5,"extract":"` + strings.Repeat("x", monitor.MaxExtract+1) + `"}`, "extract: must be"},
		"an odd certificate":      {`{"endpoint":"shop/cart","due":1,"kind":"scheduled","outcome":"passed","us":5,"certificate":-1}`, "certificate: must be"},
		"an unknown kind":         {`{"endpoint":"shop/cart","due":1,"kind":"other","outcome":"passed","us":5}`, "kind: must be"},
		"an unknown outcome":      {`{"endpoint":"shop/cart","due":1,"kind":"scheduled","outcome":"fine","us":5}`, "outcome: must be"},
		"a number as text":        {`{"endpoint":"shop/cart","due":"1","kind":"scheduled","outcome":"passed","us":5}`, "cannot unmarshal"},
		"a fraction":              {`{"endpoint":"shop/cart","due":1.5,"kind":"scheduled","outcome":"passed","us":5}`, "cannot unmarshal"},
		"no object":               {`[1]`, "cannot unmarshal"},
		"nothing":                 {`null`, "endpoint: must be"},
	}
	for name, test := range tests {
		t.Run(name+", and that row alone", func(t *testing.T) {
			t.Parallel()
			var got events.ProbeResults
			data := `{"shard":4,"location":"paris","rows":[` + good + `,` + test.row + `,` + good + `]}`
			if err := events.DecodeResults([]byte(data), &got); err != nil {
				t.Fatal(err)
			}
			if len(got.Rows) != 2 || len(got.Rejected) != 1 {
				t.Fatalf("got %d rows and %d rejected ones, want 2 and 1", len(got.Rows), len(got.Rejected))
			}
			rejected := got.Rejected[0]
			if rejected.Shard != 4 || rejected.Location != "paris" || !strings.Contains(rejected.Reason, test.reason) || string(rejected.Row) != test.row {
				t.Errorf("got %+v (row %s), want shard 4, paris, %q and the row", rejected, rejected.Row, test.reason)
			}
		})
	}
	t.Run("keeps no more of a row than 4 KiB", func(t *testing.T) {
		t.Parallel()
		var got events.ProbeResults
		row := `{"reason":"` + strings.Repeat("x", 10_000) + `"}`
		if err := events.DecodeResults([]byte(`{"shard":4,"location":"paris","rows":[`+row+`]}`), &got); err != nil {
			t.Fatal(err)
		}
		if len(got.Rejected) != 1 || len(got.Rejected[0].Row) != 4<<10 {
			t.Errorf("got %+v, want one row cut to 4 KiB", got.Rejected)
		}
	})
}

func TestDecodeResultsRefuses(t *testing.T) {
	t.Parallel()
	row := `{"endpoint":"shop/cart","due":1,"kind":"scheduled","outcome":"passed","us":5}`
	tests := map[string]string{
		"nothing at all":   ``,
		"no JSON":          `{"shard":`,
		"a bare newline":   `{"shard":1,"location":"x` + "\n" + `","rows":[]}`,
		"no object":        `[]`,
		"more behind it":   `{"shard":1,"location":"x","rows":[]}{}`,
		"a shard as text":  `{"shard":"1","location":"x","rows":[]}`,
		"rows that are no": `{"shard":1,"location":"x","rows":7}`,
		"too many rows":    `{"shard":1,"location":"x","rows":[` + strings.Repeat(row+",", events.MaxRows) + row + `]}`,
		"too many nothing": `{"shard":1,"location":"x","rows":[` + strings.Repeat("0,", events.MaxRows) + `0]}`,
	}
	for name, data := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got events.ProbeResults
			if code := monitor.CodeOf(events.DecodeResults([]byte(data), &got)); code != monitor.Invalid {
				t.Errorf("got code %q, want invalid", code)
			}
		})
	}
}

// throughJSON returns the row as encoding/json reads back what it wrote: bytes
// that are no UTF-8 become U+FFFD.
func throughJSON(t *rapid.T, r monitor.Result) (out monitor.Result) {
	data, err := json.Marshal(&r)
	if err == nil {
		err = json.Unmarshal(data, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}
