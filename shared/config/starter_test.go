package config_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/config"
)

func TestStarter(t *testing.T) {
	t.Parallel()

	t.Run("it loads and watches the monitor and the demo endpoints", func(t *testing.T) {
		t.Parallel()
		starter := config.Starter("http://127.0.0.1:8081/", "http://127.0.0.1:8080")
		got := map[string]string{}
		for _, e := range load(t, string(starter)).Endpoints {
			got[e.Key()] = e.HTTP.URL
		}
		want := map[string]string{
			"demo/monitor":     "http://127.0.0.1:8080/health/liveness",
			"demo/demo-steady": "http://127.0.0.1:8081/demo/steady",
			"demo/demo-flaky":  "http://127.0.0.1:8081/demo/flaky",
			"demo/demo-slow":   "http://127.0.0.1:8081/demo/slow",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})

	t.Run("its commented examples load too, and show every key", func(t *testing.T) {
		t.Parallel()
		example := regexp.MustCompile(`(?m)^# (channels:|  )`)
		text := example.ReplaceAllString(string(config.Starter("http://d.example", "http://s.example")), "$1")
		got := load(t, text)
		if len(got.Channels) != 3 || len(got.Endpoints) != 5 {
			t.Errorf("got %d channels and %d endpoints, want 3 and 5", len(got.Channels), len(got.Endpoints))
		}
		for key := range strings.FieldsSeq(
			"namespace defaults channels endpoints name id http url method headers body redirects interval timeout expect status " +
				"latency json certificate cel extract alert after recover for confirm adaptive timeout cadence tags slack token channel webhook") {
			if !strings.Contains(text, key+":") {
				t.Errorf("the key %s is not shown", key)
			}
		}
	})
}
