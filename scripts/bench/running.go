package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// running is this program as a further process, which does what it is told and
// says when it is done.
type running struct {
	name    string
	command *exec.Cmd
	orders  io.WriteCloser
	says    *bufio.Scanner
}

// startRunning starts a process with settings of its own, as NAME=value.
func startRunning(ctx context.Context, name string, settings []string, args ...string) (*running, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	r := &running{name: name, command: exec.CommandContext(ctx, self, args...)}
	r.command.Env = append(os.Environ(), settings...)
	r.command.Stderr = os.Stderr
	if r.orders, err = r.command.StdinPipe(); err != nil {
		return nil, err
	}
	says, err := r.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	r.says = bufio.NewScanner(says)
	return r, r.command.Start()
}

// spent is what one order took: CPU time of the process alone, and time.
type spent struct{ cpu, whole time.Duration }

// order has the process do something.
func (r *running) order(words ...any) (spent, error) {
	began := time.Now()
	before, err := cpuTime(r.command.Process.Pid)
	if err != nil {
		return spent{}, err
	}
	if _, err := fmt.Fprintln(r.orders, words...); err != nil {
		return spent{}, err
	}
	if !r.says.Scan() {
		return spent{}, errors.New("the process ended")
	}
	after, err := cpuTime(r.command.Process.Pid)
	return spent{after - before, time.Since(began)}, err
}

func (r *running) end() {
	_ = r.orders.Close() // which tells it to end
	_ = r.command.Wait() // it has said what was wrong
}
