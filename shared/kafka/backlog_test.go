package kafka_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
)

// crowd is how many partitions a backlog has: those of the product's topic.
const crowd = 16

// hoarder is a member whose handlers wait until it is told to go on, and that
// then works off what there is. It prints the largest heap that it saw.
type hoarder struct {
	goOn    chan struct{}
	inHand  atomic.Int64
	handled atomic.Int64
	peak    atomic.Uint64
}

func (h *hoarder) handle(context.Context, events.Event, events.Emit) error {
	h.inHand.Add(1)
	<-h.goOn
	h.handled.Add(1)
	return nil
}

// serve answers questions: how much is in hand, and the heap's peak in bytes.
func (h *hoarder) serve(in io.Reader, out io.Writer) {
	again := time.NewTicker(10 * time.Millisecond)
	go func() {
		for range again.C {
			var now runtime.MemStats
			runtime.ReadMemStats(&now)
			h.peak.Store(max(h.peak.Load(), now.HeapAlloc))
		}
	}()
	for lines := bufio.NewScanner(in); lines.Scan(); {
		if lines.Text() == "go" {
			close(h.goOn)
		}
		fmt.Fprintln(out, h.inHand.Load(), h.handled.Load(), h.peak.Load())
	}
}

// hoarding is a hoarder as its parent sees it.
type hoarding struct {
	t   *testing.T
	in  io.Writer
	out *bufio.Scanner
}

// ask returns what the hoarder answers.
func (h *hoarding) ask(question string) (inHand, handled, peak int) {
	h.t.Helper()
	if _, err := fmt.Fprintln(h.in, question); err != nil || !h.out.Scan() {
		h.t.Fatalf("ask the member: %v, %v", err, h.out.Err())
	}
	if _, err := fmt.Sscan(h.out.Text(), &inHand, &handled, &peak); err != nil {
		h.t.Fatalf("the member's answer %q: %v", h.out.Text(), err)
	}
	return inHand, handled, peak
}

// full waits until the member's heap has not grown by a mebibyte for a while: all that it
// buffers is there.
func (h *hoarding) full() {
	h.t.Helper()
	last, same := 0, 0
	until(h.t, "the member's buffers are full", 3*patience, func() bool {
		_, _, peak := h.ask("?")
		if same++; peak > last+1<<20 {
			last, same = peak, 0
		}
		return same == 200
	})
}

func hoard(t *testing.T, settings kafka.Settings, m membership) *hoarding {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0])
	command.Env = append(os.Environ(), variableMember+"="+m.text(t))
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill() // whatever it does
		_ = command.Wait()
	})
	return &hoarding{t, in, bufio.NewScanner(out)}
}

// TestBacklog has handlers block before a backlog of large events, and then work
// it off: the heap depends on neither.
func TestBacklog(t *testing.T) {
	t.Parallel()
	each := 12 // events of a partition
	if *long {
		each = 40
	}
	settings := plain(onBroker(t).Plain)
	for name, fill := range map[string]func([]byte){
		"that do not shrink": func(data []byte) { _, _ = rand.Read(data) },
		"that shrink":        func(data []byte) { shrinking(data) },
	} {
		t.Run("events "+name, func(t *testing.T) {
			wiring := wired(true)
			wiring.Broker = "test-" + rand.Text()[:8]
			wiring.Topic = wiring.Broker + "-events"
			wiring.Sinks = map[string]string{"dead-letters": wiring.Topic + ".dlq"}
			topics := kafka.OnOneBroker(kafka.Topics(wiring))
			if topics[0].Partitions != crowd {
				t.Fatalf("got %d partitions, want %d", topics[0].Partitions, crowd)
			}
			if err := kafka.CreateTopics(t.Context(), settings, topics); err != nil {
				t.Fatal(err)
			}
			out := sender(t, settings, wiring.Topic)
			var emitting sync.WaitGroup
			for key := range crowd {
				emitting.Go(func() {
					for number := range each {
						e := event(fmt.Sprintf("%d-%d", key, number), strconv.Itoa(key))
						e.DataEncoded = make([]byte, 512<<10)
						fill(e.DataEncoded)
						if err := out.Emit(t.Context(), e); err != nil {
							t.Errorf("emit: %v", err)
						}
					}
				})
			}
			emitting.Wait()
			member := hoard(t, settings, membership{Brokers: settings.Brokers, Broker: wiring.Broker, Topic: wiring.Topic, Sinks: wiring.Sinks, Hoards: true})
			until(t, "an event of each partition is in hand", 3*patience, func() bool {
				inHand, _, _ := member.ask("?")
				return inHand == crowd
			})
			member.full()
			_, _, blocked := member.ask("go")
			until(t, "the backlog is worked off", 3*patience, func() bool {
				_, handled, _ := member.ask("?")
				return handled == crowd*each
			})
			_, _, peak := member.ask("?")
			fmt.Printf("backlog: %d events of 512 KiB %-20s heap %3d MiB while blocked, %3d MiB at most\n", crowd*each, name, blocked>>20, peak>>20)
			if bound := kafka.HeldOf(crowd); blocked > bound || peak > bound {
				t.Errorf("got a heap of %d MiB while blocked and %d MiB later, want at most %d MiB", blocked>>20, peak>>20, bound>>20)
			}
		})
	}
}

// shrinking fills the data with what results look like: a fifth of it is left.
func shrinking(data []byte) {
	var text []byte
	for due := 1_763_800_000_000; len(text) < len(data); due += 1000 {
		text = fmt.Appendf(text, `{"endpoint":"shop/checkout-%d","location":"local","due":%d,"start":%d,"outcome":"passed","micros":%d,"status":200,"phases":{"first_byte":%d}},`,
			mathrand.IntN(1000), due, due+mathrand.IntN(9), 1000+mathrand.IntN(9000), mathrand.IntN(9000))
	}
	copy(data, text)
}
