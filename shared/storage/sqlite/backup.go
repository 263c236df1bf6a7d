package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Backup writes a copy of everything to a new file at path, as it is at one
// moment, while the store is in use. The copy is a database of its own: to go
// back to it, put it in the store's place while nothing uses that. While it is
// written the store's log cannot be cut, so it grows.
//
// Conflict: something is at path already; it stays as it is. Where Backup
// fails, nothing is at path.
func (s *Store) Backup(ctx context.Context, path string) error {
	if s.closed.Load() {
		return errClosed
	}
	if _, err := os.Lstat(path); err == nil {
		return taken(path)
	}
	folder, err := os.MkdirTemp(filepath.Dir(path), ".backup-")
	if err != nil {
		return unwritten(path, err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	copied := filepath.Join(folder, "copy.db")
	if err := s.copyTo(ctx, copied); err != nil {
		return s.fault(err)
	}
	return publish(copied, path)
}

// publish moves a finished copy to path, and never onto another file.
func publish(copied, path string) error {
	if err := flush(copied); err != nil {
		return unwritten(path, err)
	}
	place, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return taken(path)
	}
	if err != nil {
		return unwritten(path, err)
	}
	_ = place.Close()
	if err := os.Rename(copied, path); err != nil {
		_ = os.Remove(path)
		return unwritten(path, err)
	}
	return nil
}

// copyTo runs on a connection of its own: the store's readers change nothing.
func (s *Store) copyTo(ctx context.Context, path string) error {
	absolute, err := filepath.Abs(s.path)
	if err != nil {
		return err
	}
	db, err := sql.Open("sqlite", dsn(absolute, s.options.Busy, readCache))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", path)
	return err
}

func flush(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(file.Chmod(0o600), file.Sync(), file.Close())
}

func taken(path string) error {
	return monitor.Errorf(monitor.Conflict, "%s is there already: name a new file", path)
}

func unwritten(path string, err error) error {
	return monitor.Wrap(monitor.Unavailable, err,
		"the backup cannot be written to %s: check that its folder exists, may be written and has room", path)
}
