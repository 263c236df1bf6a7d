package main

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
)

func TestDatabaseSize(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		page          uint16
		free          uint32
		size          int64
		wantUsed      int64
		wantItRefused bool
	}{
		"pages of 4 KiB":         {page: 4096, free: 3, size: 40_960, wantUsed: 28_672},
		"the largest pages":      {page: 1, free: 1, size: 131_072, wantUsed: 65_536},
		"too short for a header": {size: 50, wantItRefused: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			content := make([]byte, test.size)
			if test.size >= headerSize {
				binary.BigEndian.PutUint16(content[pageSizeAt:], test.page)
				binary.BigEndian.PutUint32(content[freePagesAt:], test.free)
			}
			path := filepath.Join(t.TempDir(), "monitor.db")
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			size, used, err := databaseSize(path)
			if (err != nil) != test.wantItRefused {
				t.Fatalf("got error %v, want one: %v", err, test.wantItRefused)
			}
			if err == nil && (size != test.size || used != test.wantUsed) {
				t.Fatalf("got %d bytes, %d used, want %d and %d", size, used, test.size, test.wantUsed)
			}
		})
	}
}
