package standalone

import "github.com/prometheus/client_golang/prometheus"

// figures are the monitor's own metrics at one moment, as far as its health is
// judged by them. The first ten only ever rise.
type figures struct {
	slots   float64 // planned
	planned float64 // checks
	missed  float64 // checks whose slot was planned too late
	made    float64 // checks
	late    float64 // checks that started more than lateAfter after they were due
	skipped float64 // checks that probe could not start in time
	stored  float64 // results
	seen    float64 // results that reached the dashboard
	dead    float64 // events that no try could deliver, or that were lost
	untold  float64 // changes of incidents that were given up

	lag   float64 // seconds that the oldest result waits to be folded
	stuck float64 // seconds that the oldest event waits to be acknowledged
	where string  // the Trigger that it waits at
}

// lateAfter is in seconds: a bound of the lateness metric's buckets.
const lateAfter = 1

// readFigures reads the figures from the metrics of the process.
func readFigures(metrics prometheus.Gatherer) (figures, error) {
	var f figures
	counters := map[string]*float64{
		"monitor_schedule_slots_total":          &f.slots,
		"monitor_schedule_checks_total":         &f.planned,
		"monitor_schedule_skipped_checks_total": &f.missed,
		"monitor_probe_skipped_total":           &f.skipped,
		"monitor_store_rows_total":              &f.stored,
		"monitor_query_results_total":           &f.seen,
		"monitor_alert_given_up_changes_total":  &f.untold,
	}
	families, err := metrics.Gather()
	if err != nil {
		return f, err
	}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			if counter := counters[family.GetName()]; counter != nil {
				*counter += metric.GetCounter().GetValue()
				continue
			}
			labels := map[string]string{}
			for _, label := range metric.GetLabel() {
				labels[label.GetName()] = label.GetValue()
			}
			switch family.GetName() {
			case "monitor_probe_lateness_seconds":
				f.made = float64(metric.GetHistogram().GetSampleCount())
				f.late = f.made
				for _, bucket := range metric.GetHistogram().GetBucket() {
					if bucket.GetUpperBound() == lateAfter {
						f.late -= float64(bucket.GetCumulativeCount())
					}
				}
			case "monitor_bus_events_total", "monitor_kafka_events_total":
				if labels["result"] == "dead_letter" || labels["result"] == "lost" {
					f.dead += metric.GetCounter().GetValue()
				}
			case "monitor_store_fold_lag_seconds":
				f.lag = metric.GetGauge().GetValue()
			case "monitor_bus_oldest_unacknowledged_seconds", "monitor_kafka_oldest_unacknowledged_seconds", "monitor_kafka_lag_seconds":
				if age := metric.GetGauge().GetValue(); age > f.stuck {
					f.stuck, f.where = age, labels["trigger"]
				}
			}
		}
	}
	return f, nil
}

// since returns by how much the figures that rise have risen.
func (f figures) since(before figures) figures {
	f.slots -= before.slots
	f.planned -= before.planned
	f.missed -= before.missed
	f.made -= before.made
	f.late -= before.late
	f.skipped -= before.skipped
	f.stored -= before.stored
	f.seen -= before.seen
	f.dead -= before.dead
	f.untold -= before.untold
	return f
}
