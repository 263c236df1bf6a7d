// Package drivers opens the store that the settings name.
package drivers

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase"
	"github.com/api-endpoint-monitor/monitor/shared/storage/sqlite"
)

// Settings are the environment variables that say where everything is kept,
// and for how long.
type Settings struct {
	Store     string           `envconfig:"MONITOR_STORE" default:"sqlite" desc:"where everything is kept: sqlite (a file in MONITOR_DATA) or couchbase (a cluster)"`
	Data      string           `envconfig:"MONITOR_DATA" default:"data" desc:"folder of the SQLite database, and of what belongs to this process alone; made if it is not there"`
	Retention monitor.Duration `envconfig:"MONITOR_RETENTION" default:"7d" desc:"how long each single result is kept, at least 1h"`
	Disk      Size             `envconfig:"MONITOR_DISK" default:"10GB" desc:"how large the database may grow, at least 64MB; beyond it the oldest results go first, but none that wait to be folded; not for couchbase, whose buckets have quotas"`
	Couchbase couchbase.Settings
}

// The stores that there are.
const (
	inFile    = "sqlite"
	inCluster = "couchbase"
)

// The least that Settings may ask for.
const (
	minRetention = time.Hour
	minDisk      = 64_000_000
)

// Store is a storage.Store with what its keeper needs.
type Store interface {
	storage.Store
	// Maintain removes what is too old at now, and the oldest results where the
	// disk is used up. Call it about once a minute; a call does a bounded amount
	// of work. Unavailable: the limit of the disk cannot be kept.
	Maintain(ctx context.Context, now monitor.Instant) error
	// Backup writes a copy of everything to a new file. Conflict: the file is
	// there already.
	Backup(ctx context.Context, path string) error
}

// Open opens the store that the settings name, and gives its metrics to the
// registry; nil: to none. Invalid: the settings are at fault.
func Open(ctx context.Context, s Settings, registry prometheus.Registerer) (Store, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if s.Store == inCluster {
		return openCluster(ctx, s, registry)
	}
	return openFile(ctx, s, registry)
}

func openFile(ctx context.Context, s Settings, registry prometheus.Registerer) (Store, error) {
	if err := os.MkdirAll(s.Data, 0o700); err != nil {
		return nil, unmade(s.Data, err)
	}
	store, err := sqlite.Open(ctx, s.path(), sqlite.Options{
		Retention: s.Retention.D(), Disk: int64(s.Disk), Registry: registry,
	})
	if err != nil {
		return nil, err
	}
	return store, nil
}

func (s Settings) path() string { return filepath.Join(s.Data, "monitor.db") }

// Made returns nil if there is a store already, and NotFound if Open would
// make one.
func (s Settings) Made() error {
	if s.Store == inCluster {
		return nil
	}
	if _, err := os.Stat(s.path()); errors.Is(err, fs.ErrNotExist) {
		return monitor.Errorf(monitor.NotFound, "there is no database %s: check MONITOR_DATA", s.path())
	}
	return nil
}

// Claim takes the folder of the store for the one process that does everything,
// until release is called or the process ends. Conflict: another has it. Both
// would check and tell everything, each from what it remembers.
func Claim(s Settings) (release func(), err error) {
	return s.take(lockAlone, "stop it, or set MONITOR_DATA to another folder")
}

// Share takes the folder of the store for one of several processes that have
// each event handled once among them, and trust nothing that they remember, until
// release is called or the process ends. Conflict: a process has claimed it that
// does everything by itself.
func Share(s Settings) (release func(), err error) {
	return s.take(lockShared, "start it with MONITOR_EVENTS=kafka too, stop it, or set MONITOR_DATA to another folder")
}

func (s Settings) take(lock func(*os.File) error, remedy string) (release func(), err error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(s.Data, 0o700); err != nil {
		return nil, unmade(s.Data, err)
	}
	file, err := os.OpenFile(filepath.Join(s.Data, "monitor.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, unmade(s.Data, err)
	}
	if err := lock(file); err != nil {
		_ = file.Close()
		return nil, monitor.Wrap(monitor.Conflict, err,
			"another monitor runs on the folder %s: %s", s.Data, remedy)
	}
	return func() { _ = file.Close() }, nil
}

func unmade(folder string, err error) error {
	return monitor.Wrap(monitor.Unavailable, err,
		"the folder %s cannot be made: check MONITOR_DATA and the rights of the folder above it", folder)
}

// Check returns an Invalid error for every setting that cannot be.
func (s Settings) Check() error {
	var faults []error
	fault := func(wrong bool, field, format string, args ...any) {
		if wrong {
			faults = append(faults, monitor.FieldErrorf(field, format, args...))
		}
	}
	fault(s.Store != inFile && s.Store != inCluster, "MONITOR_STORE", "must be %s or %s, got %q", inFile, inCluster, s.Store)
	fault(s.Data == "", "MONITOR_DATA", "must name a folder")
	fault(s.Retention.D() < minRetention, "MONITOR_RETENTION", "must be at least %s, got %s", monitor.Duration(minRetention), s.Retention)
	fault(s.Disk < minDisk, "MONITOR_DISK", "must be at least %s, got %s", Size(minDisk), s.Disk)
	if s.Store == inCluster {
		faults = append(faults, s.Couchbase.Check())
	}
	astray := chosen(reflect.ValueOf(s.Couchbase))
	fault(s.Store == inFile && len(astray) > 0, "MONITOR_STORE",
		"must be %s where there is %s, which %s has no use for", inCluster, strings.Join(astray, ", "), inFile)
	return errors.Join(faults...)
}

// chosen returns the names of the settings that have other values than those that
// they have by themselves.
func chosen(settings reflect.Value) []string {
	var names []string
	for field, value := range settings.Fields() {
		name, usual := field.Tag.Get("envconfig"), field.Tag.Get("default")
		switch {
		case name == "":
			names = append(names, chosen(value)...)
		case !value.IsZero() && usual != strings.Trim(fmt.Sprint(value), "[]"):
			names = append(names, name)
		}
	}
	return names
}
