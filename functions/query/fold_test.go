package query_test

import (
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

// monitorFold sums results of one endpoint up, as store does.
func monitorFold(rows []monitor.Result) storage.Fold {
	step := storage.Fold{Shard: monitor.ShardOf(rows[0].Endpoint, shards), Latest: rows[len(rows)-1:]}
	for _, r := range rows {
		key := monitor.WindowOf(&r)
		last := len(step.Windows) - 1
		if last < 0 || step.Windows[last].Start != key.Start {
			step.Windows = append(step.Windows, monitor.Window{Endpoint: key.Endpoint, Location: key.Location, Start: key.Start})
			last++
		}
		step.Windows[last].Rows = append(step.Windows[last].Rows, r)
	}
	return step
}
