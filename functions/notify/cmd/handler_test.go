package main

import (
	"strings"
	"testing"

	"github.com/api-endpoint-monitor/monitor/shared/host"
)

func TestSettings(t *testing.T) {
	t.Setenv("MONITOR_SLACK_API", "slack.example")
	t.Setenv("MONITOR_SHARDS", "63")
	err := host.Load(&settings{})
	for _, want := range []string{"MONITOR_SLACK_API: must be an http:// or https:// URL", "MONITOR_SHARDS"} {
		if err == nil || !strings.Contains(err.Error(), want) || host.ExitCode(err) != 2 {
			t.Errorf("got %v (exit code %d), want %q and 2", err, host.ExitCode(err), want)
		}
	}
}
