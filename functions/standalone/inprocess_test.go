package standalone_test

import (
	"path/filepath"
	"testing"
)

func TestAnOutageIsToldOnceByOneProcess(t *testing.T) {
	t.Parallel()
	w, dir, addr := newWorld(t), t.TempDir(), mustFreeAddr(t)
	write(t, filepath.Join(dir, "monitor.yaml"), w.definitions(endpoints))
	program := build(t, "functions/standalone/cmd")[0]
	start(t, program, dir,
		"MONITOR_ADDR="+addr,
		"MONITOR_SELF=false", // the counts are those of the endpoints defined
		"MONITOR_SLACK_API="+w.slack.URL+"/api/",
		"MONITOR_SECRET_SHOP_SLACK_TOKEN="+slackToken)
	outage(t, w, "http://"+addr)
}
