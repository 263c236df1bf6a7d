package standalone_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"
)

// TestTwoMonitorsOnKafka runs two monitors on one store. Whatever happens, people
// hear of it once: of an outage while both live, and of the end of one while
// which one of them was killed.
func TestTwoMonitorsOnKafka(t *testing.T) {
	onKafka := onBroker(t)
	w, dir := newWorld(t), t.TempDir()
	write(t, filepath.Join(dir, "monitor.yaml"), w.definitions(endpoints))
	program := build(t, "functions/standalone/cmd")[0]
	began := time.Now()
	_, one := startBeside(t, w, program, dir, onKafka)
	second, two := startBeside(t, w, program, dir, onKafka)
	await(t, "both have their share", 2*time.Minute, func() bool {
		return handles(one, "store") && handles(one, "alert") && handles(two, "store") && handles(two, "alert")
	})
	both := map[string]*stream{one: follow(t, one, victimKey), two: follow(t, two, victimKey)}
	outage(t, w, one)
	for base, live := range both {
		await(t, "the stream of "+base+" showed it", time.Minute, func() bool {
			return live.saw("incident", `"open":true`) && live.saw("incident", `"open":false`) && live.saw("endpoints", victimKey)
		})
	}
	slots := metric(one, "monitor_schedule_slots_total") + metric(two, "monitor_schedule_slots_total")
	if most := time.Since(began).Seconds()/10 + 3; slots > most { // with the one at the start, and the one ahead
		t.Errorf("got %v slots planned by both, want %v at most: each by one of them", slots, most)
	}
	outlive(t, w, one, func() { second.kill(t) })
	fmt.Printf("fault: %-32s outages %d, told %d, each once, lost=0\n", "one of two monitors killed", 1+lost, len(w.hooks()))
}

// startBeside starts a monitor that shares its work, and returns its address.
func startBeside(t *testing.T, w *world, program, dir string, onKafka []string) (p *process, base string) {
	t.Helper()
	addr := mustFreeAddr(t)
	p = start(t, program, dir, slices.Concat(onKafka, []string{
		"MONITOR_ADDR=" + addr,
		"MONITOR_SELF=false", // the counts are those of the endpoints defined
		"MONITOR_SLACK_API=" + w.slack.URL + "/api/",
		"MONITOR_SECRET_SHOP_SLACK_TOKEN=" + slackToken,
	})...)
	awaitReady(t, addr)
	return p, "http://" + addr
}

// lost are the endpoints that fail while a process is killed: so many that both
// have some.
const lost = 12

// outlive has endpoints fail, a process killed, and the endpoints recover: what
// is left of the monitor tells their end once, and goes on with all checks.
func outlive(t *testing.T, w *world, base string, kill func()) {
	t.Helper()
	told := len(w.hooks())
	live := follow(t, base, victimKey)
	failing := func(is bool) {
		for i := range lost {
			w.fail(fmt.Sprintf("endpoint-%03d", 20+i), is)
		}
	}
	failing(true)
	await(t, "all openings are told", 2*time.Minute, func() bool { return len(w.hooks()) >= told+lost && accepted(t, base) == lost })
	kill()
	failing(false)
	before := make([]int, endpoints)
	for i := range before {
		before[i] = w.checks(fmt.Sprintf("endpoint-%03d", i))
	}
	await(t, "all ends are told", 3*time.Minute, func() bool { return len(w.hooks()) >= told+2*lost })
	await(t, "all endpoints are checked", 2*time.Minute, func() bool {
		for i, already := range before {
			if w.checks(fmt.Sprintf("endpoint-%03d", i)) < already+10 {
				return false
			}
		}
		return true
	})
	api := client{t: t, base: base}
	await(t, "all endpoints are up", 2*time.Minute, func() bool { return api.counts()["up"] == endpoints })
	await(t, "the stream showed the ends", time.Minute, func() bool { return live.saw("incident", `"open":false`) })
	changes := map[string]int{}
	for _, hook := range w.hooks()[told:] {
		data, _ := hook["data"].(map[string]any)
		changes[fmt.Sprint(data["endpoint"], " ", data["change"])]++
	}
	for i := range lost {
		for _, change := range []string{"opened", "resolved"} {
			if what := fmt.Sprintf("shop/endpoint-%03d %s", 20+i, change); changes[what] != 1 {
				t.Errorf("got %q told %d times, want once", what, changes[what])
			}
		}
	}
	if len(changes) != 2*lost {
		t.Errorf("got %d changes told, want %d: %v", len(changes), 2*lost, changes)
	}
}

// accepted returns of how many open incidents each notice has its receipt: what
// was sent and has none may be sent again by whoever lives on.
func accepted(t *testing.T, base string) int {
	t.Helper()
	api, all := client{t: t, base: base}, 0
	for _, incident := range api.items("/api/v1/incidents?open=true&limit=100") {
		notices := api.items(fmt.Sprintf("/api/v1/incidents/%v/notices", incident["id"]))
		taken := 0
		for _, notice := range notices {
			if notice["accepted"] != nil {
				taken++
			}
		}
		if taken == 2 && len(notices) == 2 {
			all++
		}
	}
	return all
}

// handles tells whether the process has handled events of a Trigger.
func handles(base, trigger string) bool {
	return metric(base, `monitor_kafka_events_total{result="handled",trigger="`+trigger+`"}`) > 0
}

// metric returns the value of a metric of a process; 0 where it has none.
func metric(base, name string) float64 {
	found := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + ` (\S+)$`).FindStringSubmatch(body(base + "/metrics"))
	if found == nil {
		return 0
	}
	value, _ := strconv.ParseFloat(found[1], 64)
	return value
}
