package drivers_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/kelseyhightower/envconfig"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase"
	"github.com/api-endpoint-monitor/monitor/shared/storage/drivers"
)

func TestOpen(t *testing.T) {
	t.Parallel()
	good := drivers.Settings{Store: "sqlite", Retention: monitor.Duration(time.Hour), Disk: 64_000_000}
	t.Run("makes the folder and opens the store", func(t *testing.T) {
		t.Parallel()
		s := good
		s.Data = filepath.Join(t.TempDir(), "new", "data")
		store, err := drivers.Open(t.Context(), s, nil)
		if err != nil {
			t.Fatalf("open: %v", err)
		}
		if err := store.Maintain(t.Context(), 1); err != nil {
			t.Errorf("maintain: %v", err)
		}
		if err := store.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		info, err := os.Stat(s.Data)
		if err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("got folder %v and error %v, want one that only its owner may enter", info, err)
		}
	})
	t.Run("says which setting is at fault", func(t *testing.T) {
		t.Parallel()
		for field, change := range map[string]func(s *drivers.Settings){
			"MONITOR_STORE":     func(s *drivers.Settings) { s.Store = "files" },
			"MONITOR_DATA":      func(s *drivers.Settings) { s.Data = "" },
			"MONITOR_RETENTION": func(s *drivers.Settings) { s.Retention = 1 },
			"MONITOR_DISK":      func(s *drivers.Settings) { s.Disk = 1_000_000 },
			"MONITOR_COUCHBASE": func(s *drivers.Settings) { s.Store = "couchbase" },
		} {
			s := good
			s.Data = t.TempDir()
			change(&s)
			_, err := drivers.Open(t.Context(), s, nil)
			var fault *monitor.Error
			if !errors.As(err, &fault) || fault.Code != monitor.Invalid || fault.Field != field {
				t.Errorf("got error %v, want one of code %s that blames %s", err, monitor.Invalid, field)
			}
		}
	})
	t.Run("says all that is at fault at once", func(t *testing.T) {
		t.Parallel()
		err := drivers.Settings{Store: "couchbase"}.Check()
		for _, field := range []string{"MONITOR_DATA", "MONITOR_RETENTION", "MONITOR_DISK", "MONITOR_BUCKET", "MONITOR_COUCHBASE_USER"} {
			if err == nil || !strings.Contains(err.Error(), field+":") {
				t.Errorf("got error %v, want one that names %s", err, field)
			}
		}
	})
	t.Run("settings of Couchbase are of no use to SQLite", func(t *testing.T) {
		t.Parallel()
		for want, change := range map[string]func(s *couchbase.Settings){
			"MONITOR_COUCHBASE": func(s *couchbase.Settings) { s.Link.Address = "couchbases://one.example" },
			"MONITOR_COUCHBASE_USER, MONITOR_COUCHBASE_PASSWORD": func(s *couchbase.Settings) { s.Link.User, s.Link.Password = "monitor", "quiet" },
			"MONITOR_COUCHBASE_PLAIN, MONITOR_BUCKET":            func(s *couchbase.Settings) { s.Link.Plain, s.Bucket = true, "other" },
			"MONITOR_BUCKETS": func(s *couchbase.Settings) { s.Buckets = []string{"monitor", "more"} },
		} {
			s := good
			s.Data = t.TempDir()
			s.Couchbase = couchbase.Settings{Bucket: "monitor", Buckets: []string{"monitor"}}
			s.Couchbase.Link.Address, s.Couchbase.Link.Scope = "couchbase://127.0.0.1", "monitor"
			if err := s.Check(); err != nil {
				t.Errorf("got error %v for what is there if nobody has set it, want none", err)
			}
			change(&s.Couchbase)
			want = "MONITOR_STORE: must be couchbase where there is " + want + ", which sqlite has no use for"
			if _, err := drivers.Open(t.Context(), s, nil); !errors.Is(err, monitor.Invalid) || err.Error() != want {
				t.Errorf("got error %v, want %s", err, want)
			}
		}
	})
	t.Run("a folder that cannot be made is unavailable", func(t *testing.T) {
		t.Parallel()
		s := good
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		s.Data = filepath.Join(file, "data")
		if _, err := drivers.Open(t.Context(), s, nil); !errors.Is(err, monitor.Unavailable) {
			t.Errorf("got error %v, want code %s", err, monitor.Unavailable)
		}
	})
}

func TestSettings(t *testing.T) {
	t.Setenv("MONITOR_RETENTION", "14d")
	t.Setenv("MONITOR_DISK", "1.5 TB")
	var got drivers.Settings
	if err := envconfig.Process("", &got); err != nil {
		t.Fatalf("read the settings: %v", err)
	}
	got.Couchbase = couchbase.Settings{}
	want := drivers.Settings{Store: "sqlite", Data: "data", Retention: monitor.Duration(14 * 24 * time.Hour), Disk: 1_500_000_000_000}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("got other settings than want (-want +got):\n%s", diff)
	}
}

func TestSize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]drivers.Size{
		"10GB": 10_000_000_000, "10 gb": 10_000_000_000, "0.5MB": 500_000, "2KiB": 2048, "512MiB": 512 << 20,
		"1TiB": 1 << 40, "7": 7, "7B": 7, " 3 TB ": 3_000_000_000_000, "0": 0,
	} {
		var got drivers.Size
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("%q: got %d and error %v, want %d", text, got, err, want)
		}
		var again drivers.Size
		if err := again.UnmarshalText([]byte(want.String())); err != nil || again != want {
			t.Errorf("%q: got %d and error %v, want %d", want, again, err, want)
		}
	}
	for _, text := range []string{"", "GB", "-1GB", "ten", "1PB2", "NaN", "1e30GB", "Inf"} {
		var got drivers.Size
		if err := got.UnmarshalText([]byte(text)); !errors.Is(err, monitor.Invalid) {
			t.Errorf("%q: got %d and error %v, want code %s", text, got, err, monitor.Invalid)
		}
	}
}

func TestClaim(t *testing.T) {
	t.Parallel()
	settings := func(t *testing.T) drivers.Settings {
		t.Helper()
		return drivers.Settings{Store: "sqlite", Retention: monitor.Duration(time.Hour), Disk: 64_000_000, Data: t.TempDir()}
	}
	type take func(drivers.Settings) (func(), error)
	for name, test := range map[string]struct {
		first, second take
		refused       bool
	}{
		"one that does everything lets in no other one": {drivers.Claim, drivers.Claim, true},
		"nor one that would share":                      {drivers.Claim, drivers.Share, true},
		"one that shares lets in others that do":        {drivers.Share, drivers.Share, false},
		"but none that would do everything by itself":   {drivers.Share, drivers.Claim, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := settings(t)
			release, err := test.first(s)
			if err != nil {
				t.Fatalf("the first: got %v, want nil", err)
			}
			second, err := test.second(s)
			if got := errors.Is(err, monitor.Conflict); got != test.refused || err != nil && !got {
				t.Fatalf("the second: got %v, want a conflict: %v", err, test.refused)
			}
			release()
			if err == nil {
				second()
			}
			last, err := drivers.Claim(s)
			if err != nil {
				t.Fatalf("once all have gone: got %v, want nil", err)
			}
			last()
		})
	}
}
