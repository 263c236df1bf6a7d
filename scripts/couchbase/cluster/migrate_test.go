package cluster_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/api-endpoint-monitor/monitor/scripts/couchbase/cluster"
	"github.com/api-endpoint-monitor/monitor/shared/host"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
)

func TestMigrate(t *testing.T) {
	node := couchbasetest.Start(t, couchbasetest.Options{})
	t.Setenv("MONITOR_COUCHBASE", node.Address())
	t.Setenv("MONITOR_COUCHBASE_USER", couchbasetest.DefaultUser)
	t.Setenv("MONITOR_COUCHBASE_PASSWORD", couchbasetest.DefaultPassword)
	t.Setenv("MONITOR_BUCKETS", "results,monitor")
	const found = "Couchbase Server 7.6.2, Enterprise Edition, nodes: 1\n"
	for _, test := range []struct {
		name string
		args []string
		code int
		want []string
	}{
		{"for help", []string{"-help"}, 0, []string{"-plan\n", "-buckets\n", "(default 256)"}},
		{"without buckets", nil, 2, nil},
		{"as a plan", []string{"-plan", "-buckets"}, 0, []string{found, "would create the bucket monitor: 256 MB on each node, replicas 0\n", "would write the version"}},
		{"the first time", []string{"-buckets"}, 0, []string{"created the scope monitor of the bucket results\n", found, "bucket monitor: 256 MB on each node, replicas 0, ", "everything is in place\n"}},
		{"the second time", nil, 0, []string{found, "everything was in place\n"}},
		{"as a plan of nothing", []string{"-plan"}, 0, []string{"nothing is missing\n"}},
		{"with a quota that cannot be", []string{"-quota", "1"}, 2, nil},
		{"with an unknown flag", []string{"-force"}, 2, []string{"flag provided but not defined: -force"}},
		{"with more than flags", []string{"monitor"}, 2, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			err := cluster.Migrate(t.Context(), &out, test.args)
			if host.ExitCode(err) != test.code {
				t.Errorf("got %d (%v), want %d", host.ExitCode(err), err, test.code)
			}
			for _, want := range test.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("got\n%s\nwant among it %s", out.String(), want)
				}
			}
		})
	}
	t.Run("with a wrong password", func(t *testing.T) {
		t.Setenv("MONITOR_COUCHBASE_PASSWORD", "wrong")
		if err := cluster.Migrate(t.Context(), &bytes.Buffer{}, nil); host.ExitCode(err) != 2 || !strings.Contains(err.Error(), "refuses the user") {
			t.Errorf("got %v, want that the cluster refuses the user, and the exit code 2", err)
		}
	})
	t.Run("as a user who may not", func(t *testing.T) {
		guarded := couchbasetest.Start(t, couchbasetest.Options{Cluster: couchbasetest.Cluster{Reader: couchbasetest.DefaultUser}})
		t.Setenv("MONITOR_COUCHBASE", guarded.Address())
		err := cluster.Migrate(t.Context(), &bytes.Buffer{}, []string{"-buckets"})
		if host.ExitCode(err) != 2 || !strings.Contains(err.Error(), "may not do that") {
			t.Errorf("got %v, want that the user may not, and the exit code 2", err)
		}
	})
	t.Run("while the cluster does not answer", func(t *testing.T) {
		gone := couchbasetest.Start(t, couchbasetest.Options{})
		t.Setenv("MONITOR_COUCHBASE", gone.Address())
		gone.Stop()
		err := cluster.Migrate(t.Context(), &bytes.Buffer{}, []string{"-wait", "100ms"})
		if host.ExitCode(err) != 1 || !strings.Contains(err.Error(), "run the migration again") {
			t.Errorf("got %v, want that the migration is to be run again, and the exit code 1", err)
		}
	})
	t.Run("with settings that cannot be", func(t *testing.T) {
		t.Setenv("MONITOR_BUCKET", "a b")
		if err := cluster.Migrate(t.Context(), &bytes.Buffer{}, nil); host.ExitCode(err) != 2 {
			t.Errorf("got %v, want the exit code 2", err)
		}
	})
}
