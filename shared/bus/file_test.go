package bus_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/bus"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func ids(t *testing.T, path string) []string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var out []string
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var e struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatalf("line %q: %v", lines.Text(), err)
		}
		out = append(out, e.ID)
	}
	return out
}

func TestDeadLetterFile(t *testing.T) {
	t.Parallel()

	t.Run("holds one event a line and begins anew when it is full", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "dead.jsonl")
		keep := bus.DeadLetterFile(path, 500)
		for n := range 5 {
			if err := keep(t.Context(), event(strconv.Itoa(n), "a")); err != nil {
				t.Fatalf("keep: %v", err)
			}
		}
		if diff := cmp.Diff([]string{"4"}, ids(t, path)); diff != "" {
			t.Errorf("newest file (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"2", "3"}, ids(t, path+".1")); diff != "" {
			t.Errorf("file before it (-want +got):\n%s", diff)
		}
	})

	t.Run("says where it cannot write", func(t *testing.T) {
		t.Parallel()
		keep := bus.DeadLetterFile(filepath.Join(t.TempDir(), "missing", "dead.jsonl"), 500)
		if err := keep(t.Context(), event("1", "a")); !errors.Is(err, monitor.Unavailable) {
			t.Errorf("got %v, want unavailable", err)
		}
	})
}
