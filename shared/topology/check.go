package topology

import (
	"maps"
	"slices"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// check holds the topology as a whole against what the functions take and emit.
func (r *reader) check(slot time.Duration) {
	r.counts()
	r.resolve()
	if len(r.faults) > 0 {
		return
	}
	r.cadence(slot)
	r.timeouts(slot)
	r.reach()
}

func (r *reader) counts() {
	var brokers []object
	for _, one := range r.objects {
		if one.kind == "Broker" {
			brokers = append(brokers, one)
		}
	}
	switch {
	case len(brokers) == 0:
		r.fault(nil, "there is no Broker")
	case len(brokers) > 1:
		r.faultAt(brokers[1].place, "there is a second Broker, %s: one installation has one", brokers[1].name)
	}
	if len(r.topology.Ticks) == 0 {
		r.fault(nil, "there is no PingSource: nothing would ever be checked")
	}
}

// resolve finds every object that another one names.
func (r *reader) resolve() {
	for _, link := range r.links {
		there := slices.ContainsFunc(r.objects, func(o object) bool { return o.kind == link.kind && o.name == link.name })
		if !there {
			r.faultAt(link.place, "there is no %s %q in the manifests", link.kind, link.name)
		}
	}
	flows := events.Flows()
	for _, t := range r.topology.Triggers {
		if _, ok := flows[t.Subscriber.Name]; t.Subscriber.Kind == Service && !ok {
			r.faultAt(t.place, "Trigger %s: there is no function %q; there are %v",
				t.Name, t.Subscriber.Name, slices.Sorted(maps.Keys(flows)))
		}
	}
}

// cadence checks that every tick falls on the start of a slot, and each slot
// has one, over the ticks of a day or ten thousand of them.
func (r *reader) cadence(slot time.Duration) {
	for _, tick := range r.topology.Ticks {
		want := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
		next := tick.Schedule.Next(want.Add(-time.Nanosecond))
		for range min(10_000, int(24*time.Hour/slot)) {
			if !next.Equal(want) {
				r.faultAt(tick.place, "PingSource %s: its ticks must come every %s, the slot, but at %s there is one where %s is due",
					tick.Name, monitor.Duration(slot), next.UTC().Format(time.DateTime), want.Format(time.DateTime))
				break
			}
			next, want = tick.Schedule.Next(next), want.Add(slot)
		}
	}
}

// deliveryMargin is how much longer than its handler a delivery may take.
const deliveryMargin = 45 * time.Second

func (r *reader) timeouts(slot time.Duration) {
	least := monitor.Plan{Slot: slot}.HandlerTimeout(monitor.MaxTimeout) + deliveryMargin
	for _, t := range r.topology.Triggers {
		if t.Subscriber.Kind == Service && t.Delivery.Timeout < least {
			r.faultAt(t.place, "Trigger %s: spec.delivery.timeout must be at least %s with slots of %s, got %s",
				t.Name, least, monitor.Duration(slot), t.Delivery.Timeout)
		}
	}
}
