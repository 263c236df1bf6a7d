package events

import (
	"strconv"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// The event types.
const (
	TypePing            = "dev.knative.sources.ping" // PingSource -> schedule
	TypeProbeDue        = "monitor.probe.due.v1"
	TypeProbeResults    = "monitor.probe.results.v1"
	TypeShardTick       = "monitor.shard.tick.v1"
	TypeIncidentChanged = "monitor.incident.changed.v1"
	TypeRowRejected     = "monitor.row.rejected.v1"
)

// The extension attributes.
const (
	ExtensionKey      = "partitionkey" // https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/partitioning.md
	ExtensionLocation = "location"     // of probe.due
)

// MaxDataBytes is the largest data of one event; larger lists are split.
const MaxDataBytes = 512 << 10

// MaxRows is the most results that one event carries.
const MaxRows = 1000

// Ping is the data of a tick. What a PingSource sends in it does not matter.
type Ping struct{}

// ProbeDue asks for the checks of one batch in one slot at one location.
type ProbeDue struct {
	Slot      monitor.Instant `json:"slot"`  // start of the slot
	Until     monitor.Instant `json:"until"` // its end
	Location  string          `json:"location"`
	Batch     int             `json:"batch"`
	Part      int             `json:"part"`
	Kind      monitor.Kind    `json:"kind"`
	Endpoints []DueEndpoint   `json:"endpoints"`
}

// DueEndpoint is an endpoint with its due times in the slot. Where there are
// none, it is to be watched: the run then begins with the next one. Endpoint.Interval
// and Endpoint.Timeout are the effective ones. The definition is shared between
// slots and never written to; nil, where an event came without one.
type DueEndpoint struct {
	Endpoint *monitor.Endpoint `json:"endpoint"`
	Shard    int               `json:"shard"`
	Due      monitor.Due       `json:"due"`
	Slowed   *Slowed           `json:"slowed,omitempty"` // why the interval is not the defined one; nil: it is
}

// Slowed says that an endpoint is checked less often than it is defined to be,
// since it has been down for long.
type Slowed struct {
	Interval monitor.Duration `json:"interval"` // as defined
	Since    monitor.Instant  `json:"since"`    // when it went down
}

// Defined returns the due times that the endpoint has by its definition: all of
// Due are among them, and others in between where it is checked less often.
func (d *DueEndpoint) Defined() monitor.Due {
	due := d.Due
	if d.Slowed != nil {
		due.Every, due.Count = d.Slowed.Interval, 0
	}
	return due
}

// ProbeResults carries results of one shard and location, up to MaxRows.
// On the wire the location stands once, not in each row; decoded rows carry it.
type ProbeResults struct {
	Shard    int              `json:"shard"`
	Location string           `json:"location"`
	Rows     []monitor.Result `json:"rows"`

	// Rejected are the rows that cannot be results, taken out of Rows when the
	// event was decoded. store reports them; all others pass them over.
	Rejected []RowRejected `json:"-"`
}

// ShardTick wakes store, alert and notify for one shard.
type ShardTick struct {
	Shard  int             `json:"shard"`
	Minute monitor.Instant `json:"minute"` // when it was emitted, cut to the minute (to the slot where slots are longer)
}

// IncidentChanged is one step in an incident's life.
type IncidentChanged = monitor.IncidentChange

// RowRejected is a row of results that cannot be one: it goes alone, and its
// batch goes on.
type RowRejected struct {
	Shard    int    `json:"shard"`
	Location string `json:"location"`
	Reason   string `json:"reason"`
	Row      []byte `json:"row"` // JSON as it came, 4 KiB at most; base64 on the wire
}

// SlotID returns the ID of a probe.due event: slot-batch-location-part.
func (d *ProbeDue) SlotID() string {
	return strconv.FormatInt(int64(d.Slot), 10) + "-" + strconv.Itoa(d.Batch) + "-" + d.Location + "-" + strconv.Itoa(d.Part)
}
