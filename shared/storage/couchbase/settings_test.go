package couchbase_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase"
)

func TestSettingsAreChecked(t *testing.T) {
	t.Parallel()
	many := make([]string, 31)
	for i := range many {
		many[i] = fmt.Sprintf("results-%d", i)
	}
	for name, test := range map[string]struct {
		change func(s *couchbase.Settings)
		want   string
	}{
		"as they are":              {func(*couchbase.Settings) {}, ""},
		"results in many buckets":  {func(s *couchbase.Settings) { s.Buckets = many[:30] }, ""},
		"a bucket without a name":  {func(s *couchbase.Settings) { s.Bucket = "" }, "MONITOR_BUCKET: must be"},
		"a bucket that begins bad": {func(s *couchbase.Settings) { s.Bucket = ".monitor" }, "MONITOR_BUCKET: must be"},
		"a bucket with a space":    {func(s *couchbase.Settings) { s.Buckets = []string{"a", "b c"} }, `MONITOR_BUCKETS: must be names`},
		"a bucket that is long":    {func(s *couchbase.Settings) { s.Bucket = strings.Repeat("m", 101) }, "MONITOR_BUCKET: must be"},
		"no bucket for results":    {func(s *couchbase.Settings) { s.Buckets = nil }, "must name 1 to 30 buckets, got 0"},
		"too many buckets":         {func(s *couchbase.Settings) { s.Buckets = many }, "must name 1 to 30 buckets, got 31"},
		"a bucket twice":           {func(s *couchbase.Settings) { s.Buckets = []string{"a", "b", "a"} }, "must name each bucket once, got a,b,a"},
		"nobody to log in as":      {func(s *couchbase.Settings) { s.Link.User = "" }, "MONITOR_COUCHBASE_USER: must be set"},
		"both at once":             {func(s *couchbase.Settings) { s.Bucket, s.Buckets = "", nil }, "must name 1 to 30 buckets"},
	} {
		settings := plainSettings()
		test.change(&settings)
		err := settings.Check()
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s: got error %v, want none", name, err)
		case test.want != "" && (!errors.Is(err, monitor.Invalid) || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: got error %v, want one with %q", name, err, test.want)
		}
	}
}

func plainSettings() couchbase.Settings {
	settings := couchbase.Settings{Bucket: "monitor", Buckets: []string{"monitor"}}
	settings.Link.Address, settings.Link.User, settings.Link.Password = "couchbase://127.0.0.1:1", "monitor", "secret"
	return settings
}

func TestNothingIsKeptLongerThanACollectionKeeps(t *testing.T) {
	t.Parallel()
	_, err := couchbase.Open(t.Context(), plainSettings(), couchbase.Options{Retention: 11 * 365 * 24 * time.Hour})
	if !errors.Is(err, monitor.Invalid) || !strings.Contains(err.Error(), "MONITOR_RETENTION") {
		t.Errorf("got error %v, want one that blames MONITOR_RETENTION", err)
	}
}

func TestKeysFitCouchbase(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 300)
	if got, want := couchbase.Key("s", "17"), "s:17"; got != want {
		t.Errorf("got key %s, want %s", got, want)
	}
	if got := couchbase.Key("w", strings.Repeat("a", 243)); len(got) != 245 || !strings.HasSuffix(got, "aaa") {
		t.Errorf("got key %s, want one that is not cut yet", got)
	}
	first, second := couchbase.Key("w", long, "1"), couchbase.Key("w", long, "2")
	if len(first) != 245 || len(second) != 245 || first == second {
		t.Errorf("got keys %s and %s, want two of 245 bytes that differ", first, second)
	}
	if again := couchbase.Key("w", long, "1"); again != first {
		t.Errorf("got key %s, want the same again: %s", again, first)
	}
}
