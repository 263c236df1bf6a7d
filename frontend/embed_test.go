package frontend_test

import (
	"io/fs"
	"testing"

	"github.com/api-endpoint-monitor/monitor/frontend"
)

func TestFiles(t *testing.T) {
	t.Parallel()
	t.Run("the root is the built folder, which is there even when nothing was built", func(t *testing.T) {
		t.Parallel()
		if _, err := fs.Stat(frontend.Files(), ".keep"); err != nil {
			t.Errorf("got %v, want the file that keeps the folder", err)
		}
	})
}
