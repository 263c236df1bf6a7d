package rows_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/rows"
	"github.com/api-endpoint-monitor/monitor/shared/storage/storagetest"
)

var update = flag.Bool("update", false, "write the golden files")

// What has been stored must stay readable: these documents never change.
func TestStoredDocuments(t *testing.T) {
	t.Parallel()
	few := storagetest.Usual(5)
	few[2].Start = 0
	few[3].Kind, few[3].Outcome, few[3].Fault, few[3].Reason = monitor.Confirm, monitor.Failed, monitor.FaultExpectation, "status is 500"
	few[3].Unmet = []monitor.Unmet{{Expectation: "status", Want: "200-299", Got: "500"}}
	few[3].Status, few[3].Spared, few[3].Extract = 500, 3, "<h1>Bad gateway</h1>\nno upstream…"
	t.Run("of windows are read, and the same rows are still written so", func(t *testing.T) {
		t.Parallel()
		stored := golden(t, "window.json", encoded(t, few))
		if diff := cmp.Diff(few, decoded(t, stored)); diff != "" {
			t.Errorf("got other rows (-want +got):\n%s", diff)
		}
	})
	t.Run("of packs are read, and the same cells are still written so", func(t *testing.T) {
		t.Parallel()
		cells := someCells(4)
		cells[2].Spared, cells[3] = 180, monitor.Cell{Start: cells[3].Start, Unknown: 2}
		pack := packOf(nil)
		err := rows.ReadPack(golden(t, "pack.json", packed(t, cells)), pack)
		if diff := cmp.Diff(cells, pack.Cells); err != nil || diff != "" {
			t.Errorf("got error %v or other cells (-want +got):\n%s", err, diff)
		}
	})
	t.Run("of latest results are read, and the same results are still written so", func(t *testing.T) {
		t.Parallel()
		latest, err := rows.ReadLatest(golden(t, "latest.json", rows.AppendLatest(nil, "me", few[2:4])))
		if diff := cmp.Diff(few[2:4], latest); err != nil || diff != "" {
			t.Errorf("got error %v or other rows (-want +got):\n%s", err, diff)
		}
	})
}

// golden returns the stored document, and wants it to be what is written now.
func golden(t *testing.T, name string, now []byte) []byte {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, append(now, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	stored := bytes.TrimSuffix(text, []byte("\n"))
	if !bytes.Equal(now, stored) {
		t.Errorf("got %s, want %s", now, stored)
	}
	return stored
}
