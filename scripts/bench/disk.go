package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/api-endpoint-monitor/monitor/scripts/rig"
)

// Disk is what results take up once they are folded, and the database is
// closed: its log has been written back and cut off then.
type Disk struct {
	Results int     `json:"results"` // the more of them an endpoint has, the less one takes up
	File    int64   `json:"file_bytes"`
	Used    int64   `json:"used_bytes"` // of the file: without pages that are free to be written again
	Each    float64 `json:"bytes_a_result"`
}

// fullWindow is how many results an endpoint at one second has in one of the
// windows that are stored. The budget is for full ones.
const fullWindow = 600

// The shards of a monitor, and how many folds it has done.
const (
	shards    = 64
	foldsDone = "monitor_store_fold_seconds_count"
)

// foldRounds is how often every shard is folded at the end, where there are
// enough results for the budget: at the start, and with the ticks of two
// minutes. With the first of them alert says that it is done with all results,
// and with the second they leave the tail, which is short and large.
const foldRounds = 3

// settleDisk has a monitor that has ended fold what it has not, and measures.
func (b *bench) settleDisk(ctx context.Context, m *rig.Monitor, results, endpoints int) (Disk, error) {
	if err := os.WriteFile(filepath.Join(m.Dir, "monitor.yaml"), []byte("namespace: bench\n"), 0o600); err != nil {
		return Disk{}, err
	}
	rounds := 1
	if results >= endpoints*fullWindow {
		rounds = foldRounds
	}
	if err := foldAll(ctx, m, rounds); err != nil {
		return Disk{}, err
	}
	files, err := filepath.Glob(filepath.Join(m.Dir, "data", "*.db"))
	if err != nil {
		return Disk{}, err
	}
	d := Disk{Results: results}
	for _, file := range files {
		size, used, err := databaseSize(file)
		if err != nil {
			return d, err
		}
		d.File, d.Used = d.File+size, d.Used+used
	}
	d.Each = float64(d.Used) / float64(max(results, 1))
	return d, nil
}

// foldAll runs the monitor until it has folded all shards so often: as it does
// at its start, and then each minute.
func foldAll(ctx context.Context, m *rig.Monitor, rounds int) error {
	if err := m.Start(); err != nil {
		return err
	}
	if err := m.AwaitReady(ctx); err != nil {
		return err
	}
	if err := rig.Await(ctx, "every shard is folded", time.Duration(rounds+1)*time.Minute, 50*time.Millisecond, func() (bool, error) {
		folds, err := m.Metric(ctx, foldsDone)
		return folds >= float64(rounds*shards), err
	}); err != nil {
		return fmt.Errorf("%w\n%s", err, m.Log)
	}
	return m.Terminate()
}

// Where the header of an SQLite database tells its sizes
// (https://sqlite.org/fileformat.html#the_database_header).
const (
	headerSize  = 100
	pageSizeAt  = 16 // two bytes; 1 is 65,536
	freePagesAt = 36 // four bytes
	largestPage = 1 << 16
)

// databaseSize returns the size of a closed database, and how much of it is used.
func databaseSize(path string) (size, used int64, err error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = file.Close() }()
	header := make([]byte, headerSize)
	if _, err := io.ReadFull(file, header); err != nil {
		return 0, 0, fmt.Errorf("read the header of %s: %w", path, err)
	}
	info, err := file.Stat()
	if err != nil {
		return 0, 0, err
	}
	page := int64(binary.BigEndian.Uint16(header[pageSizeAt:]))
	if page == 1 {
		page = largestPage
	}
	return info.Size(), info.Size() - page*int64(binary.BigEndian.Uint32(header[freePagesAt:])), nil
}
