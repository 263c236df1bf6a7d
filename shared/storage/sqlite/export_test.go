package sqlite

import (
	"context"
	"fmt"
)

// LimitPages makes the store's disk full at that many pages of the file; 0
// gives it all the room again.
func LimitPages(s *Store, pages int) error {
	if pages == 0 {
		pages = 1 << 30
	}
	return s.write.submit(context.Background(), func(tx *tx) error {
		_, err := tx.exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages))
		return err
	})
}
