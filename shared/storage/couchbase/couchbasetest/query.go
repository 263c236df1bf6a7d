package couchbasetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest/internal/sqlpp"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/statements"
)

// preparedStatement is a statement that the service keeps under a name.
type preparedStatement struct{ text, context string }

// queries is the query service.
func (w *Web) queries() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /admin/ping", func(out http.ResponseWriter, _ *http.Request) { writeJSON(out, http.StatusOK, struct{}{}) })
	mux.HandleFunc("POST /query/service", w.receive)
	return mux
}

// receive reads a request, finds its statement, and answers in the statement's name.
func (w *Web) receive(out http.ResponseWriter, r *http.Request) {
	user, known := w.user(r)
	asked, err := readRequest(r)
	if !known {
		err = sqlpp.Errorf(10000, "Authentication failure: the user or the password is wrong")
	}
	name := asked.Statement
	if err == nil && asked.Prepared != "" {
		name, err = w.recall(asked)
	}
	ctx, end := context.WithTimeoutCause(r.Context(), asked.timeout, hasTimedOut(asked.timeout))
	defer end()
	answer := http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if err == nil {
			err = w.answer(r.Context(), out, name, user, asked)
		}
		if err != nil {
			answerError(out, asQueryError(r.Context(), err), asked.ClientContext)
		}
	})
	w.serve(w.kind(name), name, answer, out, r.WithContext(ctx))
}

// kind is what a statement is counted as.
func (w *Web) kind(statement string) string {
	bare, preparing := strings.CutPrefix(statement, "PREPARE ")
	kind := strings.Join(strings.Fields(bare)[:min(2, len(strings.Fields(bare)))], " ")
	if known, ok := w.lookup(bare); ok {
		kind = known.Name
	}
	if preparing {
		return "prepare " + kind
	}
	return kind
}

// lookup returns the statement of a text, which may be the reading of the indexes.
func (w *Web) lookup(text string) (statements.Statement, bool) {
	if states := statements.IndexStates(); states.Text == text {
		return states, true
	}
	return w.cluster.statement(text)
}

func asQueryError(ctx context.Context, err error) *sqlpp.Error {
	for _, cause := range []error{context.Cause(ctx), err} {
		if known, ok := errors.AsType[*sqlpp.Error](cause); ok {
			return known
		}
	}
	return sqlpp.Errorf(5000, "%v", err)
}

// answer runs a statement, or keeps it, or both.
func (w *Web) answer(ctx context.Context, out http.ResponseWriter, statement, user string, asked *queryRequest) error {
	bare, preparing := strings.CutPrefix(statement, "PREPARE ")
	if !preparing {
		rows, err := w.run(ctx, statement, user, asked)
		if err == nil {
			writeRows(out, asked, "", rows)
		}
		return err
	}
	if _, err := w.plan(bare, asked); err != nil {
		return err
	}
	name := w.keep(bare, asked.Context)
	rows := []json.RawMessage{describe(name, bare)}
	if asked.AutoExecute {
		var err error
		if rows, err = w.run(ctx, bare, user, asked); err != nil {
			return err
		}
	}
	writeRows(out, asked, name, rows)
	return nil
}

// describe is the row that PREPARE answers with when it does not run the statement.
func describe(name, text string) json.RawMessage {
	row, err := json.Marshal(map[string]any{"name": name, "encoded_plan": hex.EncodeToString([]byte(text)), "text": "PREPARE " + text})
	if err != nil {
		return nil
	}
	return row
}

// run runs a statement.
func (w *Web) run(ctx context.Context, statement, user string, asked *queryRequest) ([]json.RawMessage, error) {
	d, ok, err := sqlpp.Define(statement)
	switch {
	case err != nil:
		return nil, err
	case ok && asked.ReadOnly:
		return nil, sqlpp.Errorf(1000, "The server or request is read-only and cannot accept this write statement.")
	case ok && user == w.cluster.Reader:
		return nil, sqlpp.Errorf(13014, "User does not have credentials to run index operations. Add role query_manage_index "+
			"on default:%s.%s.%s to allow the statement to run.", asked.bucket, asked.scope, d.Collection)
	case ok:
		return nil, w.indexes.run(d, asked.bucket, asked.scope)
	}
	selected, err := w.plan(statement, asked)
	if err != nil {
		return nil, err
	}
	return w.sel(ctx, selected, asked)
}

// recall returns the text of a prepared statement.
func (w *Web) recall(asked *queryRequest) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	kept, ok := w.prepared[asked.Prepared]
	if !ok || kept.context != asked.Context {
		return "", sqlpp.Errorf(4040, "No such prepared statement: %s, context: %s", asked.Prepared, asked.Context)
	}
	return kept.text, nil
}

// keep gives a statement the name that it is run by from now on.
func (w *Web) keep(text, queryContext string) string {
	sum := sha256.Sum256([]byte(queryContext + "\x00" + text))
	name := "p" + hex.EncodeToString(sum[:8])
	w.mu.Lock()
	defer w.mu.Unlock()
	w.prepared[name] = preparedStatement{text, queryContext}
	return name
}

// writeRows streams an answer: the name of what was prepared comes before its rows.
func writeRows(w http.ResponseWriter, asked *queryRequest, name string, rows []json.RawMessage) {
	head, err := json.Marshal(map[string]any{"requestID": requestID(), "clientContextID": asked.ClientContext, "signature": map[string]any{"*": "*"}})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	body := bytes.NewBuffer(slices.Clone(head[:len(head)-1]))
	if name != "" {
		body.WriteString(`,"prepared":"` + name + `"`)
	}
	body.WriteString(`,"results":[`)
	for i, row := range rows {
		if i > 0 {
			body.WriteByte(',')
		}
		body.Write(row)
	}
	body.WriteString(`],"status":"success"}`)
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body.Bytes())
}
