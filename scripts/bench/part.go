package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync/atomic"
	"time"
)

// partCommand is the argument that makes the program a part.
const partCommand = "part"

// part is one endpoint that is a process of its own.
type part struct {
	addr    string
	seen    atomic.Bool
	command *exec.Cmd
	orders  io.WriteCloser
}

func newParts(ctx context.Context, count int) (parts, error) {
	all := make(parts, 0, count)
	for range count {
		p, err := startPart(ctx)
		if err != nil {
			all.close()
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

func startPart(ctx context.Context) (*part, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &part{command: exec.CommandContext(ctx, self, partCommand)}
	p.command.Stderr = os.Stderr
	p.orders, err = p.command.StdinPipe()
	if err != nil {
		return nil, err
	}
	says, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(says)
	if !lines.Scan() {
		p.kill()
		return nil, errors.New("an endpoint did not start")
	}
	p.addr = lines.Text()
	go func() { // until the process ends
		for lines.Scan() {
			p.seen.Store(true)
		}
	}()
	return p, nil
}

// fail lets the endpoint go down.
func (p *part) fail(o outage) {
	if o.kill {
		p.kill()
		return
	}
	_, _ = fmt.Fprintln(p.orders, o.kind) // a process that is gone is down as well
}

func (p *part) kill() {
	_ = p.command.Process.Kill()
	_, _ = p.command.Process.Wait()
}

// servePart is the process: it says where it listens and that it was checked,
// and reads how it is to fail.
func servePart(orders io.Reader, says io.Writer) error {
	t, err := newTarget(1, time.Second, partNetwork, func() { fmt.Fprintln(says, "checked") })
	if err != nil {
		return err
	}
	fmt.Fprintln(says, t.endpoints[0].addr)
	for lines := bufio.NewScanner(orders); lines.Scan(); {
		how, known := modeNamed(lines.Text())
		if !known {
			return fmt.Errorf("no way to fail: %q", lines.Text())
		}
		t.endpoints[0].mode.Store(int32(how))
		if how == refusing {
			t.shut()
		}
	}
	t.close()
	return nil
}
