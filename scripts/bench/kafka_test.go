package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
)

// fakeBroker starts a broker in this process.
func fakeBroker(context.Context) (cluster, error) {
	c, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		return cluster{}, err
	}
	return cluster{c.ListenAddrs()[0], func() error { c.Close(); return nil }}, nil
}

// hold fails the test where a short run on Kafka has left something out.
func (r KafkaReport) hold(t *testing.T) {
	t.Helper()
	if r.NotRun != "" || len(r.Costs) != 1 || len(r.Spreads) != 2 {
		t.Fatalf("got %+v, want a cost and two spreads", r)
	}
	for _, cost := range r.Costs {
		if median(cost.Bare) <= 0 || median(cost.Host) <= 0 || median(cost.Whole) <= 0 || cost.Ratio <= 0 || cost.Bytes <= 0 {
			t.Errorf("got %+v, want every figure", cost)
		}
	}
	for _, spread := range r.Spreads {
		sum := 0
		for _, n := range spread.Results {
			sum += n
		}
		if sum != spread.Endpoints || spread.Chance.Most < 1 || spread.Chance.Least > 1 {
			t.Errorf("got %+v, want a result of each endpoint", spread)
		}
	}
}

// TestKafkaNotRun has a run say that there was no broker.
func TestKafkaNotRun(t *testing.T) {
	t.Parallel()
	b := bench{short: true, program: "not needed", broker: func(context.Context) (cluster, error) {
		return cluster{}, fmt.Errorf("%w: a Kafka broker needs Java 17", errNoBroker)
	}}
	report, err := b.all(t.Context(), "kafka")
	if err != nil {
		t.Fatal(err)
	}
	var table bytes.Buffer
	report.print(&table)
	if want := "Kafka: NOT RUN: there is no broker: a Kafka broker needs Java 17\n"; !strings.Contains(table.String(), want) {
		t.Errorf("got\n%s, want %q in it", &table, want)
	}
}

func TestBalance(t *testing.T) {
	t.Parallel()
	if got, want := balanceOf([]int{2, 4, 6}), (balance{.5, 1.5}); got != want {
		t.Errorf("balance: got %v, want %v", got, want)
	}
	if got := byChance(10, 16); got.Least != 0 || got.Most < 3 {
		t.Errorf("10 balls in 16 bins: got %v, want an empty one, and one of two or more", got)
	}
	if got := byChance(100_000, 16); got.Least < .95 || got.Most > 1.05 {
		t.Errorf("100,000 balls in 16 bins: got %v, want the mean in each", got)
	}
}
