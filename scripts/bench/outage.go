package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/api-endpoint-monitor/monitor/scripts/rig"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// OutageResult is how long it took from the beginning of an outage to the
// webhook that tells of it, at moments spread over the interval.
type OutageResult struct {
	Kind     string          `json:"kind"`
	Interval time.Duration   `json:"interval_ns"`
	Timeout  time.Duration   `json:"timeout_ns"`
	Took     []time.Duration `json:"took_ns"` // ascending
	Missed   int             `json:"missed"`  // outages that nobody was told of
}

// outage is one way for an endpoint to go down.
type outage struct {
	kind string
	mode mode
	kill bool // the process behind the endpoint is killed
}

// The kinds of outage whose budgets are their own.
const (
	hung   = "hang"
	killed = "kill"
)

func outages() []outage {
	return []outage{
		{kind: "500", mode: failing},
		{kind: hung, mode: hanging},
		{kind: "refuse", mode: refusing},
		{kind: "reset", mode: resetting},
		{kind: killed, kill: true},
	}
}

// hook is the webhook that is told.
type hook struct {
	server *http.Server
	url    string
	mu     sync.Mutex
	wait   map[string]chan time.Time // by endpoint: told when it opens
}

func newHook() (*hook, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	h := &hook{url: "http://" + listener.Addr().String(), wait: map[string]chan time.Time{}}
	h.server = &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	go func() { _ = h.server.Serve(listener) }() // until it is closed
	return h, nil
}

// ServeHTTP notes when an incident was told.
func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at := time.Now()
	var event struct {
		Data struct {
			Change   string `json:"change"`
			Endpoint string `json:"endpoint"`
		} `json:"data"`
	}
	if err := json.NewDecoder(io.LimitReader(r.Body, 1<<20)).Decode(&event); err != nil {
		http.Error(w, "no event", http.StatusBadRequest)
		return
	}
	if event.Data.Change == "opened" {
		h.mu.Lock()
		told := h.wait[event.Data.Endpoint]
		h.mu.Unlock()
		select {
		case told <- at:
		default:
		}
	}
	w.WriteHeader(http.StatusNoContent)
}

// expect returns where the opening of an endpoint's incident is told.
func (h *hook) expect(endpoint string) <-chan time.Time {
	told := make(chan time.Time, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.wait[endpoint] = told
	return told
}

// runOutages lets so many endpoints go down in each way, and times the webhooks.
func (b *bench) runOutages(ctx context.Context, interval time.Duration, each int) ([]OutageResult, error) {
	h, err := newHook()
	if err != nil {
		return nil, err
	}
	defer func() { _ = h.server.Close() }()
	t, err := newTarget(0, interval, loadNetwork, nil)
	if err != nil {
		return nil, err
	}
	defer t.close()
	parts, err := newParts(ctx, len(outages())*each)
	if err != nil {
		return nil, err
	}
	defer parts.close()
	t.endpoints = make([]endpoint, len(parts))
	for i := range t.endpoints {
		t.endpoints[i].addr = parts[i].addr
		t.endpoints[i].seen.Store(true)
	}
	m, err := b.start(ctx, t, fmt.Sprintf("channels: [{name: hook, webhook: {url: %q}}]\n", h.url))
	if err != nil {
		return nil, err
	}
	defer m.Abandon()
	if err := parts.awaitSeen(ctx, interval); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, m.Log)
	}
	var results []OutageResult
	for i, o := range outages() {
		result := h.time(ctx, o, interval, parts[i*each:(i+1)*each], i*each)
		result.Timeout = t.timeout
		results = append(results, result)
	}
	return results, ctx.Err()
}

// trialPause is the time that there is for each outage, so that they are told
// one by one.
const trialPause = 200 * time.Millisecond

// untilNext returns how long it is until the clock is congruent to the phase
// modulo the interval.
func untilNext(now time.Time, phase, interval time.Duration) time.Duration {
	since := time.Duration(now.UnixNano()) - phase
	return interval - since%interval
}

// time lets the endpoints go down one by one, and waits for what is told of
// them. Each goes down at another share of the time between two of its checks,
// evenly spread: so what the median says does not depend on luck.
func (h *hook) time(ctx context.Context, o outage, interval time.Duration, parts parts, first int) OutageResult {
	out := OutageResult{Kind: o.kind, Interval: interval}
	var mu sync.Mutex
	var trials sync.WaitGroup
	spread := max(len(parts)*int(trialPause)/int(interval), 1)
	for i, p := range parts {
		trials.Go(func() {
			endpoint := "bench/" + name(first+i)
			due := monitor.Phase(endpoint, interval)
			share := interval * time.Duration(2*i+1) / time.Duration(2*len(parts))
			rig.Pause(ctx, untilNext(time.Now(), due+share, interval)+time.Duration(i%spread)*interval)
			told := h.expect(endpoint)
			began := time.Now()
			p.fail(o)
			var took time.Duration
			select {
			case at := <-told:
				took = at.Sub(began)
			case <-time.After(2*interval + 15*time.Second):
			case <-ctx.Done():
			}
			mu.Lock()
			defer mu.Unlock()
			if took == 0 {
				out.Missed++
				return
			}
			out.Took = append(out.Took, took)
		})
	}
	trials.Wait()
	slices.Sort(out.Took)
	return out
}

// parts are targets of one endpoint each, as processes of their own: what they
// do is what an outage of one service does.
type parts []*part

func (p parts) close() {
	for _, one := range p {
		one.kill()
	}
}

func (p parts) awaitSeen(ctx context.Context, interval time.Duration) error {
	return rig.Await(ctx, "every endpoint was checked", 2*interval+time.Minute, 50*time.Millisecond, func() (bool, error) {
		for _, one := range p {
			if !one.seen.Load() {
				return false, nil
			}
		}
		return true, nil
	})
}

// modeNamed returns the mode of a name that a part is sent.
func modeNamed(word string) (mode, bool) {
	for _, o := range outages() {
		if o.kind == strings.TrimSpace(word) && !o.kill {
			return o.mode, true
		}
	}
	return 0, false
}
