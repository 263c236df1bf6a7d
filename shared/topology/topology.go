// Package topology reads the wiring of the functions from Knative manifests:
// one Broker, its Triggers, PingSources and KafkaSinks. It knows those kinds
// and the fields that mean something to every host, and refuses all else, so
// that no host can silently do other than a cluster would.
//
// A wiring that cannot work is an error too: see Load.
package topology

import (
	"time"

	"github.com/robfig/cron/v3"

	"github.com/api-endpoint-monitor/monitor/shared/events"
)

// Topology is the wiring.
type Topology struct {
	Broker   string
	Topic    string            // that the Broker uses; "" where it makes one for itself
	Sinks    map[string]string // the topic of each KafkaSink, by the sink's name
	Triggers []Trigger         // upstream first: whoever emits stands before whoever takes
	Ticks    []Tick
}

// Kind is the kind of object that a reference names.
type Kind string

// The kinds that events are delivered to.
const (
	Service   Kind = "Service"   // a function
	KafkaSink Kind = "KafkaSink" // a topic: where dead letters go
)

// Ref names where events go.
type Ref struct {
	Kind Kind
	Name string
}

// Trigger hands the events that its filter lets through to one subscriber.
type Trigger struct {
	Name       string
	Subscriber Ref
	Filter     Filter
	Ordered    bool // one event in flight per partition key
	Delivery   Delivery

	place place
}

// Matches tells whether the Trigger gets the event.
func (t *Trigger) Matches(e events.Event) bool { return t.Filter.Matches(e) }

// Delivery says how often and how patiently an event is delivered.
type Delivery struct {
	Retry      int           // tries after the first
	Linear     bool          // backoff grows by Delay, else it doubles
	Delay      time.Duration // of the backoff
	Timeout    time.Duration // of one try
	DeadLetter Ref           // takes what no try could deliver
}

// Wait returns the time between the nth failed try and the next one, n from 1:
// Delay × n, or Delay × 2ⁿ, as the Kafka broker counts.
func (d Delivery) Wait(n int) time.Duration {
	if d.Linear {
		return d.Delay * time.Duration(n)
	}
	return d.Delay << min(n, maxDoublings)
}

// maxDoublings bounds the exponential wait so that it cannot overflow.
const maxDoublings = 20

// Tick is a PingSource: an event at each time of its schedule.
type Tick struct {
	Name        string
	Source      string // the attribute of its events
	Schedule    cron.Schedule
	ContentType string
	Data        []byte

	place place
}
