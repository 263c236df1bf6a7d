package standalone_test

import (
	"path/filepath"
	"testing"
	"time"
)

// verbs are the functions that handle events.
func verbs() []string { return []string{"schedule", "probe", "store", "alert", "notify"} }

// TestAnOutageIsToldOnceBySixProcesses runs each function as a process of its
// own, hosted over HTTP as Knative does it, behind the bus in a seventh. They
// share one SQLite file.
func TestAnOutageIsToldOnceBySixProcesses(t *testing.T) {
	t.Parallel()
	w, dir := newWorld(t), t.TempDir()
	write(t, filepath.Join(dir, "monitor.yaml"), w.definitions(endpoints))
	programs := build(t, append([]string{"scripts/broker"}, packages()...)...)
	broker := mustFreeAddr(t)
	sink := "K_SINK=http://" + broker
	addresses := ""
	for i, verb := range verbs() {
		addresses += verb + "=http://" + startReady(t, w, programs[1+i], dir, "MONITOR_EVENTS=http", sink) + ","
	}
	query := startReady(t, w, programs[6], dir, "MONITOR_FILE=monitor.yaml", "MONITOR_TAIL=http://"+broker+"/tail", sink)
	start(t, programs[0], dir, "MONITOR_ADDR="+broker, "MONITOR_FUNCTIONS="+addresses[:len(addresses)-1])
	outage(t, w, "http://"+query)
}

// TestAnOutageIsToldOnceBySixProcessesOnKafka runs them as plain processes around
// a real broker.
func TestAnOutageIsToldOnceBySixProcessesOnKafka(t *testing.T) {
	onKafka := onBroker(t)
	w, dir := newWorld(t), t.TempDir()
	write(t, filepath.Join(dir, "monitor.yaml"), w.definitions(endpoints))
	programs := build(t, packages()...)
	for i := range verbs() {
		startReady(t, w, programs[i], dir, onKafka...)
	}
	query := startReady(t, w, programs[5], dir, append(onKafka, "MONITOR_FILE=monitor.yaml")...)
	outage(t, w, "http://"+query)
}

// packages are those of the functions that handle events, and of query.
func packages() []string {
	var all []string
	for _, verb := range append(verbs(), "query") {
		all = append(all, "functions/"+verb+"/cmd")
	}
	return all
}

// startReady starts one function, waits until it is ready, and returns its
// address.
func startReady(t *testing.T, w *world, program, dir string, settings ...string) string {
	t.Helper()
	addr := mustFreeAddr(t)
	start(t, program, dir, append([]string{
		"MONITOR_ADDR=" + addr,
		"MONITOR_SLACK_API=" + w.slack.URL + "/api/",
		"MONITOR_SECRET_SHOP_SLACK_TOKEN=" + slackToken,
	}, settings...)...)
	awaitReady(t, addr)
	return addr
}

func awaitReady(t *testing.T, addr string) {
	t.Helper()
	await(t, addr+" is ready", time.Minute, func() bool { return answers("http://" + addr + "/health/readiness") })
}
