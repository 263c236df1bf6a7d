package sqlite

import (
	"context"
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"

	_ "modernc.org/sqlite" // the engine

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

var _ storage.Store = (*Store)(nil)

// readers is how many reads run at once.
const readers = 4

// The pages that a connection keeps, in KiB. The system keeps the file's pages
// as well, and for all connections at once.
const (
	writeCache = 2 << 10
	readCache  = 512
)

// Store keeps everything in one SQLite file. It serves many goroutines.
type Store struct {
	path    string
	options Options
	write   *writer
	read    *reader
	series  seriesIDs
	metrics *metrics
	closed  atomic.Bool
}

// Open opens the database at path and makes it if it is not there; its folder
// must exist. Unavailable: it cannot be opened or is locked. Invalid: a newer
// version of the program has made it. Internal: it is damaged.
func Open(ctx context.Context, path string, options Options) (*Store, error) {
	options = options.withDefaults()
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, monitor.Wrap(monitor.Unavailable, err, "find %s", path)
	}
	s := &Store{path: path, options: options}
	makePrivate(absolute)
	db, err := sql.Open("sqlite", dsn(absolute, options.Busy, writeCache))
	if err != nil {
		return nil, s.fault(err)
	}
	db.SetMaxOpenConns(1)
	if err := s.begin(ctx, db, absolute); err != nil {
		_ = db.Close()
		return nil, s.fault(err)
	}
	return s, nil
}

// makePrivate makes the file, if it is not there, for its owner only; SQLite
// gives the same mode to the files beside it. What stands against it, SQLite
// says when it opens the file.
func makePrivate(path string) {
	if file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600); err == nil {
		_ = file.Close()
	}
}

// begin brings the schema up to date and starts the writer and the readers.
func (s *Store) begin(ctx context.Context, db *sql.DB, path string) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	if err := migrate(ctx, conn, s.path); err != nil {
		return err
	}
	reading, err := sql.Open("sqlite", dsn(path, s.options.Busy, readCache)+"&_query_only=1")
	if err != nil {
		return err
	}
	reading.SetMaxOpenConns(readers)
	reading.SetMaxIdleConns(readers)
	s.read = &reader{db: reading}
	s.write = newWriter(db, conn)
	s.metrics = newMetrics(s)
	if err := s.options.Registry.Register(s.metrics.all); err != nil {
		_ = reading.Close()
		return err
	}
	go s.write.run(s.metrics)
	return nil
}

// dsn names the file and what every connection to it sets.
func dsn(path string, busy time.Duration, cache int) string {
	file := url.URL{Scheme: "file", Path: filepath.ToSlash(path)}
	query := url.Values{
		"_busy_timeout": {strconv.FormatInt(busy.Milliseconds(), 10)},
		"_pragma": {
			"synchronous(NORMAL)", "wal_autocheckpoint(4000)", "journal_size_limit(67108864)",
			"cache_size(-" + strconv.Itoa(cache) + ")",
		},
	}
	file.RawQuery = query.Encode()
	return file.String()
}

// Ready implements storage.Store. It writes nothing: a monitor that runs writes
// all the time, so the last transaction tells whether the next one will do.
func (s *Store) Ready(ctx context.Context) error {
	if _, err := s.CatalogRevision(ctx); err != nil {
		return err
	}
	if refusal := s.write.refusal.Load(); refusal != nil {
		return s.fault(*refusal)
	}
	return nil
}

// Close finishes the writes that have been asked for and closes the file.
func (s *Store) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	err := s.write.close()
	if failed := s.read.db.Close(); err == nil {
		err = failed
	}
	s.options.Registry.Unregister(s.metrics.all)
	return s.fault(err)
}
