// Package monitor holds the words and the decisions of the API Endpoint
// Monitor: plain values and pure functions, with time as an argument.
//
// The words, in the order in which the data meets them:
//
//   - endpoint: an address that is watched, and how.
//   - interval: the time between two checks of an endpoint.
//   - expectation: what counts as a good answer.
//   - tick: the cron event that wakes schedule.
//   - slot: the span of time that one round of probe.due events covers.
//   - shard: a fixed share of the endpoints, by the hash of the endpoint's ID.
//   - batch: a range of shards that one probe.due event carries.
//   - check: one planned look at one endpoint from one location.
//   - result: what one check saw; it never changes.
//   - outcome: passed, degraded, failed or unknown (the observer's own fault).
//   - tail: results as they arrived, not folded yet.
//   - fold: tail into windows and rollups.
//   - rollup: results summed over a minute, an hour, a day.
//   - state: what is believed of an endpoint now: its health, since when, why.
//   - transition: a change of health, with its reason and its evidence.
//   - incident: from the transition to down until the one to up.
//   - notice: one thing to be told to one channel; it has a receipt.
//
// The package imports the standard library only.
package monitor
