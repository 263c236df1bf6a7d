package standalone_test

import (
	"path/filepath"
	"testing"
	"time"
)

// TestAnOutageIsToldOnceBySixProcesses runs each function as a process of its
// own, hosted over HTTP as Knative does it, behind the bus in a seventh. They
// share one SQLite file.
func TestAnOutageIsToldOnceBySixProcesses(t *testing.T) {
	t.Parallel()
	w, dir := newWorld(t), t.TempDir()
	write(t, filepath.Join(dir, "monitor.yaml"), w.definitions(endpoints))
	verbs := []string{"schedule", "probe", "store", "alert", "notify"}
	packages := []string{"scripts/broker", "functions/query/cmd"}
	for _, verb := range verbs {
		packages = append(packages, "functions/"+verb+"/cmd")
	}
	programs := build(t, packages...)
	broker := mustFreeAddr(t)

	addresses := ""
	for i, verb := range verbs {
		addr := mustFreeAddr(t)
		addresses += verb + "=http://" + addr + ","
		start(t, programs[2+i], dir,
			"MONITOR_ADDR="+addr,
			"MONITOR_EVENTS=http",
			"K_SINK=http://"+broker,
			"MONITOR_SLACK_API="+w.slack.URL+"/api/",
			"MONITOR_SECRET_SHOP_SLACK_TOKEN="+slackToken)
		awaitReady(t, addr)
	}
	query := mustFreeAddr(t)
	start(t, programs[1], dir, "MONITOR_ADDR="+query, "MONITOR_FILE=monitor.yaml", "MONITOR_TAIL=http://"+broker+"/tail", "K_SINK=http://"+broker,
		"MONITOR_SECRET_SHOP_SLACK_TOKEN="+slackToken)
	awaitReady(t, query)
	start(t, programs[0], dir, "MONITOR_ADDR="+broker, "MONITOR_FUNCTIONS="+addresses[:len(addresses)-1])
	outage(t, w, "http://"+query)
}

func awaitReady(t *testing.T, addr string) {
	t.Helper()
	await(t, addr+" is ready", time.Minute, func() bool { return answers("http://" + addr + "/health/readiness") })
}
