package sqlite_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
	"github.com/api-endpoint-monitor/monitor/shared/storage/sqlite"
)

func TestBackup(t *testing.T) {
	t.Parallel()
	t.Run("is a store of its own with all that was kept", func(t *testing.T) {
		t.Parallel()
		store := opened(t, sqlite.Options{})
		want := window("shop/a", now, 30)
		check(t, store.CommitFold(t.Context(), storage.Fold{Windows: []monitor.Window{want}}))
		path := filepath.Join(t.TempDir(), "a copy?.db")
		check(t, store.Backup(t.Context(), path))
		check(t, store.AppendTail(t.Context(), 0, now, []byte("later")))

		backup := openAt(t, path, sqlite.Options{})
		defer func() { check(t, backup.Close()) }()
		got := must(backup.Results(t.Context(), "shop/a", "local", 0, forever))(t)
		if diff := cmp.Diff(want.Rows, got); diff != "" {
			t.Errorf("got other results than were kept:\n%s", diff)
		}
		if tail := must(backup.TailRows(t.Context(), 0, 0, 1))(t); len(tail) != 0 {
			t.Errorf("got %d rows that came later, want none", len(tail))
		}
	})
	t.Run("replaces no file", func(t *testing.T) {
		t.Parallel()
		store := opened(t, sqlite.Options{})
		path := filepath.Join(t.TempDir(), "mine.txt")
		for _, content := range []string{"", "mine"} {
			check(t, os.WriteFile(path, []byte(content), 0o600))
			if err := store.Backup(t.Context(), path); !errors.Is(err, monitor.Conflict) {
				t.Errorf("got error %v, want code %s", err, monitor.Conflict)
			}
			if got := must(os.ReadFile(path))(t); string(got) != content {
				t.Errorf("got %q in the file, want %q", got, content)
			}
		}
	})
	t.Run("leaves nothing behind where it fails", func(t *testing.T) {
		t.Parallel()
		store := opened(t, sqlite.Options{})
		folder := t.TempDir()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for _, path := range []string{filepath.Join(folder, "a.db"), filepath.Join(folder, "none", "a.db")} {
			if err := store.Backup(ctx, path); !errors.Is(err, monitor.Unavailable) {
				t.Errorf("got error %v, want code %s", err, monitor.Unavailable)
			}
		}
		if left := must(os.ReadDir(folder))(t); len(left) != 0 {
			t.Errorf("got files %v, want none", left)
		}
	})
}
