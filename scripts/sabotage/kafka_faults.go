package main

// kafkaFaults lose, hurry or tell something between Kafka and the functions.
func kafkaFaults() []fault {
	return []fault{
		{
			Name: "kafka acknowledges what its function refused",
			File: "shared/kafka/delivery.go", Old: "if failed == nil {", New: "if failed == nil || failed != nil {",
			Package: "./shared/kafka", Run: "TestKafka/retry",
		},
		{
			Name: "kafka commits past an event that is in hand",
			File: "shared/kafka/window.go", Old: "if len(w.left) > 0 {", New: "if len(w.left) < 0 {",
			Package: "./shared/kafka", Run: "TestWindow|TestUnorderedCommits",
		},
		{
			Name: "kafka hands out two events of a partition at a time",
			File: "shared/kafka/claim.go", Old: "c.room = make(chan struct{}, 1)", New: "c.room = make(chan struct{}, 2)",
			Package: "./shared/kafka", Run: "TestKafka/order",
		},
		{
			Name: "kafka does not wait for the broker's acknowledgement",
			File: "shared/kafka/sender.go", Old: "for range sent {", New: "for range sent - sent {",
			Package: "./shared/kafka", Run: "TestSender",
		},
		{
			Name: "kafka acknowledges what it could not keep as a dead letter",
			File: "shared/kafka/deadletter.go", Old: "return d.unfinished()", New: "return true",
			Package: "./shared/kafka", Run: "TestLetterNotKept",
		},
		{
			Name: "kafka keeps a record that is no event once for each Trigger",
			File: "shared/kafka/claim.go", Old: "wanted := c.trigger.keeper", New: "wanted := true",
			Package: "./shared/kafka", Run: "TestPoison",
		},
		{
			Name: "kafka has a partition whose handler is slow hold up the others",
			File: "shared/kafka/shelf.go", Old: "for s.first == nil && len(s.records) > 0 {", New: "s.full = len(s.records) > 0\n\tfor s.first == nil && len(s.records) > 0 {",
			Package: "./shared/kafka", Run: "TestSideBySide",
		},
		{
			Name: "kafka wakes nobody when it is time",
			File: "shared/kafka/tick.go", Old: "if t.handler != nil && t.Matches", New: "if t.handler == nil && t.Matches",
			Package: "./shared/kafka", Run: "TestTick",
		},
		{
			Name: "a process on Kafka closes its sender before its background work has ended",
			File: "shared/host/host.go", Old: "errors.Join(front.Wait(), end())", New: "errors.Join(front.Wait(), e.disconnect(), end())",
			Package: "./shared/host", Run: "TestKafkaFunction",
		},
	}
}

// kafkaTellingFaults show followers and other programs something else than what
// is there.
func kafkaTellingFaults() []fault {
	return []fault{
		{
			Name: "a tail goes on in a topic that was made anew",
			File: "shared/kafka/tail_bookmark.go", Old: "return p.topic == now.topic && ", New: "return ",
			Package: "./shared/kafka", Run: "TestTailMadeAnew",
		},
		{
			Name: "a tail hangs at its end where the broker does",
			File: "shared/kafka/client.go", Old: "context.AfterFunc(d.ctx, func() { _ = conn.Close() })", New: "func() bool { return false }",
			Package: "./shared/kafka", Run: "TestTailEnds",
		},
		{
			Name: "two members of one name take the partitions from each other",
			File: "shared/kafka/instance.go", Old: "if err == nil && !taken || ctx.Err() != nil {", New: "if err == nil || ctx.Err() != nil {",
			Package: "./shared/kafka", Run: "TestSameName",
		},
		{
			Name: "query takes another process's positions for its own",
			File: "functions/query/hub.go", Old: "return rand.Text()[:12]", New: "return rand.Text()[:0] + \"x\"",
			Package: "./functions/query", Run: "TestLiveElsewhere",
		},
		{
			Name: "kafka shows its password",
			File: "shared/monitor/secret.go", Old: `return "[redacted]"`, New: `return string(s)`,
			Package: "./shared/kafka", Run: "TestSecret",
		},
		{
			Name: "kafka does not say where the record of a dead letter lay",
			File: "shared/kafka/deadletter.go", Old: "{ExtensionOffset, strconv.FormatInt(d.record.Offset, 10)},", New: "",
			Package: "./shared/kafka", Run: "TestContract",
		},
		{
			Name: "results have a field that the contract does not name",
			File: "shared/events/results.go", Old: "`,\"us\":`", New: "`,\"micros\":`",
			Package: "./shared/contract", Run: "TestConstraints",
		},
	}
}
