package main

// kafkaClusterFaults are about producers and topics on a cluster.
func kafkaClusterFaults() []fault {
	return []fault{
		{
			Name: "kafka goes on with a producer that the broker refuses",
			File: "shared/kafka/link.go", Old: "if wearsOut(failed.Err) {", New: "if wearsOut(nil) {",
			Package: "./shared/kafka", Run: "TestFenced",
		},
		{
			Name: "kafka lets a new producer overtake the one before",
			File: "shared/kafka/sender.go", Old: "case <-worn.drained:", New: "default:",
			Package: "./shared/kafka", Run: "TestReplaced",
		},
		{
			Name: "kafka topics change what they must not",
			File: "shared/kafka/admin.go", Old: "if report.Replicas < t.InSync {", New: "if report.Replicas < 0 {",
			Package: "./shared/kafka", Run: "TestTopics",
		},
	}
}
