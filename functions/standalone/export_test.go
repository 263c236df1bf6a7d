package standalone

import (
	"context"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/config"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
	"github.com/api-endpoint-monitor/monitor/shared/storage/drivers"
)

// Figures are figures whose fields tests can set.
type Figures struct {
	Slots, Planned, Missed, Made, Late, Skipped, Stored, Seen, Dead, Untold, Lag, Stuck float64
	Where                                                                               string
}

// Problems says what is wrong with the monitor, which other processes may share.
func Problems(slot time.Duration, shared bool, ends []Figures, waiting time.Duration) []string {
	h := health{slot: slot, shared: shared, waiting: waiting}
	for _, f := range ends {
		h.figures = append(h.figures, figures{
			f.Slots, f.Planned, f.Missed, f.Made, f.Late, f.Skipped, f.Stored, f.Seen, f.Dead, f.Untold, f.Lag, f.Stuck, f.Where,
		})
	}
	return h.problems()
}

// Definitions reads what the settings' file says, and adds the monitor itself.
func Definitions(s Settings) (config.Definition, error) { return s.load(nil) }

// OneCatalog returns the catalog of a store as the functions share it.
func OneCatalog(store drivers.Store) storage.Catalog { return newOneCatalog(store) }

// Held are the functions whose events wait while they are unavailable.
func Held() []string { return held() }

// WatchSelf has one process judge itself until ctx ends, and hands on what it says.
func WatchSelf(ctx context.Context, parts Parts, emit events.Emit) {
	newSelfWatch(&App{Parts: parts, broker: saying{emit: emit}}).run(ctx)
}

// saying is a broker that takes events, and does nothing else.
type saying struct {
	broker
	emit events.Emit
}

// Emit hands the events on.
func (s saying) Emit(ctx context.Context, out ...events.Event) error { return s.emit(ctx, out...) }

// Others is a catalog without the monitor itself.
func Others(catalog storage.Catalog) storage.Catalog { return others{catalog: catalog} }
