package sqlite

import (
	"context"
	"database/sql"
	"sync"
)

// reader runs the statements that change nothing, on connections of its own.
type reader struct {
	db         *sql.DB
	statements sync.Map // text -> *sql.Stmt
}

func (r *reader) prepared(ctx context.Context, query string) (*sql.Stmt, error) {
	if statement, found := r.statements.Load(query); found {
		return statement.(*sql.Stmt), nil
	}
	statement, err := r.db.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	if first, found := r.statements.LoadOrStore(query, statement); found {
		_ = statement.Close()
		return first.(*sql.Stmt), nil
	}
	return statement, nil
}

// get reads one row; sql.ErrNoRows: there is none.
func (r *reader) get(ctx context.Context, query string, args []any, into ...any) error {
	statement, err := r.prepared(ctx, query)
	if err != nil {
		return err
	}
	return statement.QueryRowContext(ctx, args...).Scan(into...)
}

// each calls row for every row that the query finds.
func (r *reader) each(ctx context.Context, query string, args []any, row func(scan func(into ...any) error) error) error {
	statement, err := r.prepared(ctx, query)
	if err != nil {
		return err
	}
	rows, err := statement.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
