package codec_test

import (
	"bytes"
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/sqlite/internal/codec"
	"github.com/api-endpoint-monitor/monitor/shared/storage/storagetest"
)

// What has been stored must stay readable: these bytes never change. A new
// form gets a new version and a file of its own.
func TestStoredBytes(t *testing.T) {
	t.Parallel()
	rows := storagetest.Usual(5)
	rows[2].Start = 0
	rows[3].Outcome, rows[3].Fault, rows[3].Reason = monitor.Failed, monitor.FaultExpectation, "status is 500"
	rows[3].Unmet = []monitor.Unmet{{Expectation: "status", Want: "200-299", Got: "500"}}
	extracts := slices.Clone(rows)
	extracts[3].Extract, extracts[4].Extract = "<h1>Bad gateway</h1>", "no upstream…"
	spared := slices.Clone(extracts)
	spared[3].Spared, spared[4].Spared = 3, 1
	stored := map[string][]monitor.Result{"window.v1.hex": rows, "window.v2.hex": extracts, "window.v3.hex": spared}
	for name, rows := range stored {
		t.Run("of "+name+" are read, and the same rows are still written so", func(t *testing.T) {
			t.Parallel()
			stored := golden(t, name, encoded(t, rows))
			got, err := new(codec.Decoder).Window(stored, endpoint, location)
			if diff := cmp.Diff(rows, got); err != nil || diff != "" {
				t.Errorf("got error %v or other rows (-want +got):\n%s", err, diff)
			}
			if now := encoded(t, rows); !bytes.Equal(now, stored) {
				t.Errorf("got %x, want %x", now, stored)
			}
		})
	}
	sparing := someCells(4)
	sparing[2].Spared = 180
	for name, cells := range map[string][]monitor.Cell{"pack.v1.hex": someCells(4), "pack.v2.hex": sparing} {
		t.Run("of "+name+" are read", func(t *testing.T) {
			t.Parallel()
			got, err := new(codec.Decoder).Cells(golden(t, name, cellBytes(t, cells)))
			if diff := cmp.Diff(cells, got); err != nil || diff != "" {
				t.Errorf("got error %v or other cells (-want +got):\n%s", err, diff)
			}
		})
	}
}

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, name string, now []byte) []byte {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(hex.EncodeToString(now)+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	blob, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return blob
}
