package monitor_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func TestDuration(t *testing.T) {
	t.Parallel()
	t.Run("is written as people do", func(t *testing.T) {
		t.Parallel()
		for d, want := range map[time.Duration]string{
			0: "0s", 500 * time.Millisecond: "500ms", 10 * time.Second: "10s", 90 * time.Second: "1m30s", time.Minute: "1m",
			time.Hour: "1h", 90 * time.Minute: "1h30m", 10 * time.Hour: "10h", 14 * 24 * time.Hour: "14d", 36 * time.Hour: "36h",
		} {
			if got := monitor.Duration(d).String(); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
	})
	t.Run("reads back what it writes", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			want := monitor.Duration(rapid.OneOf(rapid.Int64(),
				rapid.Map(rapid.Int64Range(-100_000, 100_000), func(days int64) int64 { return days * int64(24*time.Hour) })).Draw(t, "duration"))
			got, err := monitor.ParseDuration(want.String())
			if err != nil || got != want {
				t.Fatalf("%s: got %s and %v, want %s", want.String(), got, err, want)
			}
		})
	})
	t.Run("refuses what it cannot hold", func(t *testing.T) {
		t.Parallel()
		for _, text := range []string{"", "10", "d", "1.5d", "1x", "200000d", "-200000d", "99999999999999999999d", "s"} {
			if got, err := monitor.ParseDuration(text); monitor.CodeOf(err) != monitor.Invalid {
				t.Errorf("%q: got %s and %v, want invalid", text, got, err)
			}
		}
	})
}

func TestStatusRange(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]monitor.StatusRange{"200": {From: 200, To: 200}, "200-299": {From: 200, To: 299}, "100 - 599": {From: 100, To: 599}} {
		var got monitor.StatusRange
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("%q: got %v and %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "99", "600", "299-200", "200-", "-200", "2xx", "200-300-400"} {
		var got monitor.StatusRange
		if err := got.UnmarshalText([]byte(text)); monitor.CodeOf(err) != monitor.Invalid {
			t.Errorf("%q: got %v and %v, want invalid", text, got, err)
		}
	}
}

func TestIDFromName(t *testing.T) {
	t.Parallel()
	t.Run("keeps a name that fits, and makes a slug of others", func(t *testing.T) {
		t.Parallel()
		for name, want := range map[string]string{"checkout": "checkout", "Check out!": "check-out-", "日本": "endpoint-", "..": "..-", "": "endpoint-"} {
			got := monitor.IDFromName(name)
			if got != want && (len(got) != len(want)+8 || got[:len(want)] != want) {
				t.Errorf("%q: got %s, want %s and a hash", name, got, want)
			}
		}
	})
	t.Run("is always an ID, and always the same", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			name := rapid.OneOf(rapid.String(), rapid.StringN(90, 200, -1), rapid.StringMatching(`[-./ A-Za-z]{80,110}`)).Draw(t, "name")
			if id := monitor.IDFromName(name); !monitor.ValidID(id) || id != monitor.IDFromName(name) {
				t.Fatalf("got %q", id)
			}
		})
	})
	t.Run("no ID is a path of its own", func(t *testing.T) {
		t.Parallel()
		for _, id := range []string{".", "..", "", "a/b", "A", "a b"} {
			if monitor.ValidID(id) {
				t.Errorf("got %q as an ID", id)
			}
		}
	})
}

func TestCode(t *testing.T) {
	t.Parallel()
	cause := errors.New("disk on fire")
	tests := map[string]struct {
		err  error
		want monitor.Code
		text string
	}{
		"none":                {nil, "", ""},
		"one without a code":  {cause, monitor.Internal, "disk on fire"},
		"a code alone":        {monitor.NotFound, monitor.NotFound, "not_found"},
		"a message":           {monitor.Errorf(monitor.Conflict, "read %d again", 7), monitor.Conflict, "read 7 again"},
		"a field":             {monitor.FieldErrorf("interval", "must be at least 100ms"), monitor.Invalid, "interval: must be at least 100ms"},
		"a cause":             {monitor.Wrap(monitor.Unavailable, cause, "load"), monitor.Unavailable, "load: disk on fire"},
		"a wrapped one":       {fmt.Errorf("load: %w", monitor.Errorf(monitor.Forbidden, "no")), monitor.Forbidden, "load: no"},
		"a cause with a code": {monitor.Wrap(monitor.Internal, monitor.NotFound, "load"), monitor.Internal, "load: not_found"},
		"no cause":            {monitor.Wrap(monitor.Internal, nil, "load"), "", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := monitor.CodeOf(test.err); got != test.want {
				t.Errorf("got code %q, want %q", got, test.want)
			}
			if test.want != "" && test.err.Error() != test.text {
				t.Errorf("got %q, want %q", test.err.Error(), test.text)
			}
		})
	}
	if !errors.Is(tests["a cause"].err, cause) {
		t.Error("the cause is lost")
	}
	for code, want := range map[monitor.Code]bool{monitor.Invalid: false, monitor.NotFound: false, monitor.Forbidden: false, monitor.Conflict: true, monitor.Unavailable: true, monitor.Internal: true} {
		if code.Retryable() != want {
			t.Errorf("%s: got retryable %v, want %v", code, !want, want)
		}
	}
}

func TestInstant(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		i := monitor.Instant(rapid.Int64Range(-1e12, 1e13).Draw(t, "instant"))
		d := time.Duration(rapid.Int64Range(1, 1e8).Draw(t, "step")) * time.Millisecond
		floor := i.Floor(d)
		if floor > i || i.Sub(floor) >= d || int64(floor)%d.Milliseconds() != 0 {
			t.Fatalf("got %d as the floor of %d by %s", floor, i, d)
		}
		if monitor.At(i.Time()) != i || i.Add(d).Sub(i) != d {
			t.Fatalf("%d does not survive", i)
		}
	})
}
