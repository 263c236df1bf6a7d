package sqlpp_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest/internal/sqlpp"
)

// every are documents whose field v is of every type that is evaluated, in the
// order of types: it is missing in the first.
func every() []sqlpp.Row {
	values := []any{nil, false, true, int64(-1), int64(0), 0.5, int64(1), "", "1", "A", "a", "é"}
	rows := []sqlpp.Row{{"id": "missing"}}
	for _, value := range values {
		name, err := json.Marshal(value)
		if err != nil {
			return nil
		}
		rows = append(rows, sqlpp.Row{"id": string(name), "v": value})
	}
	return rows
}

// found runs a statement over documents and returns the IDs of its rows.
func found(t *testing.T, statement string, over []sqlpp.Row, params map[string]any) []string {
	t.Helper()
	selected, err := sqlpp.Select(statement)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	rows, _, err := selected.Evaluate(sqlpp.Evaluation{Rows: over, Params: params})
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	ids := []string{}
	for _, row := range rows {
		var one struct{ ID string }
		if err := json.Unmarshal(row, &one); err != nil {
			t.Fatalf("%s: row %s: %v", statement, row, err)
		}
		ids = append(ids, one.ID)
	}
	return ids
}

// TestComparisons holds comparisons to the order of types, and to what is neither
// true nor false.
// https://docs.couchbase.com/server/current/n1ql/n1ql-language-reference/comparisonops.html
func TestComparisons(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"d.v = 1":                        {"1"},
		"d.v == 1.0":                     {"1"},
		"d.v = 0.5":                      {"0.5"},
		"d.v = TRUE":                     {"true"},
		"d.v = '1'":                      {`"1"`},
		`d.v = "a"`:                      {`"a"`},
		"d.v = -1":                       {"-1"},
		"d.v = NULL":                     {},
		"d.v = MISSING":                  {},
		"NOT (d.v = NULL)":               {},
		"d.v != NULL OR d.v = NULL":      {},
		"d.v <> 1":                       {"false", "true", "-1", "0", "0.5", `""`, `"1"`, `"A"`, `"a"`, `"é"`},
		"NOT d.v = 1":                    {"false", "true", "-1", "0", "0.5", `""`, `"1"`, `"A"`, `"a"`, `"é"`},
		"d.v < 0":                        {"false", "true", "-1"},
		"d.v <= 0":                       {"false", "true", "-1", "0"},
		"d.v > 0.5":                      {"1", `""`, `"1"`, `"A"`, `"a"`, `"é"`},
		"d.v >= 'a'":                     {`"a"`, `"é"`},
		"d.v < TRUE":                     {"false"},
		"d.v > $v":                       {"1", `""`, `"1"`, `"A"`, `"a"`, `"é"`},
		"d.v = $text":                    {`"1"`},
		"d.v < $null OR d.v >= $null":    {},
		"d.v IS NULL":                    {"null"},
		"d.v IS NOT NULL":                {"false", "true", "-1", "0", "0.5", "1", `""`, `"1"`, `"A"`, `"a"`, `"é"`},
		"d.v IS MISSING":                 {"missing"},
		"d.v IS NOT MISSING AND d.v < 0": {"false", "true", "-1"},
		"d.v IS VALUED AND d.v < 0":      {"false", "true", "-1"},
		"d.v IS NOT KNOWN":               {"missing", "null"},
		"d.v":                            {"true", "-1", "0.5", "1", `"1"`, `"A"`, `"a"`, `"é"`},
		"d.v + 1 = 1.5":                  {"0.5"},
		"d.v + '1' IS NULL":              {"null", "false", "true", "-1", "0", "0.5", "1", `""`, `"1"`, `"A"`, `"a"`, `"é"`},
		"d.v + NULL IS NULL AND v > 0.5": {"1", `""`, `"1"`, `"A"`, `"a"`, `"é"`},
	}
	for where, want := range tests {
		t.Run(where, func(t *testing.T) {
			t.Parallel()
			params := map[string]any{"v": 0.5, "text": "1", "null": nil}
			got := found(t, "SELECT d.id FROM documents AS d WHERE "+where, every(), params)
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// TestLogic holds AND, OR and NOT to their tables.
// https://docs.couchbase.com/server/current/n1ql/n1ql-language-reference/logicalops.html
func TestLogic(t *testing.T) {
	t.Parallel()
	tests := []struct{ a, b, and, or string }{
		{"TRUE", "TRUE", "TRUE", "TRUE"},
		{"TRUE", "FALSE", "FALSE", "TRUE"},
		{"TRUE", "NULL", "NULL", "TRUE"},
		{"TRUE", "MISSING", "MISSING", "TRUE"},
		{"FALSE", "FALSE", "FALSE", "FALSE"},
		{"FALSE", "NULL", "FALSE", "NULL"},
		{"FALSE", "MISSING", "FALSE", "MISSING"},
		{"NULL", "NULL", "NULL", "NULL"},
		{"NULL", "MISSING", "MISSING", "NULL"},
		{"MISSING", "MISSING", "MISSING", "MISSING"},
	}
	is := map[string]string{
		"TRUE": `{"x":true,"n":false}`, "FALSE": `{"x":false,"n":true}`, "NULL": `{"x":null,"n":null}`, "MISSING": `{}`,
	}
	for _, test := range tests {
		for expression, want := range map[string]string{
			test.a + " AND " + test.b: test.and, test.b + " AND " + test.a: test.and,
			test.a + " OR " + test.b: test.or, test.b + " OR " + test.a: test.or,
		} {
			wantRows(t, "SELECT "+expression+" AS x, NOT ("+expression+") AS n FROM d", is[want])
		}
	}
	wantRows(t, "SELECT TRUE OR FALSE AND FALSE AS x, NOT FALSE AND FALSE AS y, (TRUE OR FALSE) AND FALSE AS z FROM d",
		`{"x":true,"y":false,"z":false}`)
}

// wantRows runs a statement over one empty document.
func wantRows(t *testing.T, statement string, want ...string) {
	t.Helper()
	selected, err := sqlpp.Select(statement)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	rows, served, err := selected.Evaluate(sqlpp.Evaluation{Rows: []sqlpp.Row{{}}})
	got := []string{}
	for _, row := range rows {
		got = append(got, string(row))
	}
	if err != nil || !served || !slices.Equal(got, want) {
		t.Errorf("%s: got %v, %t and %v, want %v", statement, got, served, err, want)
	}
}

func TestColumns(t *testing.T) {
	t.Parallel()
	selected, err := sqlpp.Select("SELECT d.v, d.`open` AS o, w, NOT d.v, d.n + $one + 1, d.nowhere FROM documents d;")
	if err != nil {
		t.Fatal(err)
	}
	over := []sqlpp.Row{{"v": nil, "open": true, "w": "<\"é\">", "n": int64(9007199254740992)}}
	rows, _, err := selected.Evaluate(sqlpp.Evaluation{Rows: over, Params: map[string]any{"one": int64(1)}})
	want := `{"v":null,"o":true,"w":"\u003c\"é\"\u003e","$1":null,"$2":9007199254740994}`
	if err != nil || len(rows) != 1 || string(rows[0]) != want {
		t.Errorf("got %s and %v, want %s", rows, err, want)
	}
	if d := cmp.Diff([]string{"n", "nowhere", "open", "v", "w"}, selected.Fields); d != "" {
		t.Errorf("fields (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"one"}, selected.Params); d != "" {
		t.Errorf("parameters (-want +got):\n%s", d)
	}
	if selected.Keyspace != "documents" {
		t.Errorf("got %q, want documents", selected.Keyspace)
	}
}

// TestBounds wants to be told what the condition names: what is selected, or ordered
// by, makes no server take an index.
func TestBounds(t *testing.T) {
	t.Parallel()
	selected, err := sqlpp.Select("SELECT d.v FROM documents d WHERE d.`open` AND id > 1 ORDER BY w")
	if err != nil {
		t.Fatal(err)
	}
	for expression, want := range map[string]bool{
		"`open` DESC": true, "open = TRUE AND id = 2": true, "": true, "v": false, "w DESC": false, "id = 2 AND v = 1": false,
	} {
		if got := selected.Bounds(expression); got != want {
			t.Errorf("%s: got %t, want %t", expression, got, want)
		}
	}
}

// TestNamesOfColumns wants them to be known in ORDER BY, and nowhere else.
func TestNamesOfColumns(t *testing.T) {
	t.Parallel()
	documents := []sqlpp.Row{{"id": "a", "v": int64(2), "w": int64(1)}, {"id": "b", "v": int64(1), "w": int64(2)}}
	for rest, want := range map[string][]string{
		"WHERE w = 1": {"a"}, "WHERE id = 'b' OR w = 1 ORDER BY w": {"b", "a"}, "ORDER BY d.w": {"a", "b"},
	} {
		got := found(t, "SELECT d.id, d.v AS w FROM documents AS d "+rest, documents, nil)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", rest, d)
		}
	}
	got := found(t, "SELECT d.v AS w, w AS x, d.id FROM documents AS d ORDER BY x", documents, nil)
	if d := cmp.Diff([]string{"a", "b"}, got); d != "" {
		t.Errorf("a column of a column's name (-want +got):\n%s", d)
	}
}

func TestOrder(t *testing.T) {
	t.Parallel()
	var ids, backwards []string
	for _, row := range every() {
		ids = append(ids, row["id"].(string))
	}
	backwards = slices.Clone(ids)
	slices.Reverse(backwards)
	shuffled := every()
	slices.SortFunc(shuffled, func(a, b sqlpp.Row) int { return strings.Compare(b["id"].(string), a["id"].(string)) })
	for order, want := range map[string][]string{"d.v": ids, "d.v ASC": ids, "d.v DESC": backwards, "x": ids} {
		got := found(t, "SELECT d.id, d.v AS x FROM documents AS d ORDER BY "+order, shuffled, nil)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", order, d)
		}
	}
	pairs := []sqlpp.Row{{"id": "a", "v": int64(1)}, {"id": "c", "v": int64(2)}, {"id": "b", "v": int64(2)}}
	if got := found(t, "SELECT id FROM d ORDER BY v DESC, id", pairs, nil); !slices.Equal(got, []string{"b", "c", "a"}) {
		t.Errorf("got %v, want the highest v first, then by id", got)
	}
}

func TestLimit(t *testing.T) {
	t.Parallel()
	documents := []sqlpp.Row{{"id": "a"}, {"id": "b"}, {"id": "c"}}
	tests := map[string]struct {
		limit, offset any
		want          []string
	}{
		"some":               {int64(2), int64(0), []string{"a", "b"}},
		"a whole number":     {2.0, 1.0, []string{"b", "c"}},
		"none":               {int64(0), int64(0), []string{}},
		"below 0 is 0":       {int64(-1), int64(-2), []string{}},
		"more than there is": {int64(9), int64(9), []string{}},
	}
	for name, test := range tests {
		params := map[string]any{"limit": test.limit, "offset": test.offset}
		got := found(t, "SELECT d.id FROM documents AS d ORDER BY d.id LIMIT $limit OFFSET $offset", documents, params)
		if d := cmp.Diff(test.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
	for _, wrong := range []any{"2", true, nil, 1.5} {
		selected, err := sqlpp.Select("SELECT d.id FROM documents AS d LIMIT $limit")
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = selected.Evaluate(sqlpp.Evaluation{Rows: documents, Params: map[string]any{"limit": wrong}})
		wantCode(t, err, 5000)
	}
}

func wantCode(t *testing.T, err error, want int) {
	t.Helper()
	if e, ok := errors.AsType[*sqlpp.Error](err); !ok || e.Code != want {
		t.Errorf("got %v, want code %d", err, want)
	}
}

// TestAnIndexOfAPart asks for what an index with a condition holds, and for more.
func TestAnIndexOfAPart(t *testing.T) {
	t.Parallel()
	documents := []sqlpp.Row{{"id": "a", "open": true}, {"id": "b", "open": false}, {"id": "c"}, {"id": "d", "open": int64(1)}}
	for where, want := range map[string]bool{
		"open = TRUE": true, "open = TRUE AND id > 'a'": true, "id = 'a'": true, "open = FALSE": false, "open IS MISSING": false,
		"id > 'a'": false, "open = 1": false,
	} {
		selected, err := sqlpp.Select("SELECT id FROM d WHERE " + where)
		if err != nil {
			t.Fatal(err)
		}
		_, served, err := selected.Evaluate(sqlpp.Evaluation{Rows: documents, Only: "open = TRUE"})
		if err != nil || served != want {
			t.Errorf("%s: got served %t and %v, want %t", where, served, err, want)
		}
	}
	selected, err := sqlpp.Select("SELECT id FROM d")
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = selected.Evaluate(sqlpp.Evaluation{Only: "open = "})
	wantCode(t, err, 3000)
}

func TestWhatIsNoSelection(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"":                                         "line 1, column 1, at: end of input",
		"DELETE FROM d":                            "at: DELETE (reserved word)",
		"SELECT id":                                "at: end of input",
		"SELECT FROM d":                            "at: FROM (reserved word)",
		"SELECT * FROM d":                          "at: *",
		"SELECT d FROM d":                          "at: d",
		"SELECT id, FROM d":                        "at: FROM (reserved word)",
		"SELECT id FROM d AS":                      "at: end of input",
		"SELECT id FROM d AS a, e":                 "at: ,",
		"SELECT id FROM d JOIN e ON d.id = e.id":   "at: JOIN (reserved word)",
		"SELECT id FROM\n d WHERE":                 "line 2, column 9, at: end of input",
		"SELECT id FROM d WHERE namespace = 1":     "at: namespace (reserved word)",
		"SELECT id FROM d AS e WHERE d.id = 1":     "at: d",
		"SELECT id FROM d WHERE id.deep = 1":       "at: id",
		"SELECT id FROM d WHERE d.id.deep = 1":     "at: d",
		"SELECT id FROM d WHERE id[0] = 1":         "at: id",
		"SELECT id FROM d WHERE LOWER(id) = 'a'":   "at: LOWER",
		"SELECT COUNT(*) FROM d":                   "at: COUNT",
		"SELECT DISTINCT id FROM d":                "at: DISTINCT (reserved word)",
		"SELECT id FROM d GROUP BY id":             "at: GROUP (reserved word)",
		"SELECT id FROM d WHERE id = 1 = 1":        "at: =",
		"SELECT id FROM d WHERE id < = 1":          "at: =",
		"SELECT id FROM d WHERE id = (1":           "at: end of input",
		"SELECT id FROM d WHERE id = 1)":           "at: )",
		"SELECT id FROM d WHERE id IN [1]":         "at: IN (reserved word)",
		"SELECT id FROM d WHERE id LIKE 'a%'":      "at: LIKE (reserved word)",
		"SELECT id FROM d WHERE id IS 1":           "at: 1",
		"SELECT id FROM d WHERE id = 1x":           "at: 1x",
		"SELECT id FROM d WHERE id = -'a'":         "at: 'a'",
		"SELECT id FROM d WHERE id = 'a":           "a quote that is not closed",
		"SELECT id FROM d WHERE id = 'a\\n'":       "a backslash",
		"SELECT id FROM d /* WHERE id = 1":         "a comment that is not closed",
		"SELECT id FROM d ORDER id":                "at: ORDER (reserved word)",
		"SELECT id FROM d LIMIT 1 WHERE id = 1":    "at: WHERE (reserved word)",
		"SELECT id FROM d; SELECT id FROM d":       "at: ;",
		"SELECT id FROM d WHERE id = ?":            "at: ?",
		"SELECT id FROM d WHERE id = $1":           "at: $",
		"SELECT id FROM bucket1.monitor.incidents": "at: .",
	}
	for statement, says := range tests {
		_, err := sqlpp.Select(statement)
		if e, ok := errors.AsType[*sqlpp.Error](err); !ok || e.Code != 3000 || !strings.Contains(e.Message, says) {
			t.Errorf("%s: got %v, want 3000 and %q", statement, err, says)
		}
	}
}

func TestScalar(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]any{
		"null": nil, "true": true, "7": int64(7), "-9223372036854775808": int64(-9223372036854775808), "7.0": 7.0,
		"9223372036854775808": 9223372036854775808.0, `"é"`: "é",
	} {
		if got, err := sqlpp.Scalar(json.RawMessage(text)); err != nil || got != want {
			t.Errorf("%s: got %#v and %v, want %#v", text, got, err, want)
		}
	}
	for _, text := range []string{"[]", "{}", "nil", "1x", "1 2", ""} {
		_, err := sqlpp.Scalar(json.RawMessage(text))
		wantCode(t, err, 1050)
	}
}
