package sqlite

import (
	"context"
	"database/sql"
)

// tx runs statements of the writer's one connection, which it keeps prepared.
// Its context is never cancelled: one caller's patience must not end the
// transaction of others.
type tx struct {
	conn       *sql.Conn
	statements map[string]*sql.Stmt
}

func newTx(conn *sql.Conn) *tx { return &tx{conn: conn, statements: map[string]*sql.Stmt{}} }

func (t *tx) prepared(query string) (*sql.Stmt, error) {
	if statement, found := t.statements[query]; found {
		return statement, nil
	}
	statement, err := t.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	t.statements[query] = statement
	return statement, nil
}

// exec runs a statement and returns how many rows it changed.
func (t *tx) exec(query string, args ...any) (int64, error) {
	statement, err := t.prepared(query)
	if err != nil {
		return 0, err
	}
	result, err := statement.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// get reads one row of numbers; sql.ErrNoRows: there is none.
func (t *tx) get(query string, args []any, into ...any) error {
	statement, err := t.prepared(query)
	if err != nil {
		return err
	}
	return statement.QueryRowContext(context.Background(), args...).Scan(into...)
}

func (t *tx) begin() error {
	_, err := t.exec("BEGIN IMMEDIATE")
	return err
}

func (t *tx) commit() error {
	_, err := t.exec("COMMIT")
	if err != nil {
		t.rollback()
	}
	return err
}

// rollback ends the transaction. An error says that the engine has ended it.
func (t *tx) rollback() { _, _ = t.exec("ROLLBACK") }

// nested runs do so that it takes effect whole or not at all. Where the engine
// refuses it, the whole transaction must be rolled back.
func (t *tx) nested(do func(t *tx) error) error {
	if _, err := t.exec("SAVEPOINT job"); err != nil {
		return err
	}
	failed := do(t)
	if refused(failed) {
		return failed // the engine may have ended the transaction
	}
	if failed != nil {
		if _, err := t.exec("ROLLBACK TO job"); err != nil {
			return err
		}
	}
	if _, err := t.exec("RELEASE job"); err != nil {
		return err
	}
	return failed
}

func (t *tx) close() error {
	for _, statement := range t.statements {
		_ = statement.Close()
	}
	return t.conn.Close()
}
