package sqlpp_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest/internal/sqlpp"
)

func TestDefinitions(t *testing.T) {
	t.Parallel()
	tests := map[string]sqlpp.Definition{
		"CREATE INDEX a ON c(id)": {Verb: "CREATE", Collection: "c", Names: []string{"a"}, Index: sqlpp.Index{Name: "a", Keys: []string{"id"}}},
		"create index `a` if not exists on `c` (id asc, `open` DESC, LOWER(name, 1)) partition by hash(id) where open = TRUE using gsi " +
			`with {"defer_build": true, "num_replica": 2};`: {
			Verb: "CREATE", Collection: "c", Names: []string{"a"}, Maybe: true, Deferred: true, Divided: true,
			Index: sqlpp.Index{Name: "a", Keys: []string{"id", "`open` DESC", "LOWER(name, 1)"}, Condition: "open = TRUE", Replicas: 2},
		},
		"BUILD INDEX ON c(a, `b`)":     {Verb: "BUILD", Collection: "c", Names: []string{"a", "b"}},
		"DROP INDEX a ON c":            {Verb: "DROP", Collection: "c", Names: []string{"a"}},
		"DROP INDEX a IF EXISTS ON c;": {Verb: "DROP", Collection: "c", Names: []string{"a"}, Maybe: true},
	}
	for statement, want := range tests {
		got, ok, err := sqlpp.Define(statement)
		if d := cmp.Diff(want, got); err != nil || !ok || d != "" {
			t.Errorf("%s: got %t, %v and (-want +got):\n%s", statement, ok, err, d)
		}
	}
	for _, statement := range []string{"SELECT id FROM d", "", "CREATE PRIMARY INDEX ON c", "BUILD"} {
		if _, ok, err := sqlpp.Define(statement); ok || err != nil {
			t.Errorf("%s: got %t and %v, want no definition", statement, ok, err)
		}
	}
}

func TestWhatIsNoDefinition(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"CREATE INDEX IF NOT EXISTS a ON c(id)":                   "at: IF (reserved word)",
		"CREATE INDEX a ON c":                                     "at: end of input",
		"CREATE INDEX a ON c()":                                   "at: )",
		"CREATE INDEX a ON c(id":                                  "at: end of input",
		"CREATE INDEX a ON c(namespace)":                          "at: namespace (reserved word)",
		"CREATE INDEX a ON c(id) WHERE":                           "at: end of input",
		"CREATE INDEX a ON c(id) USING FTS":                       "at: FTS (reserved word)",
		"CREATE INDEX a ON c(id) WITH":                            "at: end of input",
		"CREATE INDEX a ON c(id) WITH {} more":                    "at: more",
		"BUILD INDEX ON c":                                        "at: end of input",
		"BUILD INDEX ON c(a b)":                                   "at: b",
		"DROP INDEX a":                                            "at: end of input",
		"DROP INDEX ON c":                                         "at: ON (reserved word)",
		"DROP INDEX a ON c 'x":                                    "a quote that is not closed",
		`CREATE INDEX a ON c(id) WITH {"nodes": ["n"]}`:           "WITH clause is wrong",
		`CREATE INDEX a ON c(id) WITH {"defer_build": "by chance`: "a quote that is not closed",
	}
	for statement, says := range tests {
		_, _, err := sqlpp.Define(statement)
		if e, ok := errors.AsType[*sqlpp.Error](err); !ok || e.Code != 3000 && e.Code != 5000 || !strings.Contains(e.Message, says) {
			t.Errorf("%s: got %v, want %q", statement, err, says)
		}
	}
}

// FuzzStatements reads anything: what cannot be read is an error with a code.
func FuzzStatements(f *testing.F) {
	for _, seed := range []string{
		"SELECT d.id, NOT (v + -1 >= $v) AS x FROM c AS d WHERE d.`open` IS NOT MISSING OR v > 'a%' ORDER BY x DESC, id LIMIT $v OFFSET 1;",
		"SELECT i.name FROM system:indexes AS i /* all */", "SELECT a FROM", "SELECT FROM", "FROM", "<=", "SELECT a <", "SELECT ) FROM d",
		"CREATE INDEX a IF NOT EXISTS ON c(id DESC) WHERE open = TRUE WITH {\"defer_build\": true}", "BUILD INDEX ON c(a)", "DROP INDEX a ON c",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, statement string) {
		if _, _, err := sqlpp.Define(statement); err != nil {
			wantSyntax(t, err)
		}
		selected, err := sqlpp.Select(statement)
		if err != nil {
			wantSyntax(t, err)
			return
		}
		if _, _, err := selected.Evaluate(sqlpp.Evaluation{Rows: every(), Params: map[string]any{"v": int64(1)}}); err != nil {
			wantCode(t, err, 5000)
		}
	})
}

func wantSyntax(t *testing.T, err error) {
	t.Helper()
	if e, ok := errors.AsType[*sqlpp.Error](err); !ok || e.Code != 3000 && e.Code != 5000 {
		t.Errorf("got %v, want code 3000 or 5000", err)
	}
}
