package sqlite_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
	"github.com/api-endpoint-monitor/monitor/shared/storage/sqlite"
	"github.com/api-endpoint-monitor/monitor/shared/storage/storagetest"
)

// wantFault wants an error with the code whose text holds each of the words.
func wantFault(t testing.TB, err error, code monitor.Code, words ...string) {
	t.Helper()
	if !errors.Is(err, code) {
		t.Errorf("got error %v, want code %s", err, code)
		return
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("got error %q, want one that says %q", err, word)
		}
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	t.Run("refuses a file that is no database, and leaves it as it is", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "monitor.db")
		content := bytes.Repeat([]byte("no database\n"), 1000)
		check(t, os.WriteFile(path, content, 0o600))
		_, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		wantFault(t, err, monitor.Internal, path, "damaged", "backup")
		if got := must(os.ReadFile(path))(t); !bytes.Equal(got, content) {
			t.Error("got another file, want it as it was")
		}
	})
	t.Run("refuses the schema of a newer version", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "monitor.db")
		check(t, openAt(t, path, sqlite.Options{}).Close())
		db := rawAt(t, path)
		must(db.ExecContext(t.Context(), "PRAGMA user_version = 99"))(t)
		_, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		wantFault(t, err, monitor.Invalid, path, "newer version", "99")
	})
	t.Run("takes over a file of an earlier schema, which older programs then refuse", func(t *testing.T) {
		t.Parallel()
		forms := must(filepath.Glob("internal/codec/testdata/window.v*.hex"))(t) // each came with a schema
		for before := 1; before < len(forms); before++ {
			path := filepath.Join(t.TempDir(), "monitor.db")
			check(t, openAt(t, path, sqlite.Options{}).Close())
			db := rawAt(t, path)
			must(db.ExecContext(t.Context(), fmt.Sprintf("ALTER TABLE packs DROP COLUMN revision; PRAGMA user_version = %d", before)))(t)
			check(t, openAt(t, path, sqlite.Options{}).Close())
			var schema int
			check(t, db.QueryRowContext(t.Context(), "PRAGMA user_version").Scan(&schema))
			if schema < len(forms) {
				t.Errorf("got schema %d after %d, want one for each of %d forms of windows", schema, before, len(forms))
			}
		}
	})
	t.Run("in a folder that is not there is unavailable", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "none", "monitor.db")
		_, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		wantFault(t, err, monitor.Unavailable, path, "folder")
	})
	t.Run("takes any path", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "a b?c=d&mode=memory#e%20ü.db")
		check(t, openAt(t, path, sqlite.Options{}).Close())
		if _, err := os.Stat(path); err != nil {
			t.Errorf("got %v, want the database at its path", err)
		}
	})
}

// rawAt opens the file as a program of others would.
func rawAt(t testing.TB, path string) *sql.DB {
	t.Helper()
	db := must(sql.Open("sqlite", path))(t)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func TestDamage(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "monitor.db")
	store := openAt(t, path, sqlite.Options{})
	check(t, store.CommitFold(t.Context(), storage.Fold{Windows: []monitor.Window{window("shop/a", now, 600)}}))
	check(t, store.Close())

	t.Run("of one window is told when it is read", func(t *testing.T) {
		copied := damagedCopy(t, path, func(db *sql.DB) {
			must(db.ExecContext(t.Context(), "UPDATE windows SET rows = zeroblob(length(rows))"))(t)
		})
		store := openAt(t, copied, sqlite.Options{})
		defer func() { check(t, store.Close()) }()
		_, err := store.Results(t.Context(), "shop/a", "local", 0, forever)
		wantFault(t, err, monitor.Internal, copied, "damaged", "backup")
		check(t, store.Ready(t.Context()))
	})
	t.Run("of the file is told when it is met", func(t *testing.T) {
		copied := damagedCopy(t, path, func(*sql.DB) {})
		content := must(os.ReadFile(copied))(t)
		for i := 4096; i < len(content); i++ {
			content[i] = 0xa5
		}
		check(t, os.WriteFile(copied, content, 0o600))
		store, err := sqlite.Open(t.Context(), copied, sqlite.Options{})
		if err == nil {
			_, err = store.Results(t.Context(), "shop/a", "local", 0, forever)
			_ = store.Close()
		}
		wantFault(t, err, monitor.Internal, copied, "damaged", "backup")
	})
}

func damagedCopy(t *testing.T, path string, damage func(db *sql.DB)) string {
	t.Helper()
	copied := filepath.Join(t.TempDir(), "copy.db")
	check(t, os.WriteFile(copied, must(os.ReadFile(path))(t), 0o600))
	db := rawAt(t, copied)
	damage(db)
	check(t, db.Close())
	return copied
}

func TestFullDisk(t *testing.T) {
	t.Parallel()
	store := opened(t, sqlite.Options{})
	check(t, sqlite.LimitPages(store, 200))
	data := bytes.Repeat([]byte("x"), 20_000)
	kept := 0
	var full error
	for range 200 {
		if full = store.AppendTail(t.Context(), 0, now, data); full != nil {
			break
		}
		kept++
	}
	wantFault(t, full, monitor.Unavailable, "no room", "free disk space")
	rows := must(store.TailRows(t.Context(), 0, 0, 1000))(t)
	if len(rows) != kept || kept == 0 {
		t.Errorf("got %d rows, want the %d that were acknowledged", len(rows), kept)
	}
	wantFault(t, store.Ready(t.Context()), monitor.Unavailable, "no room", "free disk space")

	errs := storagetest.Together(8, func(int) error { return store.AppendTail(t.Context(), 0, now, data) })
	for _, err := range errs {
		wantFault(t, err, monitor.Unavailable, "no room")
	}
	last := rows[len(rows)-1].Seq
	check(t, store.CommitFold(t.Context(), storage.Fold{Folded: last, Drop: last}))
	check(t, store.Ready(t.Context()))
	check(t, store.AppendTail(t.Context(), 0, now, data))
}

func TestFullDiskForNewEndpoints(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "monitor.db")
	store := openAt(t, path, sqlite.Options{})
	check(t, sqlite.LimitPages(store, 40))
	var fold storage.Fold
	for i := range 5000 {
		fold.Windows = append(fold.Windows, window(fmt.Sprintf("shop/%d", i), now, 1))
	}
	wantFault(t, store.CommitFold(t.Context(), fold), monitor.Unavailable, "no room")
	check(t, sqlite.LimitPages(store, 0))
	for _, i := range []int{3, 1} {
		check(t, store.CommitFold(t.Context(), storage.Fold{Windows: fold.Windows[i : i+1]}))
	}
	check(t, store.Close())
	store = openAt(t, path, sqlite.Options{})
	defer func() { check(t, store.Close()) }()
	for _, i := range []int{3, 1} {
		if got := must(store.Results(t.Context(), fold.Windows[i].Endpoint, "local", 0, forever))(t); len(got) != 1 {
			t.Errorf("got %d results of %s, want 1", len(got), fold.Windows[i].Endpoint)
		}
	}
}
