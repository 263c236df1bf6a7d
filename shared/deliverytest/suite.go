// Package deliverytest states what every host of functions promises, once, as
// a suite that each host runs.
package deliverytest

import (
	"context"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

// Setup is what a test wants hosted.
type Setup struct {
	Topology   topology.Topology
	Functions  map[string]events.Handler
	DeadLetter func(ctx context.Context, e events.Event) error
	Queue      int // events queued per Trigger at most
	TailEvents int // events that the tail can go back
}

// Host is a running host.
type Host struct {
	Emit events.Emit
	Tail events.Tail
	Stop func() error // stops and waits until all in hand is finished
}

// Start starts a host of its own for each test and stops it at the test's end,
// if it was not stopped before.
type Start func(t testing.TB, setup Setup) Host

// Run runs what every host promises.
func Run(t *testing.T, start Start) {
	t.Helper()
	each := tests(t, start)
	each("emit/returns once an unordered Trigger has queued", testEmitQueues)
	each("emit/brings what handlers emit in turn to the next ones", testEmitOn)
	each("emit/is fine with an event that nobody wants", testEmitNobody)
	each("order/all Triggers see a key in one order, one at a time", testOrder)
	each("order/keys go side by side", testKeysParallel)
	each("order/unordered Triggers have 50 in flight at most", testInFlight)
	each("order/a key goes on behind a dead letter", testPoison)
	each("retry/an event that failed comes again with the same ID after the backoff", testRetry)
	each("retry/a conflict is tried again", testConflict)
	each("retry/a try that takes too long is given up", testTimeout)
	each("dead letters/the last failed try makes one, with its attributes", testDeadLetter)
	each("dead letters/an invalid event becomes one at once", testInvalid)
	each("dead letters/not found is not tried again", testNotFound)
	each("dead letters/an error's cause stays inside", testSecretCause)
	each("panic/is contained and counts as a failed try", testPanic)
	each("stop/what ordered Triggers have in hand is finished", testDrain)
}

// RunWaiting runs what those hosts promise beside whose Emit answers for the
// functions themselves, as there is no log between them that would keep an event.
func RunWaiting(t *testing.T, start Start) {
	t.Helper()
	each := tests(t, start)
	each("emit/returns once an ordered Trigger has acknowledged", testEmitWaits)
	each("emit/waits for what handlers emit in turn", testEmitChain)
	each("emit/fails when neither handler nor dead letters take the event", testEmitLost)
	each("emit/fails when its context ends first", testEmitContext)
	each("back-pressure/emit waits while a queue is full", testBackPressure)
	each("back-pressure/a tick that waits stands for those behind it", testTicks)
	each("back-pressure/what its emitter has given up does not wait", testTakenBack)
}

// RunTail runs what hosts promise that offer a tail.
func RunTail(t *testing.T, start Start) {
	t.Helper()
	each := tests(t, start)
	each("tail/shows what comes, in order", testTailNew)
	each("tail/without a position begins with what comes", testTailEmpty)
	each("tail/resumes behind a position", testTailResume)
	each("tail/says when events are missing", testTailResync)
}

func tests(t *testing.T, start Start) func(promise string, test func(t *testing.T, s *stage)) {
	t.Helper()
	return func(promise string, test func(t *testing.T, s *stage)) {
		t.Helper()
		t.Run(promise, func(t *testing.T) {
			t.Parallel()
			test(t, newStage(t, start))
		})
	}
}

// The types and functions of the suite.
const (
	typeOrdered = "monitor.test.ordered.v1"
	typeNext    = "monitor.test.next.v1"
	typeLoose   = "monitor.test.loose.v1"
)

// delivery is what the suite's Triggers ask for, unless a test says else.
func delivery() topology.Delivery {
	return topology.Delivery{
		Retry: 2, Delay: 5 * time.Millisecond, Timeout: time.Minute,
		DeadLetter: topology.Ref{Kind: topology.KafkaSink, Name: "dead-letters"},
	}
}

func wiring(delivery topology.Delivery) topology.Topology {
	trigger := func(function string, ordered bool, kinds ...string) topology.Trigger {
		return topology.Trigger{
			Name: function, Subscriber: topology.Ref{Kind: topology.Service, Name: function},
			Filter: topology.ByType(kinds...), Ordered: ordered, Delivery: delivery,
		}
	}
	return topology.Topology{Broker: "test", Triggers: []topology.Trigger{
		trigger("loose", false, typeLoose),
		trigger("first", true, typeOrdered, events.TypeProbeResults, events.TypeShardTick),
		trigger("second", true, typeOrdered, events.TypeShardTick),
		trigger("next", true, typeNext),
	}}
}
