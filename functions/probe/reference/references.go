package reference

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// How the targets are asked.
const (
	Limit = time.Second // for their answers
	Good  = time.Second // how long what they said holds
)

// Reach connects to host:port and hangs up. It tells whether the host is an
// address, or a name that was resolved just now. It gives up when ctx ends.
type Reach func(ctx context.Context, host, port string) (resolved bool, err error)

// Look is a probe's.
type Look = func(ctx context.Context, request *look.Request) look.Answer

// References are the targets of one prober. Nil and without targets they stand
// for a network that always works.
type References struct {
	targets []Target
	reach   Reach
	clock   func() time.Time
	away    atomic.Bool // what was said last is that the network does not work

	mu     sync.Mutex
	asking chan struct{} // closed when the question under way is answered; nil: there is none
	last   verdict
}

// verdict is what the targets said together.
type verdict struct {
	at       time.Time
	reached  bool // one of them at least
	resolved bool // the name of one of them, or there are no names
}

// New returns the references of a prober that has asked none of its targets yet.
func New(targets []Target, reach Reach, clock func() time.Time, registry prometheus.Registerer) *References {
	r := &References{targets: targets, reach: reach, clock: clock}
	if len(targets) > 0 {
		registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "monitor_probe_references_reachable",
			Help: "1: the reference targets could be reached when they were asked last, or were not asked yet; 0: none could.",
		}, func() float64 {
			if r.away.Load() {
				return 0
			}
			return 1
		}))
	}
	return r
}

// Guard returns a look whose faults are the observer's own where the network of
// the prober may have brought them about and no target can be reached.
func (r *References) Guard(next Look) Look {
	if r == nil || len(r.targets) == 0 {
		return next
	}
	return func(ctx context.Context, request *look.Request) look.Answer {
		answer := next(ctx, request)
		switch answer.Fault {
		case monitor.FaultDNS, monitor.FaultUnreachable, monitor.FaultTimeout, monitor.FaultProxy:
			if ctx.Err() == nil {
				r.judge(ctx, &answer)
			}
		case monitor.FaultObserver:
			r.refresh()
		default:
			if r.away.Load() {
				r.refresh()
			}
		}
		return answer
	}
}

// judge makes the answer's fault the observer's, if it is. That of a proxy may
// have been its name.
func (r *References) judge(ctx context.Context, answer *look.Answer) {
	said, ok := r.ask(ctx, r.clock().Add(-answer.Took))
	named := answer.Fault == monitor.FaultDNS || answer.Fault == monitor.FaultProxy
	if !ok || said.reached && (said.resolved || !named) {
		return
	}
	answer.Fault = monitor.FaultObserver
	answer.Reason = r.complaint(said) + ", so this says nothing about the endpoint: " + answer.Reason
}

// Problem says what is wrong with the prober's network, in one sentence, and
// nothing where all is well. Where it was not, the targets are asked again.
func (r *References) Problem(ctx context.Context) string {
	if r == nil || !r.away.Load() {
		return ""
	}
	said, ok := r.ask(ctx, r.clock())
	if !ok || said.works() {
		return ""
	}
	return r.complaint(said)
}

func (v verdict) works() bool { return v.reached && v.resolved }

func (r *References) complaint(said verdict) string {
	names := make([]string, 0, len(r.targets))
	for _, target := range r.targets {
		names = append(names, target.String())
	}
	list := strings.Join(names, ", ")
	if len(names) > 3 {
		list = strings.Join(names[:3], ", ") + " and others"
	}
	if said.reached {
		return "the prober can resolve none of the names of its reference targets (" + list + ")"
	}
	return "the prober reaches none of its reference targets (" + list + ")"
}

// ask returns what the targets say, or false once ctx has ended. All who ask at
// a time share one question. What was said before since is no proof of a network
// that works later.
func (r *References) ask(ctx context.Context, since time.Time) (verdict, bool) {
	for {
		said, asking := r.recall(since)
		if asking == nil {
			return said, true
		}
		select {
		case <-asking:
		case <-ctx.Done():
			return verdict{}, false
		}
	}
}

// refresh has the targets asked, unless what they said still holds.
func (r *References) refresh() { r.recall(time.Time{}) }

// recall returns what the targets said, if that still holds; otherwise they are
// asked, and it returns what is closed when they have answered.
func (r *References) recall(since time.Time) (verdict, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	late := r.clock().Sub(r.last.at) >= Good
	if !late && (!r.last.works() || !r.last.at.Before(since)) {
		return r.last, nil
	}
	if r.asking == nil {
		r.asking = make(chan struct{})
		go r.question()
	}
	return verdict{}, r.asking
}

// question asks all targets.
func (r *References) question() {
	ctx, cancel := context.WithTimeout(context.Background(), Limit)
	defer cancel()
	answers := make(chan verdict, len(r.targets))
	said := verdict{resolved: true}
	for _, target := range r.targets {
		said.resolved = said.resolved && !target.named()
		go func() { // ends with ctx
			resolved, err := r.reach(ctx, target.Host, target.Port)
			answers <- verdict{reached: err == nil, resolved: resolved && target.named()}
		}()
	}
	for left := len(r.targets); left > 0 && !said.works(); left-- {
		one := <-answers
		said.reached, said.resolved = said.reached || one.reached, said.resolved || one.resolved
	}
	said.at = r.clock()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = said
	r.away.Store(!said.works())
	close(r.asking)
	r.asking = nil
}
