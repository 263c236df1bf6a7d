package sqlite

import "context"

const (
	selectUsed = `SELECT (page_count - freelist_count) * page_size
		FROM pragma_page_count, pragma_freelist_count, pragma_page_size`
)

// Size returns how many bytes of the database are in use: the log and free
// pages do not count.
func (s *Store) Size(ctx context.Context) (int64, error) {
	var used int64
	err := s.read.get(ctx, selectUsed, nil, &used)
	return used, s.fault(err)
}
