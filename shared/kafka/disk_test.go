package kafka_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/scripts/kafka/broker"
)

// small mounts a file system of that many bytes for the test's time. It takes the
// right to mount, as root has it.
func small(t *testing.T, bytes int) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", bytes)); err != nil {
		t.Skipf("NOT RUN: a full disk takes a small file system, and none could be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	return dir
}

// fill writes a file until the disk is full.
func fill(t *testing.T, path string) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	block := make([]byte, 4<<10)
	for {
		if _, err := file.Write(block); errors.Is(err, syscall.ENOSPC) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// TestDiskFull fills the broker's disk under load. Kafka gives up a folder that it
// could not write to, and ends when it has no other. Once there is room again and
// somebody has started it, all goes on.
func TestDiskFull(t *testing.T) {
	onBroker(t)
	dir := small(t, 96<<20)
	if err := running.Stop(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := running.Restart(context.Background()); err != nil {
			t.Error(err)
		}
	})
	full, err := broker.StartOn(t.Context(), filepath.Join(dir, "data"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := full.Remove(); err != nil {
			t.Error(err)
		}
	})
	filler := filepath.Join(dir, "filler")
	underBy(t, plain(full.Plain), "disk full", func(b *book) {
		fill(t, filler)
		ended := time.NewTimer(2 * patience)
		defer ended.Stop()
		select {
		case <-full.Down():
		case <-ended.C:
			t.Fatalf("the broker still runs on a full disk:\n%s", full.Log())
		}
		if err := os.Remove(filler); err != nil {
			t.Fatal(err)
		}
		if err := full.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := full.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.more(t, 200)
	})
}
