package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/IBM/sarama"

	"github.com/api-endpoint-monitor/monitor/knative"
	"github.com/api-endpoint-monitor/monitor/scripts/kafka/broker"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

// KafkaReport is what was found on Kafka.
type KafkaReport struct {
	NotRun  string         `json:"not_run,omitempty"` // why there is nothing
	Costs   []KafkaCost    `json:"costs"`
	Spreads []KafkaSpread  `json:"spreads"`
	Loads   []LoadResult   `json:"loads"` // of the whole monitor, with the broker between its functions
	Outages []OutageResult `json:"outages"`
}

// KafkaCost is what it takes to bring results from one function that emits them
// to three that take them: process CPU time, user and system, of a result, one
// for each round, in order.
type KafkaCost struct {
	Results int             `json:"results_an_event"`
	Bytes   float64         `json:"bytes_a_result"` // as JSON
	Bare    []time.Duration `json:"bare_ns"`        // sarama alone, over the same bytes
	Host    []time.Duration `json:"host_ns"`        // ours, which hands the bytes to its handlers
	Whole   []time.Duration `json:"whole_ns"`       // ours, rows written by the emitter and read by each handler
	Ratio   float64         `json:"ratio"`          // of the host to sarama alone
}

// kafkaPlan says what is measured on Kafka.
type kafkaPlan struct {
	sizes     []int // results an event
	results   int   // of a round
	rounds    int
	endpoints []int // whose spread over partitions is counted
	load      Load  // of the whole monitor; without endpoints: none
	outages   int   // of each kind
}

// cluster is a broker that was started.
type cluster struct {
	address string
	stop    func() error
}

var errNoBroker = errors.New("there is no broker")

// realBroker starts a real broker. errNoBroker: there can be none here.
func realBroker(ctx context.Context) (cluster, error) {
	if err := broker.Check(ctx); err != nil {
		return cluster{}, fmt.Errorf("%w: %w", errNoBroker, err)
	}
	b, err := broker.Start(ctx)
	if err != nil {
		return cluster{}, err
	}
	return cluster{b.Plain, func() error { return errors.Join(b.Stop(), b.Remove()) }}, nil
}

// runKafka measures what is planned, if anything is, on one broker.
func (b *bench) runKafka(ctx context.Context, plan kafkaPlan) (report KafkaReport, err error) {
	if plan.rounds == 0 {
		return report, nil
	}
	c, err := b.broker(ctx)
	if errors.Is(err, errNoBroker) {
		return KafkaReport{NotRun: err.Error()}, nil
	}
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, c.stop()) }()
	if report.Costs, err = plan.costs(ctx, c.address); err != nil {
		return report, err
	}
	for _, endpoints := range plan.endpoints {
		spread, err := spreadOf(ctx, c.address, endpoints)
		if err != nil {
			return report, fmt.Errorf("the spread of %d endpoints: %w", endpoints, err)
		}
		report.Spreads = append(report.Spreads, spread)
	}
	if plan.load.Endpoints > 0 {
		err = b.runPath(ctx, c.address, plan, &report)
	}
	return report, err
}

// runPath measures the whole monitor with the broker between its functions.
func (b *bench) runPath(ctx context.Context, address string, plan kafkaPlan, report *KafkaReport) error {
	wired, err := topology.Load(knative.Files, 10*time.Second)
	if err != nil {
		return err
	}
	if err := createTopics(ctx, address, wired); err != nil {
		return err
	}
	on := *b
	on.settings = []string{"MONITOR_EVENTS=kafka", "MONITOR_KAFKA_BROKERS=" + address}
	load, err := on.run(ctx, plan.load, b.windows)
	if err != nil {
		return fmt.Errorf("the monitor on Kafka: %w", err)
	}
	report.Loads = append(report.Loads, load)
	if report.Outages, err = on.runOutages(ctx, plan.load.Interval, plan.outages); err != nil {
		return fmt.Errorf("outages on Kafka: %w", err)
	}
	return nil
}

// costs measures the ways in turns, so that all of them see the same machine.
func (p kafkaPlan) costs(ctx context.Context, address string) ([]KafkaCost, error) {
	var ways []*running
	defer func() {
		for _, way := range ways {
			way.end()
		}
	}()
	for _, name := range []string{wayBare, wayHost, wayWhole} {
		if err := createTopics(ctx, address, wiring(name)); err != nil {
			return nil, err
		}
		way, err := startRunning(ctx, name, nil, wayCommand, name, address)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		ways = append(ways, way)
	}
	var out []KafkaCost
	for _, size := range p.sizes {
		o := order{results: size, events: p.results / size}
		cost := KafkaCost{Results: size, Bytes: float64(len(events.AppendResults(nil, resultsOf(0, size)))) / float64(size)}
		into := []*[]time.Duration{&cost.Bare, &cost.Host, &cost.Whole}
		for round := range p.rounds + 1 {
			for i, way := range ways {
				spent, err := o.round(way)
				if err != nil {
					return out, fmt.Errorf("%s: %w", way.name, err)
				}
				if round > 0 { // the first one only warms up
					*into[i] = append(*into[i], spent/time.Duration(o.results*o.events))
				}
			}
		}
		cost.Ratio = float64(median(cost.Host)) / float64(median(cost.Bare))
		out = append(out, cost)
	}
	return out, nil
}

// wiring is what stands in the manifests for those who take results, with a
// third of them.
func wiring(topic string) topology.Topology {
	letters := topology.Ref{Kind: topology.KafkaSink, Name: "dead-letters"}
	out := topology.Topology{Broker: topic, Topic: topic, Sinks: map[string]string{letters.Name: topic + ".dlq"}}
	for _, name := range groups() {
		out.Triggers = append(out.Triggers, topology.Trigger{
			Name: name, Subscriber: topology.Ref{Kind: topology.Service, Name: name}, Ordered: true,
			Filter:   topology.ByType(events.TypeProbeResults, events.TypeShardTick),
			Delivery: topology.Delivery{Retry: 10, Delay: 200 * time.Millisecond, Timeout: 130 * time.Second, DeadLetter: letters},
		})
	}
	return out
}

// groups are the consumer groups that each event goes to.
func groups() []string { return []string{"store", "alert", "third"} }

func createTopics(ctx context.Context, address string, wired topology.Topology) error {
	return kafka.CreateTopics(ctx, settingsOf(address), kafka.OnOneBroker(kafka.Topics(wired)))
}

func settingsOf(address string) kafka.Settings {
	return kafka.Settings{Brokers: []string{address}, Mechanism: sarama.SASLTypeSCRAMSHA512}
}
