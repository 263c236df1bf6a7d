package config_test

import (
	"context"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/config"
)

// watched runs Watch on a path at one second, within a bubble.
func watched(t *testing.T, path string, test func(changes *atomic.Int32, pass func(time.Duration))) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var changes atomic.Int32
		ctx, cancel := context.WithCancel(t.Context())
		done, mark := make(chan struct{}), config.MarkOf(path)
		go func() {
			defer close(done)
			config.Watch(ctx, path, mark, time.Second, func() { changes.Add(1) })
		}()
		test(&changes, func(d time.Duration) {
			<-time.After(d)
			synctest.Wait()
		})
		cancel()
		<-done
	})
}

func TestWatch(t *testing.T) {
	t.Parallel()
	write := func(t *testing.T, path, content string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	t.Run("a change is told once, when it has settled", func(t *testing.T) {
		t.Parallel()
		path := file(t, "a")
		watched(t, path, func(changes *atomic.Int32, pass func(time.Duration)) {
			pass(3500 * time.Millisecond)
			write(t, path, "b")
			pass(time.Second)
			write(t, path, "bc")
			pass(time.Second)
			wantChanges(t, changes, 0)
			pass(5 * time.Second)
			wantChanges(t, changes, 1)
		})
	})

	t.Run("a file that is written again as it was is no change", func(t *testing.T) {
		t.Parallel()
		path := file(t, "a")
		watched(t, path, func(changes *atomic.Int32, pass func(time.Duration)) {
			write(t, path, "a")
			pass(5 * time.Second)
			wantChanges(t, changes, 0)
		})
	})

	t.Run("a file that another one takes the place of is seen", func(t *testing.T) {
		t.Parallel()
		path := file(t, "a")
		watched(t, path, func(changes *atomic.Int32, pass func(time.Duration)) {
			write(t, path+".new", "b")
			if err := os.Rename(path+".new", path); err != nil {
				t.Fatal(err)
			}
			pass(5 * time.Second)
			wantChanges(t, changes, 1)
		})
	})

	t.Run("files that come and go in a folder are seen, and so is its end", func(t *testing.T) {
		t.Parallel()
		dir := folder(t, map[string]string{"a.yaml": "a"})
		watched(t, dir, func(changes *atomic.Int32, pass func(time.Duration)) {
			write(t, filepath.Join(dir, "b.yaml"), "b")
			pass(5 * time.Second)
			wantChanges(t, changes, 1)
			write(t, filepath.Join(dir, "notes.txt"), "n")
			pass(5 * time.Second)
			wantChanges(t, changes, 1)
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
			pass(5 * time.Second)
			wantChanges(t, changes, 2)
		})
	})

	t.Run("a folder behind a link that is turned is seen", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		for _, version := range []string{"v1", "v2"} {
			if err := os.Mkdir(filepath.Join(dir, version), 0o700); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, version, "a.yaml"), version)
		}
		link := filepath.Join(dir, "data")
		turn := func(version string) {
			_ = os.Remove(link)
			if err := os.Symlink(version, link); err != nil {
				t.Fatal(err)
			}
		}
		turn("v1")
		watched(t, link, func(changes *atomic.Int32, pass func(time.Duration)) {
			turn("v2")
			pass(5 * time.Second)
			wantChanges(t, changes, 1)
		})
	})
}

func wantChanges(t *testing.T, changes *atomic.Int32, want int32) {
	t.Helper()
	if got := changes.Load(); got != want {
		t.Errorf("got %d changes told, want %d", got, want)
	}
}
