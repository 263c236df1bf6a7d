package query_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/api-endpoint-monitor/monitor/functions/query"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// TestLiveElsewhere has a client go from one process to another and back, with
// the position that it has, while results come by Kafka. Each tells it to fetch
// everything again where the position is not its own, and it misses no result.
func TestLiveElsewhere(t *testing.T) {
	t.Parallel()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(shards, "events"))
	must(t, err)
	t.Cleanup(cluster.Close)
	settings := kafka.Settings{Brokers: cluster.ListenAddrs(), Mechanism: sarama.SASLTypeSCRAMSHA512}
	out, err := kafka.NewSender(settings, "test", "events")
	must(t, err)
	t.Cleanup(func() { _ = out.Close(context.Background()) })

	one := newKit(t, func(p *query.Parts) {
		p.Follow = kafka.NewTail(settings, "events", slog.New(slog.DiscardHandler))
	})
	define(t, one, endpoint("ns", "a"))
	other := one.another()
	one.run(t)
	other.run(t)
	const checks = 24
	recent, last, want := "", "", ""
	var was *kit
	for i, letter := range "pfdu pfdu pfdu pfdu pfdu pfdu"[:checks] {
		outcome := map[rune]monitor.Outcome{
			'p': monitor.Passed, 'f': monitor.Failed, 'd': monitor.OutcomeDegraded, 'u': monitor.OutcomeUnknown, ' ': monitor.Passed,
		}[letter]
		before := time.Duration(checks-i) * time.Second
		row := result("ns/a", before, outcome)
		arrive(t, one, row)
		must(t, out.Emit(t.Context(), resultsEvent(row)))
		if letter != ' ' {
			want += string(letter)
			continue
		}
		want += "p"
		at := []*kit{one, one, other}[i/5%3]
		s := at.connect(t, "ns/a", last)
		all := s.until(dueIs(t, "ns/a", before))
		if got := slices.ContainsFunc(all, kind("resync")); got != (was != nil && at != was) {
			t.Errorf("after check %d: got a resync (%v), want one where the process is another", i, got)
		}
		was = at
		for _, item := range items(t, all) {
			if item.Recent != "" {
				recent = ""
			}
			recent += item.Recent + item.Letter
		}
		last = s.last
		s.close()
		if recent != want {
			t.Fatalf("after check %d: got cells %q, want %q", i, recent, want)
		}
	}
}
