package statements_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/statements"
)

func TestTextsOfIndexes(t *testing.T) {
	t.Parallel()
	index := statements.Index{Name: "ix_a", Collection: "a", Keys: "b DESC, c", Where: "d = TRUE"}
	for name, test := range map[string]struct {
		got  statements.Statement
		want string
	}{
		"one without replicas": {index.Create(0), `CREATE INDEX ix_a IF NOT EXISTS ON a(b DESC, c) WHERE d = TRUE WITH {"defer_build": true}`},
		"one with a replica":   {index.Create(1), `CREATE INDEX ix_a IF NOT EXISTS ON a(b DESC, c) WHERE d = TRUE WITH {"defer_build": true, "num_replica": 1}`},
		"one with too many":    {index.Create(9), `CREATE INDEX ix_a IF NOT EXISTS ON a(b DESC, c) WHERE d = TRUE WITH {"defer_build": true, "num_replica": 3}`},
		"one of all documents": {statements.Index{Name: "ix_a", Collection: "a", Keys: "b"}.Create(0), `CREATE INDEX ix_a IF NOT EXISTS ON a(b) WITH {"defer_build": true}`},
		"one that goes":        {index.Drop(), "DROP INDEX ix_a ON a"},
		"two that are built":   {statements.Build("a", []statements.Index{index, {Name: "ix_b"}}), "BUILD INDEX ON a(ix_a, ix_b)"},
		"those that there are": {statements.IndexStates(), "SELECT i.name, i.keyspace_id, i.state FROM system:indexes AS i WHERE i.bucket_id = $bucket AND i.scope_id = $scope"},
	} {
		if test.got.Timeout <= 0 || test.got.Prepared {
			t.Errorf("%s: got %+v, want a bound of time, and nothing that the server keeps for it", name, test.got)
		}
		if test.got.Text != test.want {
			t.Errorf("%s: got %s, want %s", name, test.got.Text, test.want)
		}
	}
}

// TestIndexes holds the definitions to what the server's grammar takes: words
// that it keeps for itself stand in backquotes.
func TestIndexes(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	bare := regexp.MustCompile("(^|[^`])\\b(namespace|bucket|scope|collection|sequence|value|key|index)\\b")
	for _, index := range statements.Indexes() {
		if seen[index.Name] {
			t.Errorf("got two indexes %s, want each name once", index.Name)
		}
		seen[index.Name] = true
		if !regexp.MustCompile(`^ix_[a-z_]+$`).MatchString(index.Name) || index.Collection != layout.Incidents {
			t.Errorf("got the index %s of %s, want ix_… of a collection that is listed", index.Name, index.Collection)
		}
		if at := bare.FindString(index.Keys); at != "" {
			t.Errorf("%s: got keys %s, want backquotes around%s", index.Name, index.Keys, at)
		}
		if index.Where != "" && !strings.Contains(index.Keys, strings.Fields(index.Where)[0]) {
			t.Errorf("%s: got keys %s, want what it is chosen by, %s, among them", index.Name, index.Keys, index.Where)
		}
	}
	for _, index := range statements.Retired() {
		if seen[index.Name] {
			t.Errorf("got the index %s as one that is needed and one that goes", index.Name)
		}
	}
}
