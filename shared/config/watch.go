package config

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"
)

// Mark is the content of the files at one moment.
type Mark [sha256.Size]byte

// MarkOf returns the mark of the file or folder at path. Files that are
// missing or cannot be read have marks too. Take it before Load, so that no
// change falls between the two.
func MarkOf(path string) Mark {
	hash := sha256.New()
	sources, err := read(path)
	if err != nil {
		_, _ = fmt.Fprintf(hash, "%v", err)
	}
	for _, s := range sources {
		_, _ = fmt.Fprintf(hash, "%q %q %d\n", s.name, s.fault, len(s.data))
		_, _ = hash.Write(s.data)
	}
	return Mark(hash.Sum(nil))
}

// Watch calls changed whenever the content at path is another one than before,
// beginning with since, until ctx ends. It reads the files each interval, which
// sees every way in which editors and ConfigMaps replace them, and waits until
// they have stayed the same for one interval, so that no half-written file is
// taken for the whole.
func Watch(ctx context.Context, path string, since Mark, interval time.Duration, changed func()) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	before := since
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now := MarkOf(path)
		if now == before && now != since {
			since = now
			changed()
		}
		before = now
	}
}
