package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/api-endpoint-monitor/monitor/scripts/rig"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
)

// plan says how hard the run is.
type plan struct {
	kills       int
	endpoints   int
	interval    time.Duration
	life        time.Duration // the longest one
	outageEvery time.Duration
	program     string // empty: it is built
	store       string // what the monitor keeps everything in: sqlite or couchbase
	hasty       bool   // do not wait for the leases that kills have left
	only        string // the aims whose names begin so; empty: all
	say         func(format string, args ...any)
}

const (
	termEvery = 8               // after so many kills comes a SIGTERM
	downEvery = 5               // after so many kills those who are told are down for one restart
	settling  = 3 * time.Minute // how long the end may take to be told
)

// run is the plan at work.
type run struct {
	plan
	targets *targets
	sink    *sink
	outages *outages
	node    *couchbasetest.Node // nil: the store is a file
	monitor *monitor
	api     api
	trap    trap
	witness witness
	aim     aim
	began   time.Time
	stalls  []stall
}

// run starts everything, kills as planned, waits until all is told, and
// returns the books.
func (p plan) run(ctx context.Context, root, dir string) (*books, error) {
	r := &run{plan: p, trap: newTrap(), witness: witness{seen: map[check]bool{}}}
	var err error
	if r.targets, err = newTargets(p.endpoints, r.failed); err != nil {
		return nil, err
	}
	defer r.targets.server.close()
	if r.sink, err = newSink(r.trap.pass); err != nil {
		return nil, err
	}
	defer r.sink.server.close()
	if err := r.openStore(); err != nil {
		return nil, err
	}
	defer r.closeStore()
	if err := r.prepare(ctx, root, dir); err != nil {
		return nil, err
	}
	defer r.monitor.Abandon()
	r.began = time.Now()
	return r.drive(ctx)
}

// failed passes the points that lie behind a failure.
func (r *run) failed(times int) {
	if times == after {
		r.trap.pass(decisive)
	}
	r.trap.pass(afterFailure)
}

// prepare writes the definitions and starts the first process.
func (r *run) prepare(ctx context.Context, root, dir string) error {
	var err error
	if r.program == "" {
		r.say("building the monitor")
		if r.program, err = rig.Build(ctx, root, dir); err != nil {
			return err
		}
	}
	addr, err := rig.FreeAddr()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "monitor.yaml"), []byte(r.definitions()), 0o600); err != nil {
		return err
	}
	r.monitor = &monitor{Monitor: rig.Monitor{Program: r.program, Dir: dir, Addr: addr, Log: &rig.Log{}, Settings: append(r.storeSettings(),
		"MONITOR_SLACK_API="+r.sink.server.url+"/slack/",
		"MONITOR_SECRET_SHOP_SLACK_TOKEN="+slackToken,
		"MONITOR_FOLD_AFTER=0", // each minute, so that kills can be aimed at folds
		"MONITOR_SELF=false",   // what a kill does to it is no incident of the targets
	)}}
	r.api = api{r.monitor.URL()}
	return r.monitor.start()
}

// definitions returns the monitor.yaml of all targets.
func (r *run) definitions() string {
	var b strings.Builder
	fmt.Fprintf(&b, `namespace: shop
defaults: {interval: %s, timeout: 2s, adaptive: {timeout: false}} # one request, one result
channels:
  - {name: %s, webhook: {url: "%s/hook/%s"}}
  - {name: %s, webhook: {url: "%s/hook/%s"}}
  - {name: %s, slack: {token: "${SLACK_TOKEN}", channel: C0123456}}
endpoints:
`, r.interval, hook, r.sink.server.url, hook, slow, r.sink.server.url, slow, oncall)
	for i := range r.endpoints {
		fmt.Fprintf(&b, "  - {name: %s, http: {url: \"%s/%d\"}, alert: {after: %d, recover: %d, channels: [%s, %s, %s]}}\n",
			name(i), r.targets.server.url, i, after, recovers, hook, slow, oncall)
	}
	return b.String()
}

// The policy of every endpoint.
const (
	after    = 2
	recovers = 2
)

func name(endpoint int) string { return fmt.Sprintf("e%04d", endpoint) }
func key(endpoint int) string  { return "shop/" + name(endpoint) }

// drive lets things fail and kills the process, and then reads the books.
func (r *run) drive(ctx context.Context) (*books, error) {
	failing, heal := context.WithCancel(ctx)
	defer heal()
	r.outages = &outages{healed: make(chan struct{}), targets: r.targets, every: r.outageEvery, least: 4 * time.Second, most: 10 * time.Second}
	var background sync.WaitGroup
	background.Go(func() { r.stalls = watchStalls(failing) })
	background.Go(func() { r.outages.run(failing) })
	background.Go(func() { r.witness.watch(failing, r.api, r.endpoints) })
	err := r.killAll(ctx)
	heal()
	background.Wait()
	r.sink.setDown(false)
	if err != nil {
		return nil, err
	}
	r.say("waiting until everything is told")
	if _, _, err := r.settle(ctx); err != nil {
		return nil, err
	}
	return r.readBooks(ctx)
}

func (r *run) killAll(ctx context.Context) error {
	if err := r.monitor.awaitReady(ctx); err != nil {
		return err
	}
	aimed := slices.DeleteFunc(r.aims(), func(a aim) bool { return !strings.HasPrefix(a.name, r.only) })
	if len(aimed) == 0 {
		return fmt.Errorf("no aim begins with %q", r.only)
	}
	rig.Pause(ctx, 4*time.Second) // checks come first, so that there is something to lose
	for killed := 0; killed < r.kills; {
		r.aim = aimed[killed%len(aimed)]
		r.sink.setDown(killed%downEvery == downEvery-2)
		if err := r.aim.end(ctx, r); err != nil {
			return err
		}
		killed = r.killed()
		r.say("killed %d times, last: %s", killed, r.aim.name)
		if err := r.restart(ctx); err != nil {
			return err
		}
		if killed%termEvery == termEvery-1 || killed == r.kills {
			rig.Pause(ctx, r.lifetime())
			if err := errors.Join(r.monitor.terminate("SIGTERM"), r.restart(ctx)); err != nil {
				return err
			}
		}
	}
	rig.Pause(ctx, 4*time.Second)
	return ctx.Err()
}

func (r *run) restart(ctx context.Context) error {
	if err := r.monitor.start(); err != nil {
		return err
	}
	return r.monitor.awaitReady(ctx)
}

func (r *run) killed() int {
	count := 0
	for _, l := range r.monitor.lives {
		if !l.stop.at.IsZero() && !l.stop.clean {
			count++
		}
	}
	return count
}

// lifetime is how long a process lives before its end is prepared. Short lives
// come often: they are the hardest.
func (r *run) lifetime() time.Duration { return min(upTo(r.life), upTo(2*r.life)) }
