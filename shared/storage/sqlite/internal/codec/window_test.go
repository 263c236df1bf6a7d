package codec_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/sqlite/internal/codec"
	"github.com/api-endpoint-monitor/monitor/shared/storage/storagetest"
)

const (
	endpoint = "shop/checkout"
	location = "local"
	start    = monitor.Instant(1_777_593_600_000)
)

func word() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{"", "passed", "failed", "scheduled", "timeout", "status", "no such word"}),
		rapid.String(),
	)
}

// anyResult draws results of any content, valid or not.
func anyResult() *rapid.Generator[monitor.Result] {
	return rapid.Custom(func(t *rapid.T) monitor.Result {
		n := func(name string) int64 { return storagetest.Number().Draw(t, name) }
		r := monitor.Result{
			Endpoint: endpoint, Location: location,
			Due: monitor.Instant(n("due")), Start: monitor.Instant(n("start")),
			Kind: monitor.Kind(word().Draw(t, "kind")), Outcome: monitor.Outcome(word().Draw(t, "outcome")),
			Micros: n("micros"), Status: int(n("status")), Bytes: n("bytes"),
			Phases: monitor.Phases{DNS: n("dns"), Connect: n("connect"), TLS: n("tls"), FirstByte: n("first"), Transfer: n("transfer")},

			Certificate: monitor.Instant(n("certificate")), Fault: monitor.Fault(word().Draw(t, "fault")), Reason: word().Draw(t, "reason"),
		}
		if rapid.Bool().Draw(t, "kept") {
			r.Extract = word().Draw(t, "extract")
		}
		if rapid.Bool().Draw(t, "slowed") {
			r.Spared = int(n("spared"))
		}
		for range rapid.IntRange(0, 3).Draw(t, "unmet") {
			r.Unmet = append(r.Unmet, monitor.Unmet{
				Expectation: word().Draw(t, "expectation"), Want: word().Draw(t, "want"), Got: word().Draw(t, "got"),
			})
		}
		return r
	})
}

func encoded(t interface{ Fatalf(string, ...any) }, rows []monitor.Result) []byte {
	blob, err := codec.NewEncoder().Window(rows)
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	return blob
}

func TestWindow(t *testing.T) {
	t.Parallel()
	t.Run("gives back any rows as they were", func(t *testing.T) {
		t.Parallel()
		encoder := codec.NewEncoder()
		rapid.Check(t, func(t *rapid.T) {
			// Few different rows in any order give runs, differences and repeats.
			few := rapid.SliceOfN(anyResult(), 1, 4).Draw(t, "few")
			rows := rapid.SliceOfN(rapid.SampledFrom(few), 0, 40).Draw(t, "rows")
			blob, err := encoder.Window(rows)
			if err != nil {
				t.Fatalf("encode: %v", err)
			}
			got, err := new(codec.Decoder).Window(blob, endpoint, location)
			if err != nil {
				t.Fatalf("decode: %v", err)
			}
			if len(rows) == 0 {
				rows = nil
			}
			if diff := cmp.Diff(rows, got); diff != "" {
				t.Fatalf("got other rows (-want +got):\n%s", diff)
			}
			if again := encoded(t, rows); !bytes.Equal(again, blob) {
				t.Fatalf("got other bytes for the same rows")
			}
		})
	})
	t.Run("does not keep the bytes", func(t *testing.T) {
		t.Parallel()
		want := []monitor.Result{{Endpoint: endpoint, Location: location, Reason: "a reason of its own"}}
		blob := encoded(t, want)
		got, err := new(codec.Decoder).Window(blob, endpoint, location)
		if err != nil {
			t.Fatalf("decode: %v", err)
		}
		clear(blob)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("got other rows (-want +got):\n%s", diff)
		}
	})
	t.Run("finds every changed bit", func(t *testing.T) {
		t.Parallel()
		rows := storagetest.Usual(20)
		rows[7].Extract = "no upstream is healthy"
		blob := encoded(t, rows)
		for bit := range len(blob) * 8 {
			damaged := bytes.Clone(blob)
			damaged[bit/8] ^= 1 << (bit % 8)
			if _, err := new(codec.Decoder).Window(damaged, endpoint, location); !errors.Is(err, monitor.Internal) {
				t.Fatalf("got error %v for a changed bit %d, want code %s", err, bit, monitor.Internal)
			}
		}
	})
	t.Run("refuses more rows than a window has milliseconds", func(t *testing.T) {
		t.Parallel()
		_, err := codec.NewEncoder().Window(make([]monitor.Result, codec.MaxRows+1))
		if !errors.Is(err, monitor.Invalid) {
			t.Errorf("got error %v, want code %s", err, monitor.Invalid)
		}
	})
	t.Run("takes little more for an extract that comes again and again", func(t *testing.T) {
		t.Parallel()
		rows := storagetest.Usual(600)
		before := len(encoded(t, rows))
		for i := range rows[100:500] {
			rows[100+i].Extract = strings.Repeat("x", monitor.MaxExtract)
		}
		if got := len(encoded(t, rows)) - before; got < monitor.MaxExtract || got > monitor.MaxExtract+16 {
			t.Errorf("got %d bytes more, want the extract once and 16 at most", got)
		}
	})
	t.Run("takes 10 bytes a result at most, where all is well", func(t *testing.T) {
		t.Parallel()
		for n, limit := range map[int]int{600: 10, 60: 11, 10: 17} {
			if got := len(encoded(t, storagetest.Usual(n))); got > limit*n {
				t.Errorf("got %d bytes for %d results, want %d at most", got, n, limit*n)
			}
		}
	})
}

// withHeader puts the version and a right checksum before a body.
func withHeader(version byte, body []byte) []byte {
	blob := binary.LittleEndian.AppendUint32([]byte{version}, crc32.Checksum(body, crc32.MakeTable(crc32.Castagnoli)))
	return append(blob, body...)
}

// A body that claims 600,000 equal rows in a few bytes is right, if unlikely:
// it is what bounds the memory that hostile bytes can take.
func FuzzWindow(f *testing.F) {
	f.Add(byte(1), []byte{})
	f.Add(byte(1), encoded(f, storagetest.Usual(30))[5:])
	f.Add(byte(1), encoded(f, []monitor.Result{{Reason: "x", Unmet: make([]monitor.Unmet, 3)}, {}})[5:])
	f.Add(byte(2), encoded(f, []monitor.Result{{Reason: "x", Extract: "y", Unmet: make([]monitor.Unmet, 3)}, {}})[5:])
	f.Fuzz(func(t *testing.T, version byte, body []byte) {
		_, _ = new(codec.Decoder).Window(body, endpoint, location)
		rows, err := new(codec.Decoder).Window(withHeader(version, body), endpoint, location)
		if err != nil {
			if !errors.Is(err, monitor.Internal) {
				t.Errorf("got error %v, want code %s", err, monitor.Internal)
			}
			return
		}
		again, err := new(codec.Decoder).Window(encoded(t, rows), endpoint, location)
		if err != nil {
			t.Fatalf("decode what was encoded: %v", err)
		}
		if len(rows) < 1000 && !cmp.Equal(rows, again) {
			t.Errorf("got other rows:\n%s", cmp.Diff(rows, again))
		}
	})
}

func FuzzCells(f *testing.F) {
	f.Add([]byte{})
	f.Add(cellBytes(f, someCells(20))[5:])
	f.Fuzz(func(t *testing.T, body []byte) {
		_, _ = new(codec.Decoder).Cells(body)
		cells, err := new(codec.Decoder).Cells(withHeader(1, body))
		if err != nil {
			if !errors.Is(err, monitor.Internal) {
				t.Errorf("got error %v, want code %s", err, monitor.Internal)
			}
			return
		}
		again, err := new(codec.Decoder).Cells(cellBytes(t, cells))
		if err != nil || !cmp.Equal(cells, again) {
			t.Errorf("got error %v or other cells:\n%s", err, cmp.Diff(cells, again))
		}
	})
}

func cellBytes(t interface{ Fatalf(string, ...any) }, cells []monitor.Cell) []byte {
	blob, err := codec.NewEncoder().Cells(cells)
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	return blob
}

func someCells(n int) []monitor.Cell {
	cells := make([]monitor.Cell, n)
	for i := range cells {
		cells[i] = monitor.Cell{
			Start: start.Add(time.Duration(i) * time.Minute), Passed: 58, Degraded: i % 2, Late: i % 3,
			Micros: 120_000 + int64(i), Min: 900, Max: 4000, Sketch: []byte{1, 2, byte(i)},
		}
	}
	return cells
}

func TestCells(t *testing.T) {
	t.Parallel()
	t.Run("gives back any cells as they were", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			cells := rapid.SliceOf(rapid.Custom(func(t *rapid.T) monitor.Cell {
				n := func(name string) int64 { return storagetest.Number().Draw(t, name) }
				c := monitor.Cell{
					Start: monitor.Instant(n("start")), Passed: int(n("passed")), Degraded: int(n("degraded")),
					Failed: int(n("failed")), Unknown: int(n("unknown")), Late: int(n("late")), Spared: int(n("spared")),
					Micros: n("micros"), Min: n("min"), Max: n("max"),
				}
				if sketch := rapid.SliceOf(rapid.Byte()).Draw(t, "sketch"); len(sketch) > 0 {
					c.Sketch = sketch
				}
				return c
			})).Draw(t, "cells")
			got, err := new(codec.Decoder).Cells(cellBytes(t, cells))
			if err != nil {
				t.Fatalf("decode: %v", err)
			}
			if len(cells) == 0 {
				cells = nil
			}
			if diff := cmp.Diff(cells, got); diff != "" {
				t.Fatalf("got other cells (-want +got):\n%s", diff)
			}
		})
	})
	t.Run("refuses more cells than any pack holds", func(t *testing.T) {
		t.Parallel()
		_, err := codec.NewEncoder().Cells(make([]monitor.Cell, 20_000))
		if !errors.Is(err, monitor.Invalid) {
			t.Errorf("got error %v, want code %s", err, monitor.Invalid)
		}
	})
}
