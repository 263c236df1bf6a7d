package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate runs the migrations that the file has not seen, each in a
// transaction of its own. Another process may do the same at the same time.
func migrate(ctx context.Context, conn *sql.Conn, path string) error {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	version, err := schemaVersion(ctx, conn)
	if err != nil {
		return err
	}
	if version > len(names) {
		return monitor.Errorf(monitor.Invalid,
			"%s was made by a newer version of the monitor (schema %d, this one knows %d): use that version, or restore a backup",
			path, version, len(names))
	}
	if err := format(ctx, conn, version); err != nil {
		return err
	}
	for number := version + 1; number <= len(names); number++ {
		script, err := fs.ReadFile(migrations, names[number-1])
		if err != nil {
			return err
		}
		if err := migrateTo(ctx, conn, number, string(script)); err != nil {
			return fmt.Errorf("migrate to schema %d: %w", number, err)
		}
	}
	return nil
}

// format sets what a file keeps for good, before anything is written. Large
// pages suit windows and events, which are of many kilobytes; free pages can be
// given back only where that is said at the beginning.
func format(ctx context.Context, conn *sql.Conn, version int) error {
	if version == 0 {
		if _, err := conn.ExecContext(ctx, "PRAGMA page_size = 8192; PRAGMA auto_vacuum = INCREMENTAL"); err != nil {
			return err
		}
	}
	_, err := conn.ExecContext(ctx, "PRAGMA journal_mode = WAL")
	return err
}

func migrateTo(ctx context.Context, conn *sql.Conn, number int, script string) error {
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	version, err := schemaVersion(ctx, conn)
	if err == nil && version < number {
		_, err = conn.ExecContext(ctx, fmt.Sprintf("%s; PRAGMA user_version = %d", script, number))
	}
	if err == nil {
		_, err = conn.ExecContext(ctx, "COMMIT")
	}
	if err != nil {
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
	}
	return err
}

func schemaVersion(ctx context.Context, conn *sql.Conn) (int, error) {
	var version int
	err := conn.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version)
	return version, err
}
