package notify_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/functions/notify"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
	"github.com/api-endpoint-monitor/monitor/shared/storage/sqlite"
	"github.com/api-endpoint-monitor/monitor/shared/storage/sqlite/sqlitetest"
)

const shards = 4

// world is a store, a provider for every channel, and what the provider took.
type world struct {
	t     *testing.T
	store *sqlite.Store
	log   lines

	mutex  sync.Mutex
	answer func(ctx context.Context, n monitor.Notice) error // nil: everything is accepted
	tried  []delivery
	taken  []delivery
}

// lines counts what is logged.
type lines struct{ atomic.Int64 }

// Write counts one line.
func (l *lines) Write(line []byte) (int, error) {
	l.Add(1)
	return len(line), nil
}

type delivery struct {
	notice string // incident-sequence channel
	at     time.Duration
	thread string
}

// inBubble runs the test with a clock that moves when everybody waits.
func inBubble(t *testing.T, test func(w *world)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, store: sqlitetest.Open(t)}
		w.define("oncall", "hook")
		test(w)
	})
}

func (w *world) define(names ...string) {
	w.t.Helper()
	catalog, err := w.store.Catalog(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	var change monitor.CatalogChange
	for _, c := range catalog.Channels {
		change.DeleteChannels = append(change.DeleteChannels, c.Key())
	}
	for _, name := range names {
		change.DeleteChannels = slices.DeleteFunc(change.DeleteChannels, func(key string) bool { return key == "shop/"+name })
		change.PutChannels = append(change.PutChannels, defined(name))
	}
	if _, err := w.store.ChangeCatalog(w.t.Context(), catalog.Revision, change); err != nil {
		w.t.Fatal(err)
	}
}

// defined returns a channel that can edit, if it is named so, and a webhook
// otherwise.
func defined(name string) monitor.Channel {
	if strings.HasPrefix(name, "editable") {
		return monitor.Channel{Namespace: "shop", Name: name, Slack: &monitor.Slack{Token: "${T}", Channel: "C1"}}
	}
	return monitor.Channel{Namespace: "shop", Name: name, Webhook: &monitor.Webhook{URL: "http://" + name + ".example"}}
}

// process is one running notify.
type process struct {
	w        *world
	handler  events.Handler
	registry *prometheus.Registry
	stop     func() // ends it and waits
}

// run starts a process on the world's store, or on what stands in for it.
func (w *world) run(notices storage.Notices) *process {
	registry := prometheus.NewRegistry()
	n := notify.New(notify.Parts{
		Notices: notices, Catalog: w.store, Send: w.send, Shards: shards, Clock: time.Now,
		Log: slog.New(slog.NewTextHandler(&w.log, nil)), Registry: registry,
	})
	ctx, cancel := context.WithCancel(w.t.Context())
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx) }()
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Errorf("got %v from Run, want nil", err)
		}
	})
	w.t.Cleanup(stop)
	return &process{w, n.Handler(), registry, stop}
}

func (w *world) send(ctx context.Context, d monitor.Delivery) (string, error) {
	n := d.Notice
	w.mutex.Lock()
	now := delivery{fmt.Sprintf("%s-%d %s", n.Incident, n.Sequence, d.Channel.Name), time.Since(epoch()), d.Thread}
	w.tried = append(w.tried, now)
	answer := w.answer
	w.mutex.Unlock()
	if answer != nil {
		if err := answer(ctx, n); err != nil {
			return "", err
		}
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.taken = append(w.taken, now)
	return "receipt of " + now.notice, nil
}

// answers sets what the provider does from now on.
func (w *world) answers(answer func(ctx context.Context, n monitor.Notice) error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.answer = answer
}

func (w *world) refuses() {
	w.answers(func(context.Context, monitor.Notice) error {
		return monitor.Errorf(monitor.Unavailable, "the provider is down")
	})
}

// deliveries returns what the provider took, in order.
func (w *world) deliveries() []string {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	names := make([]string, len(w.taken))
	for i := range w.taken {
		names[i] = w.taken[i].notice
	}
	return names
}

// threads returns what each delivery that the provider took went on from.
func (w *world) threads() []string {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	threads := make([]string, len(w.taken))
	for i := range w.taken {
		threads[i] = w.taken[i].thread
	}
	return threads
}

// attempts returns when a notice was tried.
func (w *world) attempts(notice string) []time.Duration {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	var times []time.Duration
	for _, d := range w.tried {
		if d.notice == notice {
			times = append(times, d.at)
		}
	}
	return times
}

// stored returns a notice as it is kept.
func (w *world) stored(incident string, sequence int, channel string) monitor.Notice {
	w.t.Helper()
	notices, err := w.store.NoticesOf(w.t.Context(), incident)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, n := range notices {
		if n.Sequence == sequence && n.Channel == "shop/"+channel {
			return n
		}
	}
	w.t.Fatalf("there is no notice %d of %s to %s", sequence, incident, channel)
	return monitor.Notice{}
}

func (p *process) handle(event events.Event) error { return p.handler(p.w.t.Context(), event, nil) }

func (p *process) tell(change monitor.IncidentChange) {
	p.w.t.Helper()
	if err := p.handle(changed(change)); err != nil {
		p.w.t.Fatal(err)
	}
}

func changed(change monitor.IncidentChange) events.Event {
	return events.New(events.TypeIncidentChanged, events.Head{ID: change.ID(), Source: "alert"}, &change)
}

func (p *process) tick() {
	p.w.t.Helper()
	for shard := range shards {
		tick := events.ShardTick{Shard: shard, Minute: monitor.At(time.Now())}
		if err := p.handle(events.New(events.TypeShardTick, events.Head{ID: "tick", Source: "schedule"}, &tick)); err != nil {
			p.w.t.Fatal(err)
		}
	}
}

// metric returns the value of a counter or gauge, or the count of a histogram.
func (p *process) metric(name string) float64 {
	p.w.t.Helper()
	families, err := p.registry.Gather()
	if err != nil {
		p.w.t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() == name {
			m := family.GetMetric()[0]
			return m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	p.w.t.Fatalf("there is no metric %s", name)
	return 0
}

// pass lets the time pass, and all that happens meanwhile.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// epoch is when the clock of every bubble starts.
func epoch() time.Time { return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) }

// change returns one step of an incident: odd sequences open, even ones resolve.
func change(incident string, sequence int, channels ...string) monitor.IncidentChange {
	now := monitor.At(time.Now())
	kind := monitor.Opened
	if sequence%2 == 0 {
		kind = monitor.Resolved
	}
	return monitor.IncidentChange{
		Shard: int(incident[len(incident)-1]) % shards, Change: kind, Channels: channels, Decided: now,
		Incident: monitor.Incident{ID: incident, Namespace: "shop", Endpoint: "shop/" + incident, Name: incident, Sequence: sequence},
	}
}
