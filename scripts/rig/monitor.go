// Package rig runs the real monitor, as people start it, for the programs that
// put it to the test.
package rig

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Monitor is the standalone monitor as a process of its own. One may be
// started again after it has ended. It is not safe for concurrent use.
type Monitor struct {
	Program  string   // as Build made it
	Dir      string   // where it runs: it holds monitor.yaml and the data
	Addr     string   // host:port to listen on
	Settings []string // NAME=value, beside the address
	Log      *Log     // takes what it says

	command *exec.Cmd
	ended   chan error
}

// Build compiles the monitor of the module at root into the folder, and
// returns the program's path.
func Build(ctx context.Context, root, dir string) (string, error) {
	path := filepath.Join(dir, "monitor")
	command := exec.CommandContext(ctx, "go", "build", "-o", path, "./functions/standalone/cmd")
	command.Dir = root
	if out, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the monitor: %w\n%s", err, out)
	}
	return path, nil
}

// FreeAddr returns a loopback address whose port was free just now. It is none
// of the ports that systems give to those who ask for any, nor of those of the
// stand-in for a Couchbase cluster: between two lives of the process nobody takes
// it.
func FreeAddr() (string, error) {
	addrs, err := FreeAddrs(1)
	if err != nil {
		return "", err
	}
	return addrs[0], nil
}

// FreeAddrs returns as many addresses as FreeAddr would, no two of them the same.
func FreeAddrs(count int) ([]string, error) {
	var addrs []string
	for tries := 100 * count; len(addrs) < count; tries-- {
		port := 10_000 + 2*rand.IntN(5_000) //nolint:gosec // chance, not secrets
		listener, err := listenPair(port)
		if err != nil && tries > 0 {
			continue
		}
		if err != nil {
			return nil, err
		}
		defer func() { _ = listener.Close() }() // held until all are known
		addrs = append(addrs, listener.Addr().String())
	}
	return addrs, nil
}

// listenPair listens on the port if the one beside it is free as well: whoever
// wants to keep a port for later holds the one beside it.
func listenPair(port int) (net.Listener, error) {
	beside, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port+1))
	if err != nil {
		return nil, err
	}
	defer func() { _ = beside.Close() }()
	return net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
}

// URL is where the monitor answers.
func (m *Monitor) URL() string { return "http://" + m.Addr }

// PID is the process's number. The monitor must have been started.
func (m *Monitor) PID() int { return m.command.Process.Pid }

// Start starts the process and does not wait until it is ready.
func (m *Monitor) Start() error {
	m.command = exec.Command(m.Program) //nolint:noctx // it outlives its caller's ctx, to be ended at the right moment
	m.command.Dir = m.Dir
	m.command.Env = append(append(os.Environ(), "MONITOR_ADDR="+m.Addr), m.Settings...)
	m.command.Stdout, m.command.Stderr = m.Log, m.Log
	if err := m.command.Start(); err != nil {
		return err
	}
	m.ended = make(chan error, 1)
	go func(c *exec.Cmd, ended chan error) { ended <- c.Wait() }(m.command, m.ended)
	return nil
}

// AwaitReady waits until the process answers. The error of one that ended by
// itself holds the last of its log.
func (m *Monitor) AwaitReady(ctx context.Context) error {
	return Await(ctx, "the monitor is ready", time.Minute, 2*time.Millisecond, func() (bool, error) {
		select {
		case err := <-m.ended:
			m.ended <- err
			return false, fmt.Errorf("the monitor ended by itself: %w\n%s", err, m.Log)
		default:
			return answers(ctx, m.URL()+"/health/readiness"), nil
		}
	})
}

// Kill ends the process by SIGKILL.
func (m *Monitor) Kill() error {
	if err := m.command.Process.Kill(); err != nil {
		return fmt.Errorf("the monitor ended before it was killed: %w\n%s", err, m.Log)
	}
	if err := <-m.ended; err == nil {
		return fmt.Errorf("the monitor ended by itself before it was killed\n%s", m.Log)
	}
	return nil
}

// Terminate ends the process by SIGTERM, as people do it. It has a minute.
func (m *Monitor) Terminate() error {
	if err := m.command.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case err := <-m.ended:
		if err != nil {
			return fmt.Errorf("after SIGTERM: %w\n%s", err, m.Log)
		}
		return nil
	case <-time.After(time.Minute):
		return errors.New("the monitor did not end within a minute of SIGTERM")
	}
}

// Abandon ends the process if it still runs, and waits for its end: from then
// on its folder is nobody's.
func (m *Monitor) Abandon() {
	if m.command != nil && m.command.Process != nil && m.command.Process.Kill() == nil {
		<-m.ended //nolint:errcheck // however it went
	}
}

// Metric returns the value of one of the process's own figures.
func (m *Monitor) Metric(ctx context.Context, name string) (float64, error) {
	return Metric(ctx, m.URL(), name)
}

// patience is how long one answer is waited for.
const patience = 10 * time.Second

func answers(ctx context.Context, url string) bool {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// GaveUp is the error of Await when it has asked for long enough.
type GaveUp string

// Error implements error.
func (g GaveUp) Error() string { return "gave up waiting until " + string(g) }

// Await asks until the answer is yes or an error. GaveUp: it was neither until the
// time was over, or ctx had ended.
func Await(ctx context.Context, what string, within, every time.Duration, holds func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if yes, err := holds(); yes || err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return GaveUp(what)
		}
	}
}

// Pause lets time pass, unless ctx ends.
func Pause(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
