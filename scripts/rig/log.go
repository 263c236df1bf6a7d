package rig

import (
	"bytes"
	"sync"
)

// keptLog is how much of a log is kept, in bytes.
const keptLog = 16 << 10

// Log keeps the last of what is written to it. The zero value is empty.
type Log struct {
	mu   sync.Mutex
	kept bytes.Buffer
}

// Write implements io.Writer. It never fails.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = l.kept.Write(p)
	if over := l.kept.Len() - keptLog; over > 0 {
		l.kept.Next(over)
	}
	return len(p), nil
}

// String returns what is kept.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kept.String()
}
