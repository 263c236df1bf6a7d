package host_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/host"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func accept(context.Context, events.Event, events.Emit) error { return nil }

func build(host.Env) (events.Handler, error) { return accept, nil }

// environment sets variables for one test; the ones a platform might set are
// emptied first.
func environment(t *testing.T, pairs ...string) {
	t.Helper()
	t.Setenv("MONITOR_ADDR", "127.0.0.1:0")
	for _, name := range []string{"K_SERVICE", "K_SINK"} {
		t.Setenv(name, "")
	}
	for i := 0; i < len(pairs); i += 2 {
		t.Setenv(pairs[i], pairs[i+1])
	}
}

// even is a setting that must be an even number.
type even struct {
	Number int `envconfig:"TEST_NUMBER" default:"2"`
}

func (e even) Check() error {
	if e.Number%2 != 0 {
		return monitor.FieldErrorf("TEST_NUMBER", "must be even, got %d", e.Number)
	}
	return nil
}

func TestLoadChecks(t *testing.T) {
	for number, want := range map[string]string{"4": "", "3": "TEST_NUMBER: must be even, got 3", "three": "TEST_NUMBER: must be a"} {
		t.Run(number, func(t *testing.T) {
			environment(t, "TEST_NUMBER", number)
			err := host.Load(&even{})
			if (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), want) || err != nil && host.ExitCode(err) != 2 {
				t.Errorf("got %v, want %q", err, want)
			}
		})
	}
}

// limits are settings of which one must not exceed the other.
type limits struct {
	Least int  `envconfig:"TEST_LEAST" default:"1"`
	Most  int  `envconfig:"TEST_MOST" default:"5"`
	Even  even // its Check is called below
}

func (l limits) Check() error {
	var faults []error
	if l.Least < 1 {
		faults = append(faults, monitor.FieldErrorf("TEST_LEAST", "must be at least 1, got %d", l.Least))
	}
	if l.Most < l.Least {
		faults = append(faults, monitor.FieldErrorf("TEST_MOST", "must be at least TEST_LEAST, got %d", l.Most))
	}
	return errors.Join(errors.Join(faults...), l.Even.Check())
}

func TestLoadShowsAllFaults(t *testing.T) {
	for name, test := range map[string]struct {
		least, most, number string
		want                []string
	}{
		"what cannot be read and what cannot be": {"few", "5", "3", []string{"TEST_LEAST: must be a", "TEST_NUMBER: must be even, got 3"}},
		"each of them once":                      {"few", "0", "2", []string{"TEST_LEAST: must be a", "TEST_MOST: must be at least TEST_LEAST, got 0"}},
		"no more than there are":                 {"1", "many", "2", []string{"TEST_MOST: must be a"}},
	} {
		t.Run(name, func(t *testing.T) {
			environment(t, "TEST_LEAST", test.least, "TEST_MOST", test.most, "TEST_NUMBER", test.number)
			err := host.Load(&limits{})
			if err == nil || host.ExitCode(err) != 2 {
				t.Fatalf("got %v, want an invalid error", err)
			}
			lines := strings.Split(err.Error(), "\n")
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want it to contain %q", err, want)
				}
			}
			if len(lines) != len(test.want) {
				t.Errorf("got %d faults, want %d: %v", len(lines), len(test.want), err)
			}
		})
	}
}

func TestLoad(t *testing.T) {
	var settings struct {
		Slot   time.Duration `envconfig:"TEST_SLOT" default:"10s"`
		Shards int           `envconfig:"TEST_SHARDS" default:"64"`
		Name   string        `envconfig:"TEST_NAME" required:"true"`
	}

	t.Run("reads defaults and the environment", func(t *testing.T) {
		environment(t, "TEST_SHARDS", "8", "TEST_NAME", "a")
		if err := host.Load(&settings); err != nil {
			t.Fatal(err)
		}
		if settings.Slot != 10*time.Second || settings.Shards != 8 || settings.Name != "a" {
			t.Errorf("got %+v, want 10s, 8, a", settings)
		}
	})

	t.Run("reports all faults at once", func(t *testing.T) {
		environment(t, "TEST_SLOT", "soon", "TEST_SHARDS", "many")
		err := host.Load(&settings)
		for _, want := range []string{"TEST_SLOT: must be a", `got "soon"`, "TEST_SHARDS: must be a", `got "many"`, "TEST_NAME"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want it to contain %q", err, want)
			}
		}
		if host.ExitCode(err) != 2 {
			t.Errorf("exit code: got %d, want 2", host.ExitCode(err))
		}
	})
}

func TestRunRefuses(t *testing.T) {
	tests := map[string]struct {
		environment []string
		want        string
	}{
		"bus":                    {[]string{"MONITOR_EVENTS", "bus"}, "MONITOR_EVENTS: must be http or kafka here: bus joins all functions in one process"},
		"another way":            {[]string{"MONITOR_EVENTS", "mail"}, `MONITOR_EVENTS: must be http or kafka, got "mail"`},
		"a sink that is no URL":  {[]string{"K_SINK", "broker"}, `the broker's address "broker" is no URL`},
		"an address for all":     {[]string{"MONITOR_ADDR", "0.0.0.0:0"}, "use a loopback address"},
		"a login does not help":  {[]string{"MONITOR_ADDR", "0.0.0.0:0", "MONITOR_AUTH", "token"}, "use a loopback address"},
		"an unknown log format":  {[]string{"MONITOR_LOG", "xml"}, "MONITOR_LOG: must be text or json"},
		"a slot that is no time": {[]string{"MONITOR_SLOT", "ten"}, "MONITOR_SLOT: must be a"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			environment(t, test.environment...)
			err := host.RunFunction(t.Context(), io.Discard, "store", build)
			if err == nil || !strings.Contains(err.Error(), test.want) || host.ExitCode(err) != 2 {
				t.Errorf("got %v (exit code %d), want %q and 2", err, host.ExitCode(err), test.want)
			}
		})
	}
}

// TestFunctionArguments has this test run again as a function's process, which
// has arguments then.
func TestFunctionArguments(t *testing.T) {
	const asked = "TEST_FUNCTION_ARGUMENTS"
	if os.Getenv(asked) != "" {
		host.Function("store", build)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	again := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestFunctionArguments$")
	again.Env = append(os.Environ(), asked+"=1", "MONITOR_ADDR=127.0.0.1:0")
	text, err := again.CombinedOutput()
	ended, ok := errors.AsType[*exec.ExitError](err)
	if !ok || ended.ExitCode() != 2 || !strings.HasPrefix(string(text), `a function takes no arguments, got "-test.run=`) {
		t.Errorf("got %v and %q, want exit code 2 and that a function takes no arguments", err, text)
	}
}

// TestNoSink starts a function that emits events with nowhere to send them.
func TestNoSink(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for function, want := range map[string]bool{"store": true, "notify": false} {
		environment(t, "MONITOR_ADDR", "127.0.0.1:0")
		var out said
		if err := host.RunFunction(ended, &out, function, build); err != nil {
			t.Errorf("%s: got %v, want nil", function, err)
		}
		if got := strings.Contains(out.text.String(), "set K_SINK, or MONITOR_EVENTS=kafka"); got != want {
			t.Errorf("%s: got %q, want it to say what to set: %t", function, out.text.String(), want)
		}
	}
}

func TestRunWebOpen(t *testing.T) {
	web := func(host.Env) (http.Handler, error) { return http.NotFoundHandler(), nil }
	ended, cancel := context.WithCancel(t.Context())
	cancel()

	t.Run("behind a login it may be reached from everywhere", func(t *testing.T) {
		environment(t, "MONITOR_ADDR", "0.0.0.0:0", "MONITOR_AUTH", "token")
		if err := host.RunWeb(ended, io.Discard, "query", web); err != nil {
			t.Errorf("got %v, want nil", err)
		}
	})

	t.Run("without a login not even the platform opens it", func(t *testing.T) {
		environment(t, "K_SERVICE", "query", "PORT", "0")
		if err := host.RunWeb(ended, io.Discard, "query", web); !errors.Is(err, monitor.Invalid) {
			t.Errorf("got %v, want invalid", err)
		}
	})

	t.Run("the platform opens a function", func(t *testing.T) {
		environment(t, "K_SERVICE", "store", "PORT", "0")
		if err := host.RunFunction(ended, io.Discard, "store", build); err != nil {
			t.Errorf("got %v, want nil", err)
		}
	})
}

func TestRunFunction(t *testing.T) {
	t.Run("ends background work after the last request, then closes", func(t *testing.T) {
		environment(t)
		var order []string
		ctx, cancel := context.WithCancel(t.Context())
		err := host.RunFunction(ctx, io.Discard, "notify", func(env host.Env) (events.Handler, error) {
			env.Close(func() error { order = append(order, "storage"); return nil })
			env.Close(func() error { order = append(order, "client"); return nil })
			env.Background(func(ctx context.Context) error {
				cancel()
				<-ctx.Done()
				order = append(order, "background")
				return ctx.Err()
			})
			return accept, nil
		})
		if err != nil {
			t.Errorf("run: got %v, want nil", err)
		}
		if got := strings.Join(order, " "); got != "background client storage" {
			t.Errorf("order: got %s, want background client storage", got)
		}
	})

	t.Run("an error of background work ends it with exit code 1", func(t *testing.T) {
		environment(t)
		broken := monitor.Errorf(monitor.Unavailable, "no storage")
		err := host.RunFunction(t.Context(), io.Discard, "notify", func(env host.Env) (events.Handler, error) {
			env.Background(func(context.Context) error { return broken })
			return accept, nil
		})
		if !errors.Is(err, broken) || host.ExitCode(err) != 1 {
			t.Errorf("got %v (exit code %d), want %v and 1", err, host.ExitCode(err), broken)
		}
	})

	t.Run("a build that fails closes what it has opened", func(t *testing.T) {
		environment(t)
		closed := false
		err := host.RunFunction(t.Context(), io.Discard, "notify", func(env host.Env) (events.Handler, error) {
			env.Close(func() error { closed = true; return nil })
			return nil, monitor.Errorf(monitor.Invalid, "bad settings")
		})
		if host.ExitCode(err) != 2 || !closed {
			t.Errorf("got %v, closed %t; want invalid, true", err, closed)
		}
	})

	t.Run("without a broker emitting is unavailable", func(t *testing.T) {
		environment(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := host.RunFunction(ctx, io.Discard, "alert", func(env host.Env) (events.Handler, error) {
			if err := env.Emit(t.Context()); !errors.Is(err, monitor.Unavailable) {
				t.Errorf("emit: got %v, want unavailable", err)
			}
			return accept, nil
		})
		if err != nil {
			t.Errorf("run: got %v, want nil", err)
		}
	})
}
