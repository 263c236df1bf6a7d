package bus

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"sync"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// DeadLetterFile returns a place for dead letters: a file of one CloudEvent in
// JSON a line. When it would grow beyond maxBytes it is renamed to path.1,
// replacing what is there, and begun anew. An event that was not written whole
// and synced to the disk is an Unavailable error, and leaves no trace.
func DeadLetterFile(path string, maxBytes int64) func(ctx context.Context, e events.Event) error {
	var mu sync.Mutex
	return func(_ context.Context, e events.Event) error {
		wire, err := e.Wire()
		if err != nil {
			return err
		}
		line, err := wire.MarshalJSON()
		if err != nil {
			return monitor.Wrap(monitor.Invalid, err, "the event cannot be written as JSON")
		}
		mu.Lock()
		defer mu.Unlock()
		err = appendLine(path, append(line, '\n'), maxBytes)
		return monitor.Wrap(monitor.Unavailable, err, "cannot write the dead letter to %s: free space on the disk", path)
	}
}

func appendLine(path string, line []byte, maxBytes int64) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case info.Size()+int64(len(line)) > maxBytes:
		if err := os.Rename(path, path+".1"); err != nil {
			return err
		}
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(writeWhole(file, line), file.Close())
}

func writeWhole(file *os.File, line []byte) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if _, err = file.Write(line); err == nil {
		err = file.Sync()
	}
	if err != nil {
		return errors.Join(err, file.Truncate(info.Size()))
	}
	return nil
}
