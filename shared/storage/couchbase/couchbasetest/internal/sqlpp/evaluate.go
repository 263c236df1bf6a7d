package sqlpp

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	_ "modernc.org/sqlite" // evaluates statements
)

// plainName is a column's name that was not made up from an expression.
var plainName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// Row is what a statement may name of a document.
type Row map[string]any

// Evaluation is what a selection is evaluated over.
type Evaluation struct {
	Rows   map[string][]Row  // by keyspace
	Params map[string]any    // without $
	Only   map[string]string // by keyspace: the condition of the index that serves it
}

// Evaluate returns the rows of the answer, each a JSON object with the columns
// that are not missing. served is false if the index that serves a keyspace does
// not hold all that the answer needs.
func (s *Selection) Evaluate(ctx context.Context, e Evaluation) (rows []json.RawMessage, served bool, err error) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, false, err
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, "PRAGMA case_sensitive_like = 1"); err != nil {
		return nil, false, err
	}
	for name, held := range e.Rows {
		if err := s.load(ctx, db, name, held); err != nil {
			return nil, false, err
		}
	}
	if rows, err = s.query(ctx, db, e.Params); err != nil || len(e.Only) == 0 {
		return rows, true, err
	}
	for name, condition := range e.Only {
		if _, err := db.ExecContext(ctx, "DELETE FROM "+identifier(name)+" WHERE ("+condition+") IS NOT TRUE"); err != nil {
			return nil, false, err
		}
	}
	held, err := s.query(ctx, db, e.Params)
	return rows, reflect.DeepEqual(held, rows), err
}

func (s *Selection) query(ctx context.Context, db *sql.DB, params map[string]any) ([]json.RawMessage, error) {
	var bound []any
	for name, value := range params {
		bound = append(bound, sql.Named(name, bindable(value)))
	}
	found, err := db.QueryContext(ctx, s.text, bound...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = found.Close() }()
	return encodeRows(found)
}

// load makes a table of documents.
func (s *Selection) load(ctx context.Context, db *sql.DB, name string, documents []Row) error {
	var columns, marks []string
	for _, field := range s.Fields {
		kind, err := columnType(documents, field)
		if err != nil {
			return err
		}
		columns = append(columns, identifier(field)+" "+kind)
		marks = append(marks, "?")
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, "CREATE TABLE "+identifier(name)+" ("+strings.Join(columns, ", ")+")"); err != nil {
		return err
	}
	insert, err := tx.PrepareContext(ctx, "INSERT INTO "+identifier(name)+" VALUES ("+strings.Join(marks, ", ")+")")
	if err != nil {
		return err
	}
	defer func() { _ = insert.Close() }()
	for _, document := range documents {
		values := make([]any, len(s.Fields))
		for i, field := range s.Fields {
			values[i] = bindable(document[field])
		}
		if _, err := insert.ExecContext(ctx, values...); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// The types of columns. All have SQLite's affinity of none: what is stored is
// compared as it is, a text never with a number.
const (
	plainColumn   = "BLOB"
	booleanColumn = "BLOB BOOLEAN"
)

// columnType finds whether a field is a boolean, everywhere or nowhere: SQLite
// knows 1 and 0 only.
func columnType(documents []Row, field string) (string, error) {
	booleans, others := 0, 0
	for _, d := range documents {
		switch d[field].(type) {
		case nil:
		case Boolean:
			booleans++
		default:
			others++
		}
	}
	if booleans > 0 && others > 0 {
		return "", fmt.Errorf("field %s is a boolean in some documents only, which the stand-in does not evaluate", field)
	}
	if booleans > 0 {
		return booleanColumn, nil
	}
	return plainColumn, nil
}

func bindable(value any) any {
	if b, ok := value.(Boolean); ok {
		return bool(b)
	}
	return value
}

func identifier(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

func encodeRows(found *sql.Rows) ([]json.RawMessage, error) {
	columns, err := found.ColumnTypes()
	if err != nil {
		return nil, err
	}
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	var rows []json.RawMessage
	for found.Next() {
		if err := found.Scan(into...); err != nil {
			return nil, err
		}
		row, err := encodeRow(columns, values)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, found.Err()
}

func encodeRow(columns []*sql.ColumnType, values []any) (json.RawMessage, error) {
	var row bytes.Buffer
	row.WriteByte('{')
	for i, value := range values {
		if value == nil {
			continue
		}
		name := columns[i].Name()
		if !plainName.MatchString(name) {
			name = fmt.Sprintf("$%d", i+1)
		}
		if whole, ok := value.(int64); ok && columns[i].DatabaseTypeName() == booleanColumn {
			value = whole != 0
		}
		encoded, err := json.Marshal(map[string]any{name: value})
		if err != nil {
			return nil, err
		}
		if row.Len() > 1 {
			row.WriteByte(',')
		}
		row.Write(encoded[1 : len(encoded)-1])
	}
	row.WriteByte('}')
	return row.Bytes(), nil
}
