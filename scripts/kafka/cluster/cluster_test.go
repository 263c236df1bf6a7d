package cluster_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/api-endpoint-monitor/monitor/scripts/kafka/cluster"
	"github.com/api-endpoint-monitor/monitor/shared/host"
)

func TestTopics(t *testing.T) {
	fake, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fake.Close)
	t.Setenv("MONITOR_KAFKA_BROKERS", fake.ListenAddrs()[0])
	for _, test := range []struct {
		name string
		args []string
		want string
		code int
	}{
		{"the first time", []string{"-one-broker"}, "created monitor-events: 16 partitions, replicas 1, records are kept for 24h0m0s\ncreated monitor-events.dlq: 4 partitions, replicas 1, records are kept for 336h0m0s\n", 0},
		{"the second time", []string{"-one-broker"}, "monitor-events is as it should be\nmonitor-events.dlq is as it should be\n", 0},
		{
			"with other retentions",
			[]string{"-one-broker", "-retention", "1h", "-letters-retention", "2h"},
			"changed monitor-events: retention.ms: 3600000, was 86400000\nchanged monitor-events.dlq: retention.ms: 7200000, was 1209600000\n", 0,
		},
		{
			"with longer ones",
			[]string{"-one-broker", "-retention", "48h", "-letters-retention", "500h"},
			"changed monitor-events: retention.ms: 172800000, was 3600000\nchanged monitor-events.dlq: retention.ms: 1800000000, was 7200000\n", 0,
		},
		{"without a word of them", []string{"-one-broker"}, "monitor-events is as it should be\nmonitor-events.dlq is as it should be\n", 0},
		{
			"with shorter ones",
			[]string{"-one-broker", "-retention", "24h", "-letters-retention", "2h"},
			"changed monitor-events: retention.ms: 86400000, was 172800000\nchanged monitor-events.dlq: retention.ms: 7200000, was 1800000000\n", 0,
		},
		{
			"with other partitions",
			[]string{"-one-broker", "-letters-retention", "2h", "-partitions", "32"},
			"monitor-events.dlq is as it should be\n", 1,
		},
		{"for more brokers than there are", nil, "", 1},
		{"with a retention that cannot be", []string{"-retention", "1s"}, "", 2},
		{"with partitions that cannot be", []string{"-partitions", "0"}, "", 2},
		{"with more partitions than shards", []string{"-one-broker", "-partitions", "4294967312"}, "", 2},
		{"with more than flags", []string{"monitor-events"}, "", 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			err := cluster.Topics(t.Context(), &out, test.args)
			if host.ExitCode(err) != test.code || out.String() != test.want {
				t.Errorf("got %d (%v) and\n%swant %d and\n%s", host.ExitCode(err), err, out.String(), test.code, test.want)
			}
		})
	}
	t.Run("without brokers", func(t *testing.T) {
		t.Setenv("MONITOR_KAFKA_BROKERS", "127.0.0.1:1")
		if err := cluster.Topics(t.Context(), &bytes.Buffer{}, nil); host.ExitCode(err) != 1 {
			t.Errorf("got %v, want the exit code 1", err)
		}
	})
	t.Run("with settings that cannot be", func(t *testing.T) {
		t.Setenv("MONITOR_KAFKA_MECHANISM", "GSSAPI")
		if err := cluster.Topics(t.Context(), &bytes.Buffer{}, nil); host.ExitCode(err) != 2 {
			t.Errorf("got %v, want the exit code 2", err)
		}
	})
}

func TestACLs(t *testing.T) {
	t.Parallel()
	const call = `kafka-acls --bootstrap-server "$BROKERS" --command-config "$ADMIN" --add --allow-principal `
	for name, test := range map[string]struct {
		args []string
		want string
		code int
	}{
		"of one function": {
			[]string{"-for", "notify"},
			"# notify\n" +
				call + "'User:monitor-notify' --operation Read --topic monitor-events\n" +
				call + "'User:monitor-notify' --operation Read --group monitor-notify\n" +
				call + "'User:monitor-notify' --operation Write --topic monitor-events.dlq\n", 0,
		},
		"of users with certificates": {
			[]string{"-for", "query", "-certificates"},
			"# query\n" + call + "'User:CN=monitor-query' --operation Read --operation Write --topic monitor-events\n", 0,
		},
		"as a table": {
			[]string{"-for", "query", "-markdown"},
			"| who | on | may | for |\n|---|---|---|---|\n" +
				"| query | topic `monitor-events` | Read, Write | the live stream, which has no group, and checks at once of what is new |\n", 0,
		},
		"of nobody":         {[]string{"-for", "nobody"}, "", 2},
		"with unknown flag": {[]string{"-xml"}, "flag provided but not defined: -xml", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			err := cluster.ACLs(t.Context(), &out, test.args)
			if host.ExitCode(err) != test.code || !strings.HasPrefix(out.String(), test.want) {
				t.Errorf("got %d (%v) and\n%swant %d and\n%s", host.ExitCode(err), err, out.String(), test.code, test.want)
			}
		})
	}
	var all bytes.Buffer
	if err := cluster.ACLs(t.Context(), &all, nil); err != nil || strings.Count(all.String(), "# ") != 9 {
		t.Errorf("of all: got %v and\n%swant nine roles", err, all.String())
	}
}

// TestReadme holds the table of the README to the rights.
func TestReadme(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(filepath.Join("..", "..", "..", "knative", "kafka", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var table bytes.Buffer
	if err := cluster.ACLs(t.Context(), &table, []string{"-markdown"}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), "\n"+table.String()+"\n") {
		t.Errorf("the README does not have this table:\n%s", table.String())
	}
}
