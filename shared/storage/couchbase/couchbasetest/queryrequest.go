package couchbasetest

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest/internal/sqlpp"
)

// queryRequest is what the query service is asked for.
type queryRequest struct {
	Statement       string                                `json:"statement"`
	Prepared        string                                `json:"prepared"`
	AutoExecute     bool                                  `json:"auto_execute"`
	Context         string                                `json:"query_context"`
	ReadOnly        bool                                  `json:"readonly"`
	Timeout         string                                `json:"timeout"`
	ClientContext   string                                `json:"client_context_id"`
	ScanConsistency string                                `json:"scan_consistency"`
	ScanVectors     map[string]map[string]json.RawMessage `json:"scan_vectors"`

	bucket, scope string
	timeout       time.Duration
	params        map[string]any // without $
	vectors       map[uint16]vector
}

// vector is how much of a vbucket a query has to see.
type vector struct {
	seqno   uint64
	history uint64
}

// requestFields are those that a request may have, in order. args is no part of
// it: the registry's statements name their parameters.
var requestFields = []string{
	"auto_execute", "client_context_id", "encoded_plan", "max_parallelism", "metrics", "pipeline_batch", "pipeline_cap",
	"prepared", "pretty", "profile", "query_context", "readonly", "scan_cap", "scan_consistency", "scan_vectors", "scan_wait",
	"statement", "timeout", "use_replica",
}

var contextForm = regexp.MustCompile("^default:`([^`]+)`\\.`([^`]+)`$")

// readRequest reads a request. What is wrong with it is a *sqlpp.Error.
func readRequest(r *http.Request) (*queryRequest, error) {
	var fields map[string]json.RawMessage
	read := &queryRequest{timeout: time.Minute, params: map[string]any{}}
	decoder := json.NewDecoder(r.Body)
	if err := decoder.Decode(&fields); err != nil {
		return read, sqlpp.Errorf(1050, "the request is not a JSON object: %v", err)
	}
	whole, err := json.Marshal(fields)
	if err != nil {
		return read, sqlpp.Errorf(1050, "the request is not a JSON object: %v", err)
	}
	if err := json.Unmarshal(whole, read); err != nil {
		return read, sqlpp.Errorf(1050, "a field of the request has another type: %v", err)
	}
	for name, value := range fields {
		if err := read.field(name, value); err != nil {
			return read, err
		}
	}
	return read, read.check()
}

// field reads a parameter of the statement, and refuses what is no field.
func (q *queryRequest) field(name string, value json.RawMessage) error {
	if param, ok := strings.CutPrefix(name, "$"); ok {
		decoded, err := sqlpp.Scalar(value)
		if err != nil {
			return sqlpp.Errorf(1050, "parameter %s: %v", name, err)
		}
		q.params[param] = decoded
		return nil
	}
	if _, ok := slices.BinarySearch(requestFields, name); !ok {
		return sqlpp.Errorf(1065, "Unrecognized parameter in request: %s", name)
	}
	return nil
}

func (q *queryRequest) check() error {
	if q.Timeout != "" {
		timeout, err := time.ParseDuration(q.Timeout)
		if err != nil || timeout <= 0 {
			return sqlpp.Errorf(1050, "timeout %s is no time", q.Timeout)
		}
		q.timeout = timeout
	}
	if q.Context != "" {
		names := contextForm.FindStringSubmatch(q.Context)
		if names == nil {
			return sqlpp.Errorf(3000, "query_context %s is not default:`bucket`.`scope`", q.Context)
		}
		q.bucket, q.scope = names[1], names[2]
	}
	if (q.Statement == "") == (q.Prepared == "") {
		return sqlpp.Errorf(1050, "No statement or prepared value")
	}
	return q.checkConsistency()
}

func (q *queryRequest) checkConsistency() error {
	switch q.ScanConsistency {
	case "", "not_bounded", "request_plus", "statement_plus":
		return nil
	case "at_plus":
		vectors, err := readVectors(q.ScanVectors[q.bucket])
		q.vectors = vectors
		return err
	}
	return sqlpp.Errorf(1050, "scan_consistency %s is not known", q.ScanConsistency)
}
