package examples_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/IBM/sarama"

	"github.com/api-endpoint-monitor/monitor/scripts/rig"
	"github.com/api-endpoint-monitor/monitor/shared/contract"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// target is a server that answers as its paths say.
func target(t *testing.T) string {
	t.Helper()
	held := make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("/ok", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "fine") })
	mux.HandleFunc("/bad", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/ok", http.StatusFound) })
	mux.HandleFunc("/hang", func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-held:
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("/drip", drip)
	mux.HandleFunc("/cut", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.Header.Get("X-Key") != "7" || r.URL.RawQuery != "a=1" {
			w.WriteHeader(http.StatusBadRequest)
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(held) })
	return server.URL
}

// drip answers with a header that has no end, one byte after the other.
func drip(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for _, err = conn.Write([]byte("HTTP/1.1 200 OK\r\nX: ")); err == nil; _, err = conn.Write([]byte("x")) {
		<-again.C
	}
}

// endpoint is one check of an endpoint, due now.
func endpoint(id, url string, change func(*monitor.Endpoint)) events.DueEndpoint {
	e := &monitor.Endpoint{
		Namespace: "shop", ID: id, Name: id, HTTP: monitor.HTTP{URL: url, Method: "GET"}, Interval: monitor.Duration(time.Hour),
		Timeout: monitor.Duration(time.Minute), Alert: monitor.Alert{After: 2, Recover: 2}, Revision: 1,
	}
	if change != nil {
		change(e)
	}
	return events.DueEndpoint{
		Endpoint: e, Shard: monitor.ShardOf(e.Key(), shards), Due: monitor.Due{First: monitor.At(time.Now()), Every: e.Interval, Count: 1},
	}
}

// TestProbe has the probe check one endpoint of each sort. What it cannot do is
// unknown, and never passed.
func TestProbe(t *testing.T) {
	t.Parallel()
	s, url := newStage(t), target(t)
	strict, err := contract.Strict()
	if err != nil {
		t.Fatal(err)
	}
	free, err := rig.FreeAddr()
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		url    string
		change func(*monitor.Endpoint)
		want   string // outcome, fault, status
	}{
		"ok":      {url + "/ok", nil, "passed  200"},
		"bad":     {url + "/bad", nil, "failed expectation 502"},
		"wanted":  {url + "/bad", func(e *monitor.Endpoint) { e.Expect.Status = []monitor.StatusRange{{From: 500, To: 599}} }, "passed  502"},
		"moved":   {url + "/moved", func(e *monitor.Endpoint) { e.HTTP.Redirects = 5 }, "unknown observer 302"},
		"stays":   {url + "/moved", nil, "failed expectation 302"},
		"hang":    {url + "/hang", func(e *monitor.Endpoint) { e.Timeout = monitor.Duration(300 * time.Millisecond) }, "failed timeout 0"},
		"drip":    {url + "/drip", func(e *monitor.Endpoint) { e.Timeout = monitor.Duration(300 * time.Millisecond) }, "failed timeout 0"},
		"space":   {url + "/ok?a=b c", nil, "passed  200"},
		"cut":     {url + "/cut", nil, "failed reset 0"},
		"refused": {"http://" + free, nil, "failed refused 0"},
		"name":    {"http://name.invalid/", nil, "failed dns 0"},
		"echo": {url + "/echo?a=1", func(e *monitor.Endpoint) {
			e.HTTP.Method, e.HTTP.Headers, e.HTTP.Body = "POST", map[string]string{"X-Key": "7"}, "{}"
		}, "passed  200"},
		"secret":  {url + "/ok", func(e *monitor.Endpoint) { e.HTTP.Headers = map[string]string{"X-Key": "${KEY}"} }, "unknown secret 0"},
		"proxy":   {url + "/ok", func(e *monitor.Endpoint) { e.HTTP.Proxy = "http://proxy.example:1" }, "unknown observer 0"},
		"latency": {url + "/ok", func(e *monitor.Endpoint) { e.Expect.Latency = monitor.Duration(time.Minute) }, "unknown observer 0"},
		"cel":     {url + "/ok", func(e *monitor.Endpoint) { e.Expect.CEL = "true" }, "unknown observer 0"},
		"late":    {url + "/ok", func(e *monitor.Endpoint) { e.Interval = monitor.Duration(time.Second) }, "unknown skipped 0"},
		"down":    {url + "/bad", nil, "failed expectation 502"},
	}
	var dues []events.DueEndpoint
	for id, test := range tests {
		due := endpoint(id, test.url, test.change)
		switch id {
		case "late":
			due.Due.First -= 10_000
		case "down":
			due.Slowed = &events.Slowed{Interval: due.Due.Every / 4, Since: due.Due.First - 1}
		}
		dues = append(dues, due)
	}
	end := s.probe()
	s.due("elsewhere", endpoint("other", url+"/ok", nil))
	s.emit(garbage()...)
	s.emit(bare())
	s.due(location, dues...)
	for id, test := range tests {
		s.until("a result of "+id, func() bool { return len(s.rows("shop/"+id)) > 0 })
		row := s.rows("shop/" + id)[0]
		if got := fmt.Sprintf("%s %s %d", row.Outcome, row.Fault, row.Status); got != test.want {
			t.Errorf("%s: got %q, want %q: %+v", id, got, test.want, row)
		}
		if (row.Reason == "") != (row.Outcome == monitor.Passed) || (row.Spared == 3) != (id == "down") {
			t.Errorf("%s: got the reason %q and %d spared", id, row.Reason, row.Spared)
		}
	}
	s.until("a result of what is not said to be asked", func() bool { return len(s.rows("shop/bare")) > 0 })
	if row := s.rows("shop/bare")[0]; row.Outcome != monitor.OutcomeUnknown || row.Fault != monitor.FaultObserver {
		t.Errorf("got %+v, want that the probe could not look", row)
	}
	s.until("all is committed", func() bool { return s.committed(0) > 5 })
	if err := end(syscall.SIGTERM); err != nil {
		t.Errorf("the probe ended with %v, want it to stop when told to", err)
	}
	if rows := s.rows("shop/other"); len(rows) > 0 {
		t.Errorf("got results for another location: %v", rows)
	}
	assertRecords(t, s, strict)
}

// garbage are events whose data cannot be read.
func garbage() (out []events.Event) {
	for i, data := range []string{
		`{"endpoints":7}`,
		`{"slot":1,"until":"soon","kind":"scheduled","endpoints":[]}`,
		`{"slot":1,"until":9e12,"kind":"scheduled","endpoints":[{"endpoint":{"namespace":"shop","id":"a","interval":"1h"},"shard":"one","due":{"first":1,"every":"1h","count":1}}]}`,
	} {
		head := events.Head{ID: "broken-" + strconv.Itoa(i), Source: "schedule", Key: "0", Location: location}
		text := json.RawMessage(data)
		out = append(out, events.New(events.TypeProbeDue, head, &text))
	}
	return out
}

// bare is an event with an endpoint of which it does not say what to ask.
func bare() events.Event {
	text := json.RawMessage(fmt.Sprintf(
		`{"slot":1,"until":9e12,"kind":"scheduled","endpoints":[{"endpoint":{"namespace":"shop","id":"bare","interval":"1h"},"shard":0,"due":{"first":%d,"every":"1h","count":1}}]}`,
		monitor.At(time.Now())))
	return events.New(events.TypeProbeDue, events.Head{ID: "bare", Source: "schedule", Key: "0", Location: location}, &text)
}

// assertRecords holds the records of results to the contract, and to lying in the
// partition of their shard under an ID of their own.
func assertRecords(t *testing.T, s *stage, strict *contract.Contract) {
	t.Helper()
	ids := map[string]bool{}
	for _, message := range s.messages() {
		record := contract.RecordIn(message)
		if err := strict.Check(contract.Events, record); err != nil {
			t.Error(err)
		}
		if !inPartition(record.Key, message.Partition) {
			t.Errorf("got the key %s in partition %d", record.Key, message.Partition)
		}
		if id := record.Headers["ce_id"]; ids[id] {
			t.Errorf("got the ID %s twice", id)
		}
		ids[record.Headers["ce_id"]] = true
	}
}

func inPartition(key string, partition int32) bool {
	var number int32
	_, err := fmt.Sscan(key, &number)
	return err == nil && number%partitions == partition
}

// TestEnds ends the probe while it is at work on an event. It is not committed:
// the next one goes on with it from the current time, and no check is without a
// result.
func TestEnds(t *testing.T) {
	t.Parallel()
	for name, signal := range map[string]syscall.Signal{"told to stop": syscall.SIGTERM, "killed": syscall.SIGKILL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, url := newStage(t), target(t)
			end := s.probe()
			s.due(location, endpoint("first", url+"/ok", nil))
			s.until("the probe is at work", func() bool { return len(s.rows("shop/first")) > 0 })
			offset := newest(t, s)
			short := endpoint("short", url+"/ok", func(e *monitor.Endpoint) { e.Interval = monitor.Duration(time.Second) })
			short.Due = monitor.Due{First: monitor.At(time.Now()), Every: monitor.Duration(time.Second), Count: 20}
			ahead := endpoint("ahead", url+"/ok", nil)
			ahead.Due.First = monitor.At(time.Now().Add(25 * time.Second))
			s.due(location, short, ahead)
			s.until("a result before the end", func() bool { return len(s.rows("shop/short")) > 0 })
			if err := end(signal); (err == nil) != (signal == syscall.SIGTERM) {
				t.Errorf("the probe ended with %v", err)
			}
			made := len(s.rows("shop/short"))
			if got := s.committed(0); len(s.rows("shop/ahead")) == 0 && got > offset {
				t.Errorf("got %d committed, want %d at most: the event is not finished", got, offset)
			}
			s.probe()
			s.until("a result of every check", func() bool { return dues(s.rows("shop/short")) == 20 && len(s.rows("shop/ahead")) > 0 })
			if row := s.rows("shop/ahead")[0]; row.Outcome != monitor.Passed || row.Start < row.Due {
				t.Errorf("got %+v, want a check made at its time or when it could be", row)
			}
			for _, row := range s.rows("shop/short")[made:] {
				if row.Outcome != monitor.Passed && row.Fault != monitor.FaultSkipped && row.Fault != monitor.FaultOverrun {
					t.Errorf("got %+v, want it made or said not to be", row)
				}
			}
		})
	}
}

// dues counts the due times that have a result.
func dues(rows []monitor.Result) int {
	known := map[monitor.Instant]bool{}
	for _, row := range rows {
		known[row.Due] = true
	}
	return len(known)
}

// newest returns the offset that the next event of the first batch gets.
func newest(t *testing.T, s *stage) int64 {
	t.Helper()
	client, err := sarama.NewClient(s.settings.Brokers, sarama.NewConfig())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	offset, err := client.GetOffset(s.wiring.Topic, 0, sarama.OffsetNewest)
	if err != nil {
		t.Fatal(err)
	}
	return offset
}

// TestNoBroker has nobody listen where the brokers should be: the log says why,
// but not for each try, and the program ends with what there is to do.
func TestNoBroker(t *testing.T) {
	t.Parallel()
	if running == nil {
		t.Skip("it needs the packages of Python: go tool task test:kafka")
	}
	python, err := exec.CommandContext(t.Context(), "./venv.sh").Output()
	if err != nil {
		t.Fatalf("Python for the example: %v", err)
	}
	command := exec.CommandContext(t.Context(), strings.TrimSpace(string(python)), "probe.py") //nolint:gosec // our own arguments
	command.Env = append(os.Environ(), "MONITOR_KAFKA_BROKERS=127.0.0.1:1")
	out, err := command.CombinedOutput()
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	last := lines[len(lines)-1]
	if err == nil || !strings.HasPrefix(last, "Kafka does not answer: check MONITOR_KAFKA_BROKERS") {
		t.Errorf("got %v and %q, want a failure that says what to check", err, last)
	}
	if !strings.Contains(lines[0], "Connection refused") || len(lines) > 50 {
		t.Errorf("got %d lines, of which the first is %q, want few, and why at once", len(lines), lines[0])
	}
}

// TestSource compiles the programs, where there is Python.
func TestSource(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("Python is not installed")
	}
	command := exec.CommandContext(t.Context(), python, "-W", "error", "-m", "py_compile", "probe.py", "look.py") //nolint:gosec // our own arguments
	command.Env = append(os.Environ(), "PYTHONPYCACHEPREFIX="+t.TempDir())
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
