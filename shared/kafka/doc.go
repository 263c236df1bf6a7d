// Package kafka hosts functions on Apache Kafka: a consumer group for each
// Trigger, and a producer for what functions emit. It uses the CloudEvents SDK's
// codec for Kafka, and neither its receiver, which loses events, nor its sender.
//
// All events travel in one topic, as the manifests say: so the events of a shard
// keep one order over all their types, and a function finds the same events
// whether it runs by this package or behind a Knative broker on the same topic.
// What a Trigger does not want costs it a look at the record's headers.
//
// What it promises:
//
//   - Emit returns nil once the broker has the events on all replicas in sync,
//     in order for each key. Where it returns an error, they may have arrived.
//   - An event is acknowledged once its handler has returned nil, or once it is
//     a dead letter. A handler that has not, for whatever reason, sees it again:
//     after a crash some events come twice, and none is lost.
//   - Ordered Triggers have one event of a partition in hand at a time, and
//     partitions go side by side. Unordered ones have 50 in hand at most, and
//     the group's offset stands before the first that is not finished.
//   - What fails is tried again as the Trigger's delivery says; what is invalid,
//     and what no try could deliver, becomes a dead letter with Knative's
//     attributes and with its origin. Until that is kept, the event is not
//     acknowledged. A panic is an internal error.
//   - What a function of Options.Hold is unavailable for waits on its ordered
//     Triggers: it is tried again, every few seconds at least, until the function
//     takes it or finds another fault with it, or its partition goes. A store that
//     is away costs such a function lag, and no event.
//   - A record that is no CloudEvent matches no Trigger. The first Trigger of
//     the wiring keeps it as a dead letter, byte for byte.
//   - A dead letter goes back to where it came from once, unless somebody asks for
//     more, whoever asks and however many there are; see Letters.
//   - While brokers are away, consumers and producers try again, and go on where
//     they were.
//   - The host of a function that takes ticks wakes it by itself, at the start and at
//     each time of the schedule. Ticks that others put into the topic come as well.
//   - A tail shows what comes to whoever follows it, without a group. Its
//     positions lead any process to the same place; where they do not, it says
//     that events are missing.
//   - A process whose name is set (MONITOR_KAFKA_INSTANCE) keeps its partitions
//     over a restart that takes less than 30 s: nobody else is disturbed. The
//     price is that nobody works on them meanwhile, nor for as long after it has
//     gone for good. Without a name it leaves, and others take over at once, or 10 s
//     after it was killed.
//   - At the end, what ordered Triggers have in hand is finished within a bound,
//     work on unordered ones is asked to stop by its context, and offsets are
//     committed.
package kafka
