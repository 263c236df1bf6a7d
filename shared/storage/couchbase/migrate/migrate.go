package migrate

import (
	"context"
	"errors"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/link"
)

// Options say what may be done, and how. The zero value is ready to use.
type Options struct {
	// Create makes buckets that are not there; otherwise each has to be there.
	Create bool
	// Quota is the memory of each bucket that is made, in MB on each node; 0: 256.
	Quota int
	// Replicas are the further copies of what is in each bucket that is made, up to
	// 2; negative: 1 where the cluster has nodes for it, else 0.
	Replicas int
	// IndexReplicas are the further copies of each index that is made, up to 3.
	// More than none needs Enterprise Edition and as many more nodes with the index
	// service.
	IndexReplicas int
	// Plan says what would be done, and changes nothing.
	Plan bool
	// Patience is how long to wait for the cluster: for its answers, and until its
	// indexes are built; 0: 10 minutes.
	Patience time.Duration
	// Tell is told each step and what is waited for, as it happens; nil: nobody is.
	Tell func(line string)
}

// Report is what a run has found and done.
type Report struct {
	Cluster string   // its version, edition and nodes
	Buckets []string // how each bucket is, by name
	Steps   []string // what this run has done, or would do
}

const (
	usualQuota    = 256 // MB
	usualPatience = 10 * time.Minute
)

// Run prepares the cluster that the settings name. Invalid: the options, or what
// is there, cannot be worked with, or a newer program has been here. Forbidden:
// the user may not do what is missing. Unavailable: the cluster did not answer,
// or was not done within the patience; running again goes on.
func Run(ctx context.Context, settings couchbase.Settings, options Options) (report Report, err error) {
	if err := errors.Join(settings.Check(), options.check()); err != nil {
		return Report{}, err
	}
	run := &run{settings: settings.Link, options: options, want: wanted(settings)}
	if run.link, err = link.Open(run.settings, link.Options{}); err != nil {
		return Report{}, err
	}
	defer func() { err = errors.Join(err, run.link.Close()) }()
	ctx, cancel := context.WithTimeout(ctx, options.patience())
	defer cancel()
	err = run.converge(ctx)
	return run.report, err
}

func (o Options) check() error {
	var faults []error
	fault := func(wrong bool, format string, args ...any) {
		if wrong {
			faults = append(faults, monitor.Errorf(monitor.Invalid, format, args...))
		}
	}
	fault(o.Quota != 0 && o.Quota < minQuota, "the memory of a bucket must be at least %d MB, got %d", minQuota, o.Quota)
	fault(o.Replicas > maxReplicas, "a bucket can have up to %d replicas, got %d: with more, no write could wait for a majority", maxReplicas, o.Replicas)
	fault(o.IndexReplicas < 0 || o.IndexReplicas > maxIndexReplicas, "an index can have 0 to %d replicas, got %d", maxIndexReplicas, o.IndexReplicas)
	return errors.Join(faults...)
}

func (o Options) patience() time.Duration {
	if o.Patience > 0 {
		return o.Patience
	}
	return usualPatience
}

// run is one run: what it works on, and what it has done.
type run struct {
	settings link.Settings
	link     *link.Link
	options  Options
	want     wants
	report   Report
	reached  bool   // the cluster has answered
	told     string // what was last said to be waited for
}

// converge looks and does until nothing is left to do.
func (r *run) converge(ctx context.Context) error {
	for pause := shortest; ; pause = min(2*pause, longest) {
		before := len(r.report.Steps)
		done, err := r.round(ctx)
		switch {
		case done, err != nil && !mayPass(err):
			return err
		case err == nil:
			pause = shortest
			continue
		case len(r.report.Steps) > before:
			pause = shortest
		}
		r.waiting(err)
		if !rest(ctx, pause) {
			return late(ctx, err)
		}
	}
}

// The pauses between rounds that had to wait for something.
const (
	shortest = 50 * time.Millisecond
	longest  = 2 * time.Second
)

// round looks, and does what is missing. It has done its part when nothing was.
func (r *run) round(ctx context.Context) (done bool, err error) {
	seen, err := r.look(ctx)
	if err != nil {
		return false, err
	}
	r.report.Cluster, r.report.Buckets = seen.cluster.String(), seen.lines(r.want)
	steps, err := plan(r.want, seen, r.options)
	if err != nil || len(steps) == 0 {
		return err == nil, err
	}
	if r.options.Plan {
		for _, step := range steps {
			r.report.Steps = append(r.report.Steps, step.would())
		}
		return true, nil
	}
	for _, step := range steps {
		did, err := r.apply(ctx, step)
		if err != nil {
			return false, err
		}
		if did {
			r.report.Steps = append(r.report.Steps, step.was())
			r.tell(step.was())
		}
	}
	return false, nil
}

func (r *run) tell(line string) {
	if r.options.Tell != nil {
		r.options.Tell(line)
	}
}

// waiting tells what is waited for, once.
func (r *run) waiting(err error) {
	if line := "waiting: " + err.Error(); line != r.told {
		r.told = line
		r.tell(line)
	}
}

// rest lets the time pass, and reports whether there is more of it.
func rest(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
