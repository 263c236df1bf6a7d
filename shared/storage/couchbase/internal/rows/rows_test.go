package rows_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/rows"
	"github.com/api-endpoint-monitor/monitor/shared/storage/storagetest"
)

const (
	endpoint = "shop/checkout"
	location = "local"
	start    = monitor.Instant(1_777_593_600_000)
)

// text draws words that the form knows, any text, and bytes that are none.
func text() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{"", "passed", "failed", "scheduled", "timeout", "\"\\\n\x00", "\xff\xc3é\ufffd😀\u2028"}),
		rapid.String(),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
	)
}

// anyResult draws results of any content, valid or not.
func anyResult() *rapid.Generator[monitor.Result] {
	return rapid.Custom(func(t *rapid.T) monitor.Result {
		n := func(name string) int64 { return storagetest.Number().Draw(t, name) }
		r := monitor.Result{
			Endpoint: endpoint, Location: location,
			Due: monitor.Instant(n("due")), Start: monitor.Instant(n("start")),
			Kind: monitor.Kind(text().Draw(t, "kind")), Outcome: monitor.Outcome(text().Draw(t, "outcome")),
		}
		if rapid.Bool().Draw(t, "answered") {
			r.Micros, r.Status, r.Bytes, r.Certificate = n("micros"), int(n("status")), n("bytes"), monitor.Instant(n("certificate"))
			r.Phases = monitor.Phases{DNS: n("dns"), Connect: n("connect"), TLS: n("tls"), FirstByte: n("first"), Transfer: n("transfer")}
		}
		if rapid.Bool().Draw(t, "missed") {
			r.Fault, r.Reason, r.Extract = monitor.Fault(text().Draw(t, "fault")), text().Draw(t, "reason"), text().Draw(t, "extract")
			r.Spared = int(n("spared"))
		}
		for range rapid.IntRange(0, 3).Draw(t, "unmet") {
			r.Unmet = append(r.Unmet, monitor.Unmet{
				Expectation: text().Draw(t, "expectation"), Want: text().Draw(t, "want"), Got: text().Draw(t, "got"),
			})
		}
		return r
	})
}

func windowOf(all []monitor.Result) *monitor.Window {
	return &monitor.Window{Endpoint: endpoint, Location: location, Start: start, Rows: all}
}

func encoded(t interface{ Fatalf(string, ...any) }, all []monitor.Result) []byte {
	body, err := rows.AppendWindow(nil, "me", windowOf(all))
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	return body
}

func decoded(t interface{ Fatalf(string, ...any) }, body []byte) []monitor.Result {
	window := windowOf(nil)
	if err := rows.ReadWindow(body, window); err != nil {
		t.Fatalf("decode %s: %v", body, err)
	}
	return window.Rows
}

// reordered returns the JSON object with its fields by name and with spaces, as a
// statement of SQL++ or a person may leave it.
func reordered(t testing.TB, body []byte) []byte {
	t.Helper()
	fields := map[string]json.RawMessage{}
	err := json.Unmarshal(body, &fields)
	if err != nil {
		t.Fatal(err)
	}
	indented, err := json.MarshalIndent(fields, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return indented
}

func TestWindow(t *testing.T) {
	t.Parallel()
	t.Run("gives back any rows as they were, and is JSON", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			few := rapid.SliceOfN(anyResult(), 1, 4).Draw(t, "few")
			want := rapid.SliceOfN(rapid.SampledFrom(few), 0, 20).Draw(t, "rows")
			body := encoded(t, want)
			if !json.Valid(body) {
				t.Fatalf("got %s, want JSON", body)
			}
			if diff := cmp.Diff(want, decoded(t, body), cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("got other rows (-want +got):\n%s", diff)
			}
		})
	})
	t.Run("is read with its fields in another order, and with spaces", func(t *testing.T) {
		t.Parallel()
		want := storagetest.Usual(20)
		want[3].Reason, want[3].Unmet = "a \"reason\": [1, 2]", []monitor.Unmet{{Got: "x"}}
		if diff := cmp.Diff(want, decoded(t, reordered(t, encoded(t, want)))); diff != "" {
			t.Errorf("got other rows (-want +got):\n%s", diff)
		}
	})
	t.Run("does not keep the bytes", func(t *testing.T) {
		t.Parallel()
		want := []monitor.Result{{Endpoint: endpoint, Location: location, Reason: "a reason of its own"}}
		body := encoded(t, want)
		got := decoded(t, body)
		clear(body)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("got other rows (-want +got):\n%s", diff)
		}
	})
	t.Run("refuses what ends early", func(t *testing.T) {
		t.Parallel()
		body := encoded(t, storagetest.Usual(3))
		for length := range body {
			if err := rows.ReadWindow(body[:length], windowOf(nil)); !errors.Is(err, monitor.Internal) {
				t.Fatalf("got error %v of %s, want code %s", err, body[:length], monitor.Internal)
			}
		}
	})
	t.Run("refuses more rows than a window has milliseconds", func(t *testing.T) {
		t.Parallel()
		_, err := rows.AppendWindow(nil, "me", windowOf(make([]monitor.Result, rows.MaxRows+1)))
		if !errors.Is(err, monitor.Invalid) {
			t.Errorf("got error %v, want code %s", err, monitor.Invalid)
		}
	})
	t.Run("takes 26 bytes a result at most, where all is well", func(t *testing.T) {
		t.Parallel()
		if got := len(encoded(t, storagetest.Usual(600))); got > 26*600 {
			t.Errorf("got %d bytes for 600 results, want %d at most", got, 26*600)
		}
	})
}

func FuzzWindow(f *testing.F) {
	f.Add([]byte(""))
	f.Add(encoded(f, storagetest.Usual(3)))
	f.Add(encoded(f, []monitor.Result{{Reason: "\xff\"", Unmet: make([]monitor.Unmet, 3)}, {Kind: monitor.Manual, Extract: "é"}}))
	f.Fuzz(func(t *testing.T, body []byte) {
		window := windowOf(nil)
		if err := rows.ReadWindow(body, window); err != nil {
			if !errors.Is(err, monitor.Internal) {
				t.Errorf("got error %v, want code %s", err, monitor.Internal)
			}
			return
		}
		if diff := cmp.Diff(window.Rows, decoded(t, encoded(t, window.Rows)), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("got other rows:\n%s", diff)
		}
	})
}

func someCells(n int) []monitor.Cell {
	cells := make([]monitor.Cell, n)
	for i := range cells {
		cells[i] = monitor.Cell{
			Start: start.Add(time.Duration(i) * time.Minute), Passed: 58, Degraded: i % 2, Late: i % 3,
			Micros: 120_000 + int64(i), Min: 900, Max: 4000, Sketch: []byte(strings.Repeat("sketch", 10)),
		}
	}
	return cells
}

func packOf(cells []monitor.Cell) *monitor.Pack {
	return &monitor.Pack{Tier: monitor.Minutes, Endpoint: endpoint, Location: location, Start: start, Cells: cells}
}

func packed(t interface{ Fatalf(string, ...any) }, cells []monitor.Cell) []byte {
	body, err := rows.AppendPack(nil, "me", packOf(cells))
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	return body
}

func TestPack(t *testing.T) {
	t.Parallel()
	t.Run("gives back any cells as they were, and is JSON", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			want := rapid.SliceOf(rapid.Custom(func(t *rapid.T) monitor.Cell {
				n := func(name string) int64 { return storagetest.Number().Draw(t, name) }
				c := monitor.Cell{Start: monitor.Instant(n("start")), Passed: int(n("passed")), Micros: n("micros"), Min: n("min"), Max: n("max")}
				if rapid.Bool().Draw(t, "rare") {
					c.Degraded, c.Failed, c.Unknown = int(n("degraded")), int(n("failed")), int(n("unknown"))
					c.Late, c.Spared = int(n("late")), int(n("spared"))
				}
				if sketch := rapid.SliceOf(rapid.Byte()).Draw(t, "sketch"); len(sketch) > 0 {
					c.Sketch = sketch
				}
				return c
			})).Draw(t, "cells")
			body, pack := packed(t, want), packOf(nil)
			if err := rows.ReadPack(body, pack); err != nil || !json.Valid(body) {
				t.Fatalf("got %s and %v, want JSON that is read", body, err)
			}
			if diff := cmp.Diff(want, pack.Cells, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("got other cells (-want +got):\n%s", diff)
			}
		})
	})
	t.Run("is read with its fields in another order", func(t *testing.T) {
		t.Parallel()
		pack := packOf(nil)
		err := rows.ReadPack(reordered(t, packed(t, someCells(5))), pack)
		if diff := cmp.Diff(someCells(5), pack.Cells); err != nil || diff != "" {
			t.Errorf("got error %v or other cells (-want +got):\n%s", err, diff)
		}
	})
	t.Run("refuses more cells than any pack holds", func(t *testing.T) {
		t.Parallel()
		if _, err := rows.AppendPack(nil, "me", packOf(make([]monitor.Cell, 20_000))); !errors.Is(err, monitor.Invalid) {
			t.Errorf("got error %v, want code %s", err, monitor.Invalid)
		}
	})
}

func FuzzPack(f *testing.F) {
	f.Add([]byte(""))
	f.Add(packed(f, someCells(3)))
	f.Fuzz(func(t *testing.T, body []byte) {
		pack, again := packOf(nil), packOf(nil)
		if err := rows.ReadPack(body, pack); err != nil {
			if !errors.Is(err, monitor.Internal) {
				t.Errorf("got error %v, want code %s", err, monitor.Internal)
			}
			return
		}
		err := rows.ReadPack(packed(t, pack.Cells), again)
		if diff := cmp.Diff(pack.Cells, again.Cells, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Errorf("got error %v or other cells:\n%s", err, diff)
		}
	})
}

func TestLatest(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOfN(anyResult(), 0, 5).Draw(t, "rows")
		for i := range want {
			want[i].Endpoint, want[i].Location = text().Draw(t, "endpoint"), text().Draw(t, "location")
		}
		body := rows.AppendLatest(nil, "me", want)
		got, err := rows.ReadLatest(body)
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); err != nil || diff != "" || !json.Valid(body) {
			t.Fatalf("got %s, error %v or other rows (-want +got):\n%s", body, err, diff)
		}
	})
}

func TestTail(t *testing.T) {
	t.Parallel()
	for _, want := range []string{``, `{"rows":[]}`, " {\"a\": [1, 2]}\n", `}`, `"}`, "\x00\xff", `{"a":}`, `null`, `{`, `{"x":1}}`} {
		t.Run("gives back "+want, func(t *testing.T) {
			t.Parallel()
			body := rows.AppendTail(nil, `m"e`, start, []byte(want))
			arrived, got, err := rows.ReadTail(body)
			if err != nil || string(got) != want || arrived != start || json.Valid([]byte(want)) && !json.Valid(body) {
				t.Errorf("got %q at %d and %v from %s, want %q at %d", got, arrived, err, body, want, start)
			}
			clear(body)
			if string(got) != want {
				t.Errorf("got %q, want the bytes not shared", got)
			}
		})
	}
	t.Run("is read with its fields in another order", func(t *testing.T) {
		t.Parallel()
		for _, want := range []string{`{}`, `{`} {
			arrived, got, err := rows.ReadTail(reordered(t, rows.AppendTail(nil, "me", start, []byte(want))))
			if err != nil || string(got) != want || arrived != start {
				t.Errorf("got %q at %d and %v, want %q", got, arrived, err, want)
			}
		}
	})
	t.Run("refuses other documents", func(t *testing.T) {
		t.Parallel()
		for _, body := range []string{``, `{}`, `{"by":"me","arrived":1,"base64":"%"}`, `{"by":"me","arrived":1`} {
			if _, _, err := rows.ReadTail([]byte(body)); !errors.Is(err, monitor.Internal) {
				t.Errorf("%s: got error %v, want code %s", body, err, monitor.Internal)
			}
		}
	})
}
