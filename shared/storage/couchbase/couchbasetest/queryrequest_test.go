package couchbasetest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/statements"
)

// reply is an answer of the query service, as it came.
type reply struct {
	Prepared string            `json:"prepared"`
	Results  []json.RawMessage `json:"results"`
	Status   string            `json:"status"`
	Errors   []struct {
		Code int `json:"code"`
	} `json:"errors"`
}

func (r reply) code() int {
	if len(r.Errors) == 0 {
		return 0
	}
	return r.Errors[0].Code
}

// post sends a body to the query service without the SDK.
func post(t rapid.TB, n *couchbasetest.Node, body string) reply {
	t.Helper()
	address := fmt.Sprintf("http://127.0.0.1:%d/query/service", n.Web().QueryPort())
	asked, err := http.NewRequest(http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		t.Fatalf("got %v", err)
	}
	asked.SetBasicAuth(couchbasetest.DefaultUser, couchbasetest.DefaultPassword)
	answered, err := http.DefaultClient.Do(asked)
	if err != nil {
		t.Fatalf("got %v for %s", err, body)
	}
	defer func() { _ = answered.Body.Close() }()
	var read reply
	if err := json.NewDecoder(answered.Body).Decode(&read); err != nil {
		t.Fatalf("got an answer that is no JSON (%v) to %s", err, body)
	}
	return read
}

func TestRequestsThatCannotBeAreRefused(t *testing.T) {
	t.Parallel()
	n := couchbasetest.Prepared(t, couchbasetest.Options{})
	known, err := json.Marshal(statements.Incidents(statements.IncidentPage{}).Text)
	if err != nil {
		t.Fatal(err)
	}
	list := `"statement":` + string(known) + `,"$from":0,"$before":9,"$id":"","$limit":9`
	const in = ",\"query_context\":\"default:`monitor`.`monitor`\""
	tests := map[string]struct {
		body string
		code int
	}{
		"what a client sends":                 {"{" + list + in + "}", 0},
		"no JSON":                             {"SELECT", 1050},
		"a list":                              {"[]", 1050},
		"nothing to do":                       {"{}", 1050},
		"two things to do":                    {"{" + list + `,"prepared":"p"}`, 1050},
		"a statement that is a number":        {`{"statement":1}`, 1050},
		"an unknown field":                    {"{" + list + in + `,"more":1}`, 1065},
		"parameters by place":                 {"{" + list + in + `,"args":[1]}`, 1065},
		"a time-out that is none":             {"{" + list + in + `,"timeout":"soon"}`, 1050},
		"a time-out before now":               {"{" + list + in + `,"timeout":"-1s"}`, 1050},
		"another context":                     {"{" + list + `,"query_context":"monitor"}`, 3000},
		"no context":                          {"{" + list + "}", 12003},
		"a bucket that is not there":          {"{" + list + ",\"query_context\":\"default:`nowhere`.`monitor`\"}", 12003},
		"an unknown consistency":              {"{" + list + in + `,"scan_consistency":"soon"}`, 1050},
		"at_plus without vectors":             {"{" + list + in + `,"scan_consistency":"at_plus"}`, 1050},
		"a vector of another form":            {"{" + list + in + `,"scan_consistency":"at_plus","scan_vectors":{"monitor":{"1":[1]}}}`, 1050},
		"a vbucket that cannot be":            {"{" + list + in + `,"scan_consistency":"at_plus","scan_vectors":{"monitor":{"1024":[1,"1"]}}}`, 1050},
		"vectors of another bucket":           {"{" + list + in + `,"scan_consistency":"at_plus","scan_vectors":{"other":{"1":[1,"1"]}}}`, 1050},
		"a vector":                            {"{" + list + in + `,"scan_consistency":"at_plus","scan_vectors":{"monitor":{"1":[1,"1"]}}}`, 0},
		"what was never prepared":             {`{"prepared":"p"` + in + "}", 4040},
		"a statement that begins with others": {`{"statement":"EXPLAIN SELECT 1"` + in + "}", 3000},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := post(t, n, test.body); got.code() != test.code || (got.Status == "success") != (test.code == 0) {
				t.Errorf("got %+v, want %d", got, test.code)
			}
		})
	}
}

func TestAPreparedStatementIsOfItsContext(t *testing.T) {
	t.Parallel()
	n := couchbasetest.Prepared(t, couchbasetest.Options{})
	text, err := json.Marshal("PREPARE " + statements.Incidents(statements.IncidentPage{}).Text)
	if err != nil {
		t.Fatal(err)
	}
	const in = ",\"query_context\":\"default:`monitor`.`monitor`\"}"
	made := post(t, n, `{"statement":`+string(text)+in)
	if made.code() != 0 || len(made.Results) != 1 || made.Prepared == "" {
		t.Fatalf("got %+v, want the name that is to be used", made)
	}
	const params = `,"$from":0,"$before":9,"$id":"","$limit":9`
	if got := post(t, n, `{"prepared":"`+made.Prepared+`"`+params+in); got.code() != 0 {
		t.Errorf("got %+v, want rows", got)
	}
	if got := post(t, n, `{"prepared":"`+made.Prepared+`"`+params+"}"); got.code() != 4040 {
		t.Errorf("got %+v elsewhere, want 4040", got)
	}
}

func TestNoStatementBreaksTheService(t *testing.T) {
	t.Parallel()
	n := couchbasetest.Prepared(t, couchbasetest.Options{})
	words := append(strings.Fields(statements.Incidents(statements.IncidentPage{}).Text), "CREATE", "INDEX", "BUILD", "DROP", "ON", "incidents",
		"(", ")", "WITH", "{", "}", "`", "'", "\"", "/*", "*/", "$", ";", "\\", "PREPARE", "IF", "EXISTS", "ä", "\x00", "")
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 12).Draw(t, "words"), " ")
		body, err := json.Marshal(map[string]any{"statement": text, "query_context": "default:`monitor`.`monitor`"})
		if err != nil {
			t.Fatalf("got %v", err)
		}
		if got := post(t, n, string(body)); got.Status != "success" && !slices.Contains([]int{1050, 3000, 5000, 12003, 12016}, got.code()) {
			t.Errorf("got %+v for %q", got, text)
		}
	})
}
