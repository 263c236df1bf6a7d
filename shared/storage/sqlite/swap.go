package sqlite

import (
	"encoding/json"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// statement is an SQL statement with its arguments.
type statement struct {
	query string
	args  []any
}

// swap runs the insert for revision 0, else the update. Conflict: it changed
// nothing. What names the record in the error.
func swap(tx *tx, what string, revision int64, insert, update statement) error {
	chosen := update
	if revision == 0 {
		chosen = insert
	}
	changed, err := tx.exec(chosen.query, chosen.args...)
	if err == nil && changed == 0 {
		return monitor.Errorf(monitor.Conflict, "%s changed since revision %d: read again, then write again", what, revision)
	}
	return err
}

// parse reads a body that this package has written.
func (s *Store) parse(body []byte, into any) error {
	if err := json.Unmarshal(body, into); err != nil {
		return s.damaged(err)
	}
	return nil
}
