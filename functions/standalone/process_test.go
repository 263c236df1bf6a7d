package standalone_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// build compiles the programs at the given packages, named from the
// repository's root, and returns their paths in order. They are built as the
// tests are: with the race detector if those are.
func build(t *testing.T, packages ...string) []string {
	t.Helper()
	dir := t.TempDir()
	paths := make([]string, len(packages))
	for i, pkg := range packages {
		paths[i] = filepath.Join(dir, strings.ReplaceAll(pkg, "/", "-"))
		args := []string{"build", "-o", paths[i]}
		if raceEnabled {
			args = append(args, "-race")
		}
		command := exec.CommandContext(t.Context(), "go", append(args, "./"+pkg)...)
		command.Dir = "../.."
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("build %s: %v\n%s", pkg, err, out)
		}
	}
	return paths
}

// process is a program that runs beside the test.
type process struct {
	name    string
	command *exec.Cmd
	output  lockedBuffer
	ended   chan error
}

// start runs the program in dir with the settings beside the test's own
// environment. At the end of the test it is stopped as people do it, and must
// then end cleanly.
func start(t *testing.T, name, dir string, settings ...string) *process {
	t.Helper()
	p := &process{name: name, command: exec.CommandContext(context.WithoutCancel(t.Context()), name), ended: make(chan error, 1)}
	p.command.Dir = dir
	p.command.Env = append(os.Environ(), settings...)
	p.command.Stdout = &p.output
	p.command.Stderr = &p.output
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.ended <- p.command.Wait() }()
	t.Cleanup(func() {
		p.stop(t)
		if t.Failed() {
			t.Logf("%s said:\n%s", name, p.output.String())
		}
	})
	return p
}

func (p *process) stop(t *testing.T) {
	_ = p.command.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-p.ended:
		if err != nil {
			t.Errorf("%s ended with %v", p.name, err)
		}
		p.ended <- nil
	case <-time.After(60 * time.Second):
		_ = p.command.Process.Kill()
		t.Errorf("%s did not end within a minute of SIGTERM", p.name)
	}
}

// kill ends the process at once, as a crash does.
func (p *process) kill(t *testing.T) {
	t.Helper()
	if err := p.command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := <-p.ended; err == nil {
		t.Errorf("%s had ended in order before it was killed", p.name)
	}
	p.ended <- nil
}

// freeAddr returns a loopback address that no other caller has until it is released:
// the port beside it is held meanwhile. It is none of the ports that systems give to
// those who ask for any, nor of those of the stand-in for a cluster: until it is
// listened on, nobody takes it.
func freeAddr() (addr string, release func(), err error) {
	for range 100 {
		port := 10_000 + 2*rand.IntN(5_000)
		held, taken := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port+1))
		if taken != nil {
			err = taken
			continue
		}
		release = func() { _ = held.Close() }
		addr = fmt.Sprintf("127.0.0.1:%d", port)
		var listener net.Listener
		if listener, err = net.Listen("tcp", addr); err == nil {
			return addr, release, listener.Close()
		}
		release()
	}
	return "", func() {}, err
}

func mustFreeAddr(t *testing.T) string {
	t.Helper()
	addr, release, err := freeAddr()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(release)
	return addr
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// lockedBuffer is a buffer that a process writes while the test reads it.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}
