package main

// kafkaOperatorFaults mislead those who look after Kafka, or do what they ask for
// in another way.
func kafkaOperatorFaults() []fault {
	return []fault{
		{
			Name: "kafka shows how far it was while nobody knows how far it is",
			File: "shared/kafka/survey.go", Old: "s.found = nil // as", New: "// as",
			Package: "./shared/kafka", Run: "TestLagUnknown",
		},
		{
			Name: "kafka shows the lag of partitions that others have",
			File: "shared/kafka/membership.go", Old: "delete(m.claims, c.partition)", New: "_ = c",
			Package: "./shared/kafka", Run: "TestLagMoves",
		},
		{
			Name: "kafka does not see that a topic grows behind a handler that is stuck",
			File: "shared/kafka/lag.go", Old: "max(found.ends[c.partition], c.highest())", New: "c.highest()",
			Package: "./shared/kafka", Run: "TestLag$",
		},
		{
			Name: "kafka is ready before its group has let it in",
			File: "shared/kafka/membership.go", Old: "case joined:", New: "case joined || fault == nil:",
			Package: "./shared/kafka", Run: "TestReady",
		},
		{
			Name: "kafka is ready though its brokers are silent",
			File: "shared/kafka/membership.go", Old: "	return c.surveyor.broken()\n", New: "	return nil\n",
			Package: "./shared/kafka", Run: "TestReadySilent",
		},
		{
			Name: "kafka puts a dead letter back for each who asks at a time",
			File: "shared/kafka/replay.go", Old: "known.first != l.run && !again", New: "known.first != l.run && again",
			Package: "./shared/kafka", Run: "TestLettersRace",
		},
		{
			Name: "kafka puts dead letters back in the order in which they are named",
			File: "scripts/kafka/letters/replay.go", Old: "	kafka.SortByOrigin(letters)\n", New: "	slices.Reverse(letters)\n",
			Package: "./scripts/kafka/letters", Run: "TestReplayPositions",
		},
	}
}
