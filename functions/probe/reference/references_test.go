package reference_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/functions/probe/reference"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// network is what a prober reaches, by host, and how often it was asked for.
type network struct {
	mu    sync.Mutex
	hosts map[string]connection
	asked map[string]int
}

type connection struct {
	after    time.Duration // never: until the limit
	resolved bool
	refused  bool
}

const never = time.Hour

func (n *network) reach(ctx context.Context, host, _ string) (bool, error) {
	n.mu.Lock()
	n.asked[host]++
	found := n.hosts[host]
	n.mu.Unlock()
	select {
	case <-ctx.Done():
		return found.resolved, ctx.Err()
	case <-time.After(found.after):
	}
	if found.refused {
		return found.resolved, errors.New("refused")
	}
	return found.resolved, nil
}

func (n *network) set(host string, c connection) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.hosts[host] = c
}

func (n *network) questions(host string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.asked[host]
}

// prober is one whose looks end with a fault after a time.
type prober struct {
	*network
	*reference.References
	registry *prometheus.Registry
}

func newProber(t *testing.T, hosts map[string]connection) prober {
	t.Helper()
	p := prober{network: &network{hosts: hosts, asked: map[string]int{}}, registry: prometheus.NewRegistry()}
	var targets []reference.Target
	for host := range hosts {
		targets = append(targets, reference.Target{Host: host, Port: "443"})
	}
	p.References = reference.New(targets, p.reach, time.Now, p.registry)
	return p
}

func (p prober) look(ctx context.Context, fault monitor.Fault, took time.Duration) look.Answer {
	guarded := p.Guard(func(context.Context, *look.Request) look.Answer {
		time.Sleep(took)
		return look.Answer{Fault: fault, Reason: "what was seen", Took: took}
	})
	return guarded(ctx, &look.Request{})
}

func bubble(t *testing.T, name string, test func(*testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, test)
	})
}

var dead = connection{refused: true}

func TestGuard(t *testing.T) {
	t.Parallel()
	faults := map[monitor.Fault]bool{ // that the network may have brought about
		monitor.FaultDNS: true, monitor.FaultUnreachable: true, monitor.FaultTimeout: true, monitor.FaultProxy: true,
		monitor.FaultRefused: false, monitor.FaultReset: false, monitor.FaultTLS: false, monitor.FaultProtocol: false,
		monitor.FaultRedirects: false, monitor.FaultNone: false, monitor.FaultSecret: false,
	}
	for fault, doubtful := range faults {
		bubble(t, "of "+string(fault)+" with a network that is away", func(t *testing.T) {
			p := newProber(t, map[string]connection{"10.0.0.1": dead, "10.0.0.2": {after: never}})
			answer := p.look(t.Context(), fault, time.Millisecond)
			if !doubtful {
				if answer.Fault != fault || answer.Reason != "what was seen" || p.questions("10.0.0.1") != 0 {
					t.Errorf("got %q %q and %d questions, want the answer as it was, and none", answer.Fault, answer.Reason, p.questions("10.0.0.1"))
				}
				return
			}
			if answer.Fault != monitor.FaultObserver || !strings.HasPrefix(answer.Reason, "the prober reaches none of its reference targets (10.0.0.") ||
				!strings.HasSuffix(answer.Reason, ":443), so this says nothing about the endpoint: what was seen") {
				t.Errorf("got %q %q, want the observer's fault", answer.Fault, answer.Reason)
			}
		})
		bubble(t, "of "+string(fault)+" while one target answers", func(t *testing.T) {
			p := newProber(t, map[string]connection{"10.0.0.1": dead, "10.0.0.2": {after: 5 * time.Millisecond}, "10.0.0.3": {after: never}})
			began := time.Now()
			if answer := p.look(t.Context(), fault, 0); answer.Fault != fault || answer.Reason != "what was seen" {
				t.Errorf("got %q %q, want it to stand", answer.Fault, answer.Reason)
			}
			if took := time.Since(began); took > 5*time.Millisecond {
				t.Errorf("got it after %s, want no wait for the other targets", took)
			}
		})
	}
	bubble(t, "of a name, while addresses answer but no name resolves", func(t *testing.T) {
		p := newProber(t, map[string]connection{"10.0.0.1": {}, "ref.example": dead})
		if answer := p.look(t.Context(), monitor.FaultTimeout, 0); answer.Fault != monitor.FaultTimeout {
			t.Errorf("got %q, want the timeout to stand", answer.Fault)
		}
		for _, fault := range []monitor.Fault{monitor.FaultDNS, monitor.FaultProxy} {
			answer := p.look(t.Context(), fault, 0)
			if answer.Fault != monitor.FaultObserver || !strings.HasPrefix(answer.Reason, "the prober can resolve none of the names") {
				t.Errorf("got %q %q, want the observer's fault", answer.Fault, answer.Reason)
			}
		}
		time.Sleep(time.Minute)
		p.set("ref.example", connection{resolved: true, refused: true})
		if answer := p.look(t.Context(), monitor.FaultDNS, 0); answer.Fault != monitor.FaultDNS {
			t.Errorf("got %q, want it to stand where a name resolves", answer.Fault)
		}
	})
	bubble(t, "without targets it is the look itself", func(t *testing.T) {
		for _, none := range []*reference.References{nil, reference.New(nil, nil, time.Now, nil)} {
			answer := none.Guard(func(context.Context, *look.Request) look.Answer { return look.Answer{Fault: monitor.FaultDNS} })(t.Context(), nil)
			if answer.Fault != monitor.FaultDNS || none.Problem(t.Context()) != "" {
				t.Errorf("got %q, want it to stand", answer.Fault)
			}
		}
	})
}

func TestQuestions(t *testing.T) {
	t.Parallel()
	bubble(t, "all who ask at a time share one, of a second at most, which holds for a second", func(t *testing.T) {
		p := newProber(t, map[string]connection{"10.0.0.1": {after: never}, "10.0.0.2": {after: never}})
		began := time.Now()
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() { p.look(t.Context(), monitor.FaultTimeout, 10*time.Millisecond) })
		}
		all.Wait()
		if took := time.Since(began); took != 10*time.Millisecond+reference.Limit {
			t.Errorf("got answers after %s, want the limit", took)
		}
		for _, step := range []struct {
			wait time.Duration
			want int
		}{{0, 1}, {reference.Good - time.Millisecond, 1}, {time.Millisecond, 2}} {
			time.Sleep(step.wait)
			p.look(t.Context(), monitor.FaultTimeout, 0)
			if got := p.questions("10.0.0.1"); got != step.want || p.questions("10.0.0.2") != got {
				t.Errorf("got %d questions, want %d", got, step.want)
			}
		}
	})
	bubble(t, "that the network worked before a look proves nothing", func(t *testing.T) {
		p := newProber(t, map[string]connection{"10.0.0.1": {}})
		p.look(t.Context(), monitor.FaultTimeout, time.Second)
		p.set("10.0.0.1", dead)
		time.Sleep(100 * time.Millisecond)
		if answer := p.look(t.Context(), monitor.FaultTimeout, 200*time.Millisecond); answer.Fault != monitor.FaultObserver || p.questions("10.0.0.1") != 2 {
			t.Errorf("got %q after %d questions, want the observer's fault after two", answer.Fault, p.questions("10.0.0.1"))
		}
	})
	bubble(t, "that it worked during one holds for others that ran then", func(t *testing.T) {
		p := newProber(t, map[string]connection{"10.0.0.1": {}})
		var all sync.WaitGroup
		for n := range 10 {
			all.Go(func() { p.look(t.Context(), monitor.FaultTimeout, time.Second+time.Duration(n)*50*time.Millisecond) })
		}
		all.Wait()
		if got := p.questions("10.0.0.1"); got != 1 {
			t.Errorf("got %d questions, want one", got)
		}
	})
	bubble(t, "a look that is called off waits for none", func(t *testing.T) {
		p := newProber(t, map[string]connection{"10.0.0.1": {after: never}})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		began := time.Now()
		p.look(ctx, monitor.FaultTimeout, time.Millisecond)
		if took := time.Since(began); took != 10*time.Millisecond {
			t.Errorf("got its end after %s, want 10ms", took)
		}
		time.Sleep(reference.Limit) // the question goes on for others
	})
}

func TestProblem(t *testing.T) {
	t.Parallel()
	bubble(t, "it is told while no target answers, and no longer", func(t *testing.T) {
		p := newProber(t, map[string]connection{"10.0.0.1": dead})
		says := func(when, want string, gauge float64) {
			t.Helper()
			families, err := p.registry.Gather()
			if err != nil || families[0].GetMetric()[0].GetGauge().GetValue() != gauge {
				t.Errorf("%s: got %v %v, want %v", when, families, err, gauge)
			}
			if got := p.Problem(t.Context()); got != want {
				t.Errorf("%s: got the problem %q, want %q", when, got, want)
			}
		}
		says("before anybody asked", "", 1)
		p.look(t.Context(), monitor.FaultTimeout, 0)
		says("away", "the prober reaches none of its reference targets (10.0.0.1:443)", 0)
		p.set("10.0.0.1", connection{})
		time.Sleep(2 * time.Second)
		says("back, which who asks hears first", "", 0)
		says("back", "", 1)
		p.set("10.0.0.1", dead)
		time.Sleep(2 * time.Second)
		p.look(t.Context(), monitor.FaultObserver, 0)
		synctest.Wait()
		says("away, as one who had no sockets found", "the prober reaches none of its reference targets (10.0.0.1:443)", 0)
		p.set("10.0.0.1", connection{})
		time.Sleep(2 * time.Second)
		p.look(t.Context(), monitor.FaultNone, 0)
		synctest.Wait()
		says("back, as the next look found", "", 1)
	})
}

// TestDeadReference asks real targets on the loopback.
func TestDeadReference(t *testing.T) {
	t.Parallel()
	eye, err := look.New(look.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(eye.Close)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	tests := map[string]struct {
		reference, url string
		want           monitor.Fault
	}{
		"an unresolved name with a dead one": {"127.0.0.1:1", "http://shop..example/", monitor.FaultObserver},
		"no route with a dead one":           {"http://127.0.0.1:1/x", "http://224.0.0.1/", monitor.FaultObserver},
		"no route with one that answers":     {listener.Addr().String(), "http://224.0.0.1/", monitor.FaultUnreachable},
		"an unresolved name with one that answers, by its name": {
			"localhost:" + strings.TrimPrefix(listener.Addr().String(), "127.0.0.1:"), "http://shop..example/", monitor.FaultDNS,
		},
		"a refused connection with a dead one": {"127.0.0.1:1", "http://127.0.0.1:1/", monitor.FaultRefused},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			targets, err := reference.Parse([]string{test.reference})
			if err != nil {
				t.Fatal(err)
			}
			references := reference.New(targets, eye.Reach, time.Now, prometheus.NewRegistry())
			request := &look.Request{Endpoint: "shop/" + name, Location: "local", Method: "GET", URL: test.url, Timeout: time.Minute}
			if answer := references.Guard(eye.Look)(t.Context(), request); answer.Fault != test.want {
				t.Errorf("got %q %q, want %q", answer.Fault, answer.Reason, test.want)
			}
		})
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"1.1.1.1:443": "1.1.1.1:443", " gateway.example:22": "gateway.example:22", "[2606:4700::1111]:53": "[2606:4700::1111]:53",
		"https://a.example/x": "a.example:443", "http://u:p@a.example": "a.example:80", "http://[::1]:8080": "[::1]:8080",
	} {
		got, err := reference.Parse([]string{text})
		if err != nil || len(got) != 1 || got[0].String() != want {
			t.Errorf("got %v %v for %q, want %s", got, err, text, want)
		}
	}
	for _, text := range []string{"", "a.example", "a.example:", ":443", "a.example:0", "a.example:70000", "ftp://a.example", "https://", "a b:80", "u@a:80"} {
		if got, err := reference.Parse([]string{"1.1.1.1:443", text}); !errors.Is(err, monitor.Invalid) || !strings.Contains(err.Error(), "MONITOR_REFERENCES") {
			t.Errorf("got %v %v for %q, want it to be invalid", got, err, text)
		}
	}
	if _, err := reference.Parse(strings.Split(strings.Repeat("1.1.1.1:443,", reference.MaxTargets)+"1.1.1.1:443", ",")); !errors.Is(err, monitor.Invalid) {
		t.Errorf("got %v for nine targets, want them to be invalid", err)
	}
}
