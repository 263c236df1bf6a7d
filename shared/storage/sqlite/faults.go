package sqlite

import (
	"context"
	"errors"

	engine "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// primary masks the code of an error down to its kind
// (https://www.sqlite.org/rescode.html).
const primary = 0xff

// fault gives an error of the engine its monitor code and says what to do.
func (s *Store) fault(err error) error {
	var known *monitor.Error
	switch {
	case err == nil, errors.As(err, &known):
		return err
	case s.closed.Load():
		return errClosed
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return monitor.Wrap(monitor.Unavailable, err, "the store was not waited for")
	}
	var failed *engine.Error
	if !errors.As(err, &failed) {
		return monitor.Wrap(monitor.Internal, err, "the store failed")
	}
	switch failed.Code() & primary {
	case codes.SQLITE_BUSY, codes.SQLITE_LOCKED:
		return monitor.Wrap(monitor.Unavailable, err,
			"%s is locked by another process: stop what holds it, or try again", s.path)
	case codes.SQLITE_FULL:
		return monitor.Wrap(monitor.Unavailable, err,
			"there is no room left to write %s: free disk space, or lower MONITOR_DISK", s.path)
	case codes.SQLITE_IOERR, codes.SQLITE_NOMEM:
		return monitor.Wrap(monitor.Unavailable, err,
			"%s cannot be read or written: check the disk and its free space", s.path)
	case codes.SQLITE_CANTOPEN, codes.SQLITE_READONLY, codes.SQLITE_PERM, codes.SQLITE_AUTH:
		return monitor.Wrap(monitor.Unavailable, err,
			"%s cannot be opened for writing: check that its folder exists and that both may be written", s.path)
	case codes.SQLITE_CORRUPT, codes.SQLITE_NOTADB:
		return s.damaged(err)
	default:
		return monitor.Wrap(monitor.Internal, err, "the store failed")
	}
}

// unwritable tells whether the engine found no room or had no right to write:
// what does not pass as a lock of another process does.
func unwritable(err error) bool {
	var failed *engine.Error
	if !errors.As(err, &failed) {
		return false
	}
	switch failed.Code() & primary {
	case codes.SQLITE_FULL, codes.SQLITE_IOERR, codes.SQLITE_CANTOPEN, codes.SQLITE_READONLY, codes.SQLITE_PERM:
		return true
	default:
		return false
	}
}

func (s *Store) damaged(err error) error {
	return monitor.Wrap(monitor.Internal, err,
		"%s is damaged: stop the monitor, move the file and those beside it (-wal, -shm) away, and put a backup in its place", s.path)
}
