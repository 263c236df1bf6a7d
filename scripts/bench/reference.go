package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"sync"
	"time"
)

// referenceCommand is the argument that makes the program a reference.
const referenceCommand = "reference"

// reference is the limit that the monitor is measured against, as a process of
// its own: for each endpoint one goroutine, one kept connection and one buffer,
// at evenly spread phases, and nothing else.
func reference(ctx context.Context, interval time.Duration, addrs io.Reader) error {
	var list []string
	for lines := bufio.NewScanner(addrs); lines.Scan(); {
		list = append(list, lines.Text())
	}
	var loops sync.WaitGroup
	faults := make(chan error, len(list))
	for i, addr := range list {
		loops.Go(func() { faults <- loop(ctx, i, addr, spread(i, len(list), interval), interval) })
	}
	defer loops.Wait()
	select {
	case <-ctx.Done():
		return nil
	case err := <-faults:
		return err
	}
}

// spread returns the phase of one of so many endpoints.
func spread(i, count int, interval time.Duration) time.Duration {
	return interval * time.Duration(i) / time.Duration(count)
}

func loop(ctx context.Context, i int, addr string, phase, interval time.Duration) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	request, buffer := requestOf(i, addr), make([]byte, 1<<10)
	for {
		now := time.Duration(time.Now().UnixNano())
		time.Sleep(interval - (now-phase)%interval)
		if ctx.Err() != nil {
			return conn.Close()
		}
		if _, err := conn.Write(request); err != nil {
			return err
		}
		got, err := readHead(conn, buffer)
		if err != nil {
			return err
		}
		if !bytes.HasPrefix(got, []byte("HTTP/1.1 200")) {
			return fmt.Errorf("the target answers %q", got)
		}
	}
}

// startReference starts the reference over the target's endpoints.
func startReference(ctx context.Context, t *target) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	var addrs bytes.Buffer
	for i := range t.endpoints {
		e := &t.endpoints[i]
		e.phase.Store(int64(spread(i, len(t.endpoints), t.interval)))
		e.seen.Store(false)
		fmt.Fprintln(&addrs, e.addr)
	}
	command := exec.CommandContext(ctx, self, referenceCommand, t.interval.String())
	command.Stdin, command.Stderr = &addrs, os.Stderr
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = 10 * time.Second
	return command, command.Start()
}
