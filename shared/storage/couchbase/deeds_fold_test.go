package couchbase_test

import (
	"context"
	"fmt"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase"
)

// foldShard is the shard of the deeds of store.
const foldShard = 2

// foldDeeds are those of store: a row of the tail, and its fold.
func foldDeeds() map[string]deed {
	return map[string]deed{
		"a row of the tail": {nil, appendRow, appendedRow},
		"a fold":            {appendRow, foldRow, foldedRow},
	}
}

// result is what the row of the tail stands for.
func result() monitor.Result {
	return monitor.Result{
		Endpoint: "shop/cart", Location: "local", Due: start, Start: start + 1, Kind: monitor.Scheduled,
		Outcome: monitor.Passed, Micros: 1500, Status: 200,
	}
}

func appendRow(ctx context.Context, s *couchbase.Store) error {
	rows, err := s.TailRows(ctx, foldShard, 0, 10)
	if err != nil || len(rows) > 0 {
		return err
	}
	return s.AppendTail(ctx, foldShard, start, []byte("a result"))
}

func appendedRow(ctx context.Context, s *couchbase.Store) error { return wantTail(ctx, s, 0, 1) }

// wantTail wants so many rows to be folded, and so many behind them.
func wantTail(ctx context.Context, s *couchbase.Store, folded int64, left int) error {
	got, err := s.Folded(ctx, foldShard)
	if err != nil {
		return err
	}
	rows, err := s.TailRows(ctx, foldShard, got, 10)
	if err == nil && (got != folded || len(rows) != left) {
		err = fmt.Errorf("got %d rows folded and %d behind them, want %d and %d", got, len(rows), folded, left)
	}
	return err
}

// foldRow folds as store does: what is in the window already it leaves there, and
// the rollup follows from the window.
func foldRow(ctx context.Context, s *couchbase.Store) error {
	one := result()
	folded, err := s.Folded(ctx, foldShard)
	if err != nil || folded > 0 {
		return err
	}
	rows, err := s.TailRows(ctx, foldShard, folded, 10)
	if err != nil {
		return err
	}
	if len(rows) != 1 {
		return fmt.Errorf("got %d rows to fold, want 1", len(rows))
	}
	windows, packs, err := readFold(ctx, s)
	if err != nil {
		return err
	}
	if len(windows[0].Rows) == 0 {
		windows[0].Rows = []monitor.Result{one}
	}
	packs[0].Cells = []monitor.Cell{{Start: packs[0].Start, Passed: len(windows[0].Rows)}}
	last := rows[0].Seq
	return s.CommitFold(ctx, storage.Fold{
		Shard: foldShard, Windows: windows, Packs: packs, Latest: []monitor.Result{one}, Folded: last, Drop: last,
	})
}

func readFold(ctx context.Context, s *couchbase.Store) ([]monitor.Window, []monitor.Pack, error) {
	one := result()
	windows, err := s.Windows(ctx, []monitor.WindowKey{monitor.WindowOf(&one)})
	if err != nil {
		return nil, nil, err
	}
	packs, err := s.Packs(ctx, []monitor.PackKey{{
		Tier: monitor.Hours, Endpoint: one.Endpoint, Location: one.Location, Start: monitor.Hours.PackStart(one.Due),
	}})
	return windows, packs, err
}

func foldedRow(ctx context.Context, s *couchbase.Store) error {
	if err := wantTail(ctx, s, 1, 0); err != nil {
		return err
	}
	windows, packs, err := readFold(ctx, s)
	if err != nil {
		return err
	}
	if len(windows[0].Rows) != 1 || len(packs[0].Cells) != 1 || packs[0].Cells[0].Passed != 1 {
		return fmt.Errorf("got %d results and cells %+v, want one result that is counted once", len(windows[0].Rows), packs[0].Cells)
	}
	latest, err := s.Latest(ctx, foldShard)
	if err == nil && len(latest) != 1 {
		err = fmt.Errorf("got %d latest results, want 1", len(latest))
	}
	return err
}
