package storage

import (
	"context"
	"iter"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Store is everything that one driver offers.
type Store interface {
	Tail
	Folds
	History
	States
	Incidents
	Notices
	Claims
	Catalog
	CatalogWriter
	// Ready returns nil if the store answers now and took what this process last
	// asked it to keep, else why not. Unavailable: it does not answer, or there is
	// no room for more, or no right to write.
	Ready(ctx context.Context) error
	// Close releases what the store holds; calls after it are Unavailable.
	Close() error
}

// TailRow is one probe.results event as it arrived.
type TailRow struct {
	Seq     int64           // rises with every append to a shard
	Arrived monitor.Instant // by the clock of store
	Data    []byte          // the event's JSON data
}

// Tail keeps results as they arrive until they are folded. Written by store.
type Tail interface {
	// AppendTail adds one event's data to the end of the shard's tail.
	AppendTail(ctx context.Context, shard int, arrived monitor.Instant, data []byte) error
	// TailRows returns the rows of the shard with Seq > after, oldest first,
	// limit at most.
	TailRows(ctx context.Context, shard int, after int64, limit int) ([]TailRow, error)
	// TailMark returns the Seq up to which all rows of the shard arrived before
	// the instant; 0 where there are none. It reads no data that this process has
	// seen before.
	TailMark(ctx context.Context, shard int, before monitor.Instant) (int64, error)
	// Folded returns the Seq up to which the shard's tail has been folded.
	Folded(ctx context.Context, shard int) (int64, error)
}

// Fold is one step of moving a shard's tail into windows and rollups.
type Fold struct {
	Shard   int
	Windows []monitor.Window // whole, by compare-and-swap on their Revision
	Packs   []monitor.Pack   // so too
	Latest  []monitor.Result // last result per endpoint and location, put beside those of others; one that is due no later than the stored one is left out
	Folded  int64            // rows up to this Seq are in the windows now
	Drop    int64            // rows up to this Seq, at most Folded, are not needed any more

	// Parts are more windows and packs, which are asked for once and one part after
	// the other, for all at once take much memory. An error among them ends the fold:
	// the mark and the tail stay as they are. nil: there are no more.
	Parts iter.Seq2[FoldPart, error]
}

// FoldPart is some of the windows and packs of a fold.
type FoldPart struct {
	Windows []monitor.Window
	Packs   []monitor.Pack
}

// Folds turn the tail into windows and rollups. Written by store.
type Folds interface {
	// Windows returns the windows with these keys, in their order; one that is
	// not stored has no rows and revision 0.
	Windows(ctx context.Context, keys []monitor.WindowKey) ([]monitor.Window, error)
	// Packs returns the packs with these keys, in their order; one that is not
	// stored has no cells and revision 0.
	Packs(ctx context.Context, keys []monitor.PackKey) ([]monitor.Pack, error)
	// CommitFold writes the fold. The mark moves only once windows, packs and
	// latest results are kept, and rows leave the tail only after that. Conflict: a
	// window or a pack has changed since it was read. After any error some of the
	// windows, packs and latest results may be kept; made again from what is
	// stored then, the fold gives the same as one that was made once.
	CommitFold(ctx context.Context, fold Fold) error
}

// History is what query reads of results. A read of raw results is the windows
// joined with the tail.
type History interface {
	// Results returns the folded results of the endpoint and location with due
	// times in [from, to), oldest first.
	Results(ctx context.Context, endpoint, location string, from, to monitor.Instant) ([]monitor.Result, error)
	// Cells returns the rollup cells of the series that start in [from, to),
	// oldest first.
	Cells(ctx context.Context, series Series, from, to monitor.Instant) ([]monitor.Cell, error)
	// Latest returns the last folded result of each endpoint and location of
	// the shard, ordered by endpoint, then location.
	Latest(ctx context.Context, shard int) ([]monitor.Result, error)
}

// Series names the rollups of one tier, endpoint and location.
type Series struct {
	Tier     monitor.Tier
	Endpoint string
	Location string
}

// States keep what is believed of a shard's endpoints. Written by alert.
type States interface {
	// ShardState returns the shard's states; with revision 0 where none are stored.
	ShardState(ctx context.Context, shard int) (monitor.ShardState, error)
	// SaveShardState writes all of it by compare-and-swap and returns the new
	// revision: states, outbox and mark come into force together or not at all.
	SaveShardState(ctx context.Context, state monitor.ShardState) (int64, error)
}

// Incidents are kept for good. Written by alert.
type Incidents interface {
	// PutIncident writes the incident unless one with the same ID and the same
	// or a later sequence is stored.
	PutIncident(ctx context.Context, incident monitor.Incident) error
	// Incident returns one incident, or NotFound.
	Incident(ctx context.Context, id string) (monitor.Incident, error)
	// Incidents returns the incidents that the filter lets through, newest
	// start first, then by ID, at most filter.Limit.
	Incidents(ctx context.Context, filter IncidentFilter) ([]monitor.Incident, error)
}

// IncidentFilter selects incidents. Empty fields select all.
type IncidentFilter struct {
	Namespaces []string        // any of them; nil: all; none but not nil: nothing
	Endpoint   string          // key
	Open       bool            // only those that have not ended
	From, To   monitor.Instant // by start, half open; To 0: no end
	After      IncidentCursor  // only what comes behind it
	Limit      int             // at least 1
}

// IncidentCursor is the place of an incident in the list; zero: its beginning.
type IncidentCursor struct {
	Started monitor.Instant
	ID      string
}

// Notices are what is to be told, and the receipts. Written by notify.
type Notices interface {
	// SaveNotices inserts the notices that are not stored yet, and leaves the others
	// as they are. After an error some may be stored: save them all again.
	SaveNotices(ctx context.Context, notices []monitor.Notice) error
	// PendingNotices returns the shard's notices that are pending, by
	// incident, channel and sequence.
	PendingNotices(ctx context.Context, shard int) ([]monitor.Notice, error)
	// UpdateNotice writes a stored notice by compare-and-swap and returns its
	// new revision. NotFound: it is not stored.
	UpdateNotice(ctx context.Context, notice monitor.Notice) (int64, error)
	// NoticesOf returns the notices of an incident by sequence, then channel.
	NoticesOf(ctx context.Context, incident string) ([]monitor.Notice, error)
}

// Claims say who plans which slot. Written by schedule.
type Claims interface {
	// Claim returns the claim of a slot, or NotFound.
	Claim(ctx context.Context, slot monitor.Instant) (monitor.Claim, error)
	// SaveClaim inserts (revision 0) or compares and swaps, and returns the
	// new revision. Conflict: it is there already, or has changed.
	SaveClaim(ctx context.Context, claim monitor.Claim) (int64, error)
	// Claims returns the claims of the slots in [from, to), oldest first.
	Claims(ctx context.Context, from, to monitor.Instant) ([]monitor.Claim, error)
}

// Catalog is what people define, to read.
type Catalog interface {
	// CatalogRevision returns the revision of the catalog; 0 for an empty one.
	CatalogRevision(ctx context.Context) (int64, error)
	// Catalog returns all of it.
	Catalog(ctx context.Context) (monitor.Catalog, error)
}

// CatalogWriter changes what people define. Written by query.
type CatalogWriter interface {
	// ChangeCatalog applies the change and returns the new revision, which
	// every endpoint put by it bears. Conflict: the catalog's revision is not
	// base. Deleting what is not there is no error. An empty change keeps the
	// revision.
	ChangeCatalog(ctx context.Context, base int64, change monitor.CatalogChange) (int64, error)
}
