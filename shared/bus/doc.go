// Package bus is the broker in memory: it delivers events to functions by the
// Triggers of a topology, with the meaning that Knative's Kafka broker gives
// them. Functions are called directly, without copies of data, or over HTTP.
//
// What it promises:
//
//   - An event is acknowledged when its handler returns nil, and not before.
//   - Emit returns nil once every ordered Trigger has acknowledged the event and
//     every unordered one has queued it. What nobody could handle counts as
//     acknowledged once it is a dead letter.
//   - On ordered Triggers one event per partition key is in flight, keys go side
//     by side, and all Triggers see the events of a key in the same order.
//   - What fails is tried again as the Trigger's delivery says; what is invalid,
//     and what no try could deliver, becomes a dead letter with Knative's
//     attributes. A panic is an internal error.
//   - What a function of Options.Return is unavailable for goes back instead:
//     Emit returns Unavailable once all tries are made, and the event stays with
//     whoever emitted it.
//   - While a function is unavailable the log says so once, and then ever more
//     seldom, not for each event; each dead letter is told.
//   - Queues are bounded; while one is full, Emit waits. A shard's tick that
//     waits stands for those that come behind it, and an event whose emitters
//     have all given up is taken back unless it is in flight: a function that is
//     away fills no queue, and holds up none of the others.
//   - At the end, what ordered Triggers have queued is finished within a bound;
//     long-lasting work on unordered ones is asked to stop by its context.
//
// There is no durable log: what is queued when the process dies is gone. Claims,
// the tail and the outbox in storage bring it back.
package bus
