package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// stop is one end of the process.
type stop struct {
	at    time.Time
	clean bool // by SIGTERM: everything in hand was to be finished
	aim   string
	hit   bool // the moment that was aimed at was seen
}

// life is one run of the process, from its start to its stop.
type life struct {
	started, ready time.Time
	stop           stop // zero where it was never stopped
}

// monitor is the real program, as people start it.
type monitor struct {
	program, dir, addr string
	settings           []string
	command            *exec.Cmd
	ended              chan error
	log                *tail
	lives              []life
}

// buildMonitor compiles the program into the folder.
func buildMonitor(ctx context.Context, root, dir string) (string, error) {
	path := filepath.Join(dir, "monitor")
	command := exec.CommandContext(ctx, "go", "build", "-o", path, "./functions/standalone/cmd")
	command.Dir = root
	if out, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the monitor: %w\n%s", err, out)
	}
	return path, nil
}

// freeAddr returns a loopback address whose port was free just now. It is none
// of the ports that systems give to those who ask for any: between two lives of
// the process no connection takes it.
func freeAddr() (string, error) {
	var err error
	for range 100 {
		addr := fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(20_000)) //nolint:gosec // chance, not secrets
		var listener net.Listener
		if listener, err = net.Listen("tcp", addr); err == nil {
			return addr, listener.Close()
		}
	}
	return "", err
}

func (m *monitor) url() string { return "http://" + m.addr }

// start starts the process and does not wait until it is ready.
func (m *monitor) start() error {
	m.command = exec.Command(m.program) //nolint:noctx // it must outlive its caller's ctx to be killed at the right moment
	m.command.Dir = m.dir
	m.command.Env = append(os.Environ(), m.settings...)
	m.command.Stdout, m.command.Stderr = m.log, m.log
	if err := m.command.Start(); err != nil {
		return err
	}
	m.ended = make(chan error, 1)
	go func(c *exec.Cmd, ended chan error) { ended <- c.Wait() }(m.command, m.ended)
	m.lives = append(m.lives, life{started: time.Now()})
	return nil
}

// awaitReady waits until the process answers.
func (m *monitor) awaitReady(ctx context.Context) error {
	ready := func() (bool, error) {
		select {
		case err := <-m.ended:
			m.ended <- err
			return false, fmt.Errorf("the monitor ended by itself: %w\n%s", err, m.log)
		default:
		}
		return answers(ctx, m.url()+"/health/readiness"), nil
	}
	if err := await(ctx, "the monitor is ready", time.Minute, 2*time.Millisecond, ready); err != nil {
		return err
	}
	m.lives[len(m.lives)-1].ready = time.Now()
	return nil
}

// kill ends the process at once.
func (m *monitor) kill(aim string, hit bool) error {
	at := time.Now()
	if err := m.command.Process.Kill(); err != nil {
		return fmt.Errorf("the monitor ended before it was killed: %w\n%s", err, m.log)
	}
	if err := <-m.ended; err == nil {
		return fmt.Errorf("the monitor ended by itself before it was killed\n%s", m.log)
	}
	m.lives[len(m.lives)-1].stop = stop{at: at, aim: aim, hit: hit}
	return nil
}

// terminate ends the process as people do it.
func (m *monitor) terminate(aim string) error {
	at := time.Now()
	if err := m.command.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case err := <-m.ended:
		if err != nil {
			return fmt.Errorf("after SIGTERM: %w\n%s", err, m.log)
		}
	case <-time.After(time.Minute):
		return errors.New("the monitor did not end within a minute of SIGTERM")
	}
	m.lives[len(m.lives)-1].stop = stop{at: at, clean: true, aim: aim, hit: true}
	return nil
}

func answers(ctx context.Context, url string) bool {
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

// await asks until the answer is yes.
func await(ctx context.Context, what string, within, every time.Duration, holds func() (bool, error)) error {
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
			return fmt.Errorf("gave up waiting until %s", what)
		}
	}
}

// tail keeps the last of what is written to it.
type tail struct {
	mu   sync.Mutex
	kept bytes.Buffer
}

const keptLog = 16 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, _ = t.kept.Write(p)
	if over := t.kept.Len() - keptLog; over > 0 {
		t.kept.Next(over)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.kept.String()
}
