package node

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"

	"github.com/couchbase/gocbcore/v10/memd"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
)

// Count sums requests of one kind that a node was asked, and the bytes of their
// packets.
type Count struct {
	Operation  string `json:"operation"`
	Collection string `json:"collection,omitempty"` // empty: it is not about a document
	Durable    bool   `json:"durable,omitempty"`    // a majority was to have it
	Requests   int    `json:"requests"`
	In         int    `json:"bytes_in"`  // to the node
	Out        int    `json:"bytes_out"` // from it
}

// counts returns what the node has been asked until now, ordered by kind.
func counts(n *couchbasetest.Node) []Count {
	var all []Count
	for kind, sum := range n.Counts().Kinds {
		all = append(all, Count{
			Operation: kind.Op.Name(), Collection: kind.Collection, Durable: kind.Durability != memd.DurabilityLevel(0),
			Requests: sum.Requests, In: sum.In, Out: sum.Out,
		})
	}
	slices.SortFunc(all, func(a, b Count) int {
		return cmp.Or(cmp.Compare(a.Collection, b.Collection), cmp.Compare(a.Operation, b.Operation))
	})
	return all
}

// Serve is the process: it prints a prepared node's settings, one a line, and an
// empty line, and answers each line of orders with the counts. It ends with the
// orders.
func Serve(orders io.Reader, says io.Writer) error {
	n, err := New(false)
	if err != nil {
		return err
	}
	defer n.Close()
	for _, line := range append(Settings(n), "") {
		if _, err := fmt.Fprintln(says, line); err != nil {
			return err
		}
	}
	answers := json.NewEncoder(says)
	for lines := bufio.NewScanner(orders); lines.Scan(); {
		if err := answers.Encode(counts(n)); err != nil {
			return err
		}
	}
	return nil
}

// Process is a node that runs as a process of its own. It is not safe for
// concurrent use.
type Process struct {
	Settings []string // of a monitor that uses it, as NAME=value

	command *exec.Cmd
	orders  io.WriteCloser
	says    *bufio.Reader
}

// Start starts a program whose arguments make it call Serve, such as the caller's
// own, and returns once the node answers. End it; it ends by itself with its
// caller.
func Start(ctx context.Context, program string, args ...string) (*Process, error) {
	p := &Process{command: exec.CommandContext(ctx, program, args...)}
	p.command.Stderr = os.Stderr
	var err error
	if p.orders, err = p.command.StdinPipe(); err != nil {
		return nil, err
	}
	says, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.says = bufio.NewReader(says)
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	for {
		line, err := p.says.ReadString('\n')
		if err != nil {
			return nil, errors.Join(fmt.Errorf("the node did not start: %w", err), p.End())
		}
		if line == "\n" {
			return p, nil
		}
		p.Settings = append(p.Settings, line[:len(line)-1])
	}
}

// PID is the process's number.
func (p *Process) PID() int { return p.command.Process.Pid }

// Counts returns what the node has been asked until now.
func (p *Process) Counts() ([]Count, error) {
	if _, err := fmt.Fprintln(p.orders, "counts"); err != nil {
		return nil, err
	}
	line, err := p.says.ReadBytes('\n')
	if err != nil {
		return nil, fmt.Errorf("the node has ended: %w", err)
	}
	var all []Count
	return all, json.Unmarshal(line, &all)
}

// End ends the process.
func (p *Process) End() error {
	_ = p.orders.Close() // which tells it to end
	return p.command.Wait()
}
