package kafka

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// progress is how far a group is with a partition.
type progress struct {
	place             // of the first record that is not finished
	end     int64     // of the partition
	written time.Time // when that record was; zero: nobody has it in hand
	before  time.Time // when the record was that was taken last; zero: none was
}

func (p progress) lag() int64 { return max(p.end-p.offset, 0) }

// age returns how long ago the oldest record was written that is not finished,
// and whether that is known.
func (p progress) age(found *survey, now time.Time) (time.Duration, bool) {
	if p.lag() == 0 {
		return 0, true
	}
	written, exact := p.written, !p.written.IsZero()
	if !exact {
		written, exact = found.written[p.place]
	}
	if !exact {
		written = p.before // it moves on, and this one was just before
		if found.ends[p.partition] <= p.offset && found.asked.After(written) {
			written = found.asked // it was not there yet
		}
	}
	return max(now.Sub(written), 0), !written.IsZero()
}

// progress returns how far the Trigger's group is: with the partitions that are
// assigned to this process, or, where the group has not let it in, with all that
// the brokers told of. A member leaves the other partitions to the others.
func (t *trigger) progress(found *survey) []progress {
	var all []progress
	claims, joined := t.membership.held()
	for _, c := range claims {
		all = append(all, c.progress(found))
	}
	if joined {
		return all
	}
	for partition, next := range found.groups[t] {
		all = append(all, progress{place: place{partition, next}, end: found.ends[partition]})
	}
	return all
}

func (c *claim) progress(found *survey) progress {
	at, before := c.window.first()
	return progress{
		place:   place{c.partition, max(at.offset, found.starts[c.partition])},
		end:     max(found.ends[c.partition], c.highest()),
		written: at.written, before: before,
	}
}

// known tells whether the brokers said how far the Trigger's group is.
func (s *survey) known(t *trigger) bool {
	if s == nil {
		return false
	}
	_, told := s.groups[t]
	joined, _ := t.membership.standing()
	return told || joined
}

// collector shows at each look how far all groups are.
type collector struct {
	surveyor *surveyor

	events, seconds, known, oldest, assigned *prometheus.Desc
}

func newCollector(s *surveyor) *collector {
	gauge := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, append([]string{"trigger"}, labels...), nil)
	}
	return &collector{
		surveyor: s,
		events:   gauge("monitor_kafka_lag_events", "Records of the partition that the Trigger's group has not finished.", "partition"),
		seconds:  gauge("monitor_kafka_lag_seconds", "Age of the oldest of these records; 0: there is none.", "partition"),
		known:    gauge("monitor_kafka_lag_known", "1: the lag is shown. 0: the brokers do not tell it."),
		oldest:   gauge("monitor_kafka_oldest_unacknowledged_seconds", "For how long the event has been in hand that has been longest; 0: none is in hand."),
		assigned: gauge("monitor_kafka_partitions_assigned", "Partitions that the Trigger's group has given to this process."),
	}
}

// Describe sends the metrics.
func (c *collector) Describe(out chan<- *prometheus.Desc) {
	for _, one := range []*prometheus.Desc{c.events, c.seconds, c.known, c.oldest, c.assigned} {
		out <- one
	}
}

// Collect sends their values for the Triggers that have a handler.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	now, found := time.Now(), c.surveyor.last()
	for _, t := range c.surveyor.triggers {
		if t.handler == nil {
			continue
		}
		show := func(what *prometheus.Desc, value float64, labels ...string) {
			out <- prometheus.MustNewConstMetric(what, prometheus.GaugeValue, value, append([]string{t.Name}, labels...)...)
		}
		claims, _ := t.membership.held()
		show(c.assigned, float64(len(claims)))
		show(c.oldest, oldest(claims, now).Seconds())
		if !found.known(t) {
			show(c.known, 0)
			continue
		}
		show(c.known, 1)
		for _, at := range t.progress(found) {
			partition := strconv.Itoa(int(at.partition))
			show(c.events, float64(at.lag()), partition)
			if age, ok := at.age(found, now); ok {
				show(c.seconds, age.Seconds(), partition)
			}
		}
	}
}

func oldest(claims []*claim, now time.Time) time.Duration {
	longest := time.Duration(0)
	for _, c := range claims {
		if at, _ := c.window.first(); !at.taken.IsZero() {
			longest = max(longest, now.Sub(at.taken))
		}
	}
	return longest
}
