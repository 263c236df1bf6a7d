package kafka_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

// variableMember makes this program a member of a group instead of a test: its
// value says of which.
const variableMember = "KAFKA_TEST_MEMBER"

type membership struct {
	Brokers []string
	Broker  string
	Topic   string
	Sinks   map[string]string
	Hoards  bool // it waits to be told to go on; see hoarder
}

func (m membership) text(t *testing.T) string {
	t.Helper()
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// member consumes until SIGTERM and prints the ID of each event that it handled.
func member(text string) error {
	var m membership
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return err
	}
	wiring := wired(true)
	wiring.Broker, wiring.Topic, wiring.Sinks = m.Broker, m.Topic, m.Sinks
	out, err := kafka.NewSender(plain(m.Brokers...), "member", m.Topic)
	if err != nil {
		return err
	}
	c, err := kafka.NewConsumer(kafka.Options{Settings: plain(m.Brokers...), Topology: wiring, Sender: out})
	if err != nil {
		return err
	}
	handle := func(_ context.Context, in events.Event, _ events.Emit) error {
		_, err := fmt.Println(in.ID())
		return err
	}
	if m.Hoards {
		h := &hoarder{goOn: make(chan struct{})}
		handle = h.handle
		go h.serve(os.Stdin, os.Stdout)
	}
	err = c.Subscribe("store", handle)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	return c.Run(ctx)
}

// joined is a member that runs.
type joined struct {
	command *exec.Cmd
	working chan struct{} // closed with its first event
	read    sync.WaitGroup
}

func join(t *testing.T, brokers []string, wiring topology.Topology, b *book) *joined {
	t.Helper()
	m := &joined{command: exec.CommandContext(t.Context(), os.Args[0]), working: make(chan struct{})}
	m.command.Env = append(os.Environ(), variableMember+"="+membership{Brokers: brokers, Broker: wiring.Broker, Topic: wiring.Topic, Sinks: wiring.Sinks}.text(t))
	m.command.Stderr = os.Stderr
	out, err := m.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := m.command.Start(); err != nil {
		t.Fatal(err)
	}
	m.read.Go(func() {
		began := sync.OnceFunc(func() { close(m.working) })
		for lines := bufio.NewReader(out); ; began() {
			line, err := lines.ReadString('\n')
			if err != nil {
				return // a line cut in two was not acknowledged
			}
			b.note(strings.TrimSpace(line))
		}
	})
	return m
}

func (m *joined) works(t *testing.T) {
	t.Helper()
	select {
	case <-m.working:
	case <-time.After(3 * patience):
		t.Fatal("the member got no event")
	}
}

// end sends the signal and waits for the member's end.
func (m *joined) end(signal os.Signal) error {
	if err := m.command.Process.Signal(signal); err != nil {
		return err
	}
	m.read.Wait()
	return m.command.Wait()
}

// TestMembers has members join, leave in order and be killed under load.
func TestMembers(t *testing.T) {
	t.Parallel()
	settings := plain(onBroker(t).Plain)
	wiring := own(t, settings, wired(true))
	out := sender(t, settings, wiring.Topic)
	b := newBook()
	enough := b.load(t, out.Emit)
	one := join(t, settings.Brokers, wiring, b)
	one.works(t)
	two := join(t, settings.Brokers, wiring, b)
	two.works(t)
	if err := one.end(syscall.SIGTERM); err != nil {
		t.Errorf("a member that left: got %v, want nil", err)
	}
	b.more(t, 200)
	three := join(t, settings.Brokers, wiring, b)
	three.works(t)
	_ = two.end(syscall.SIGKILL) // it says that it was killed
	b.more(t, 200)
	enough()
	b.close(t, "members join, leave, are killed")
	if err := three.end(syscall.SIGTERM); err != nil {
		t.Errorf("the last member: got %v, want nil", err)
	}
}
