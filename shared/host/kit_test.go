package host_test

import (
	"bytes"
	"regexp"
	"sync"
	"testing"
	"time"
)

// said is what a process logs.
type said struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

var listening = regexp.MustCompile(`"address":"([^"]+)"`)

// address returns where the process says that it listens, or "".
func (s *said) address() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := listening.FindSubmatch(s.text.Bytes()); found != nil {
		return string(found[1])
	}
	return ""
}

// until waits until it holds.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	bound := time.NewTimer(patience)
	defer bound.Stop()
	for !holds() {
		select {
		case <-again.C:
		case <-bound.C:
			t.Fatalf("%s did not happen within %s", what, patience)
		}
	}
}
