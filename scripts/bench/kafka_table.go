package main

import (
	"fmt"
	"io"
	"time"
)

// kafkaAim is what publishing a result and three functions that take it cost
// where the host was designed, with a hundred results an event or more.
const (
	kafkaAim     = 3400 * time.Nanosecond
	kafkaAimFrom = 100
)

func (r KafkaReport) print(to io.Writer) {
	if r.NotRun != "" {
		_, _ = fmt.Fprintf(to, "Kafka: NOT RUN: %s\n\n", r.NotRun)
	}
	if len(r.Costs) > 0 {
		w := newTable(to, "Kafka: results an event", "JSON a result", "CPU a result, emitted and taken by three groups: sarama alone", "our host", "ratio",
			"our host, rows written and read")
		for _, c := range r.Costs {
			whole := hundredths(c.Whole)
			if c.Results >= kafkaAimFrom {
				whole = beside(whole, median(c.Whole) <= kafkaAim, "≤ 3.4 µs")
			}
			w.row(c.Results, fmt.Sprintf("%.0f B", c.Bytes), hundredths(c.Bare), hundredths(c.Host), fmt.Sprintf("%.2f", c.Ratio), whole)
		}
		w.end()
	}
	if len(r.Spreads) > 0 {
		w := newTable(to, "Kafka: endpoints", "partitions", "results a partition: least", "mean", "most", "least/mean", "by chance", "most/mean", "by chance")
		for _, s := range r.Spreads {
			w.spread(s)
		}
		w.end()
	}
	if len(r.Loads) > 0 {
		_, _ = fmt.Fprintf(to, "The whole monitor with Kafka between its functions:\n\n")
	}
	printLoads(to, r.Loads)
	printOutages(to, r.Outages)
}

func (t table) spread(s KafkaSpread) {
	least, most, sum := s.Results[0], s.Results[0], 0
	for _, n := range s.Results {
		least, most, sum = min(least, n), max(most, n), sum+n
	}
	b := balanceOf(s.Results)
	t.row(s.Endpoints, len(s.Results), least, fmt.Sprintf("%.1f", float64(sum)/float64(len(s.Results))), most,
		fmt.Sprintf("%.2f", b.Least), fmt.Sprintf("%.2f", s.Chance.Least), fmt.Sprintf("%.2f", b.Most), fmt.Sprintf("%.2f", s.Chance.Most))
}

// hundredths returns the median with two digits behind the point.
func hundredths(all []time.Duration) string { return exact(median(all)) }
