package main

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// Machine is where a run took place.
type Machine struct {
	CPU    string `json:"cpu"` // model
	Cores  int    `json:"cores"`
	Kernel string `json:"kernel"`
	Go     string `json:"go"`
}

const unknown = "unknown"

func thisMachine() Machine {
	m := Machine{CPU: unknown, Cores: runtime.NumCPU(), Kernel: unknown, Go: runtime.Version()}
	if kernel, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.Kernel = strings.TrimSpace(string(kernel))
	}
	if cpus, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		_, rest, _ := strings.Cut(string(cpus), "model name")
		model, _, _ := strings.Cut(rest, "\n")
		if model = strings.Trim(model, "\t :"); model != "" {
			m.CPU = model
		}
	}
	return m
}

// commit returns which commit the working tree is at, and whether it differs.
func commit(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty", "--exclude=*").Output()
	if err != nil {
		return unknown
	}
	return strings.TrimSpace(string(out))
}

// method says how the figures are made.
const method = `One machine runs the target, the monitor as a process of its own with everything on, and before and after it the ` +
	`bare loop: one goroutine, one kept connection and one buffer an endpoint, nothing else. CPU is the process's own, user and ` +
	`system, over the requests that reached the target; the median of the windows is told. A check is on time when its request ` +
	`arrives less than 50 ms after it was due, by the target's clock. Memory is resident. Disk is taken once all results are ` +
	`folded: the monitor is started again without endpoints until it has folded every shard and, of full windows, has ` +
	`let go of the tail, and its database is closed. An ` +
	`outage is timed from its beginning, at moments spread evenly between two checks, to the webhook; what fails is a process of its own. ` +
	`On Kafka, sarama alone and our host are processes of their own that take turns on one real broker: 64 events in flight, the ` +
	`same records, sent with the same settings, three consumer groups, which sarama alone lets fetch eight times as much at once; CPU is theirs, not the broker's, over the results of a round. ` +
	`For Couchbase a stand-in for one node is a process of its own, which keeps everything in memory and answers at once: what is told is what its ` +
	`clients cost, processes of their own that take turns, and what it is asked. One document a result is written by the client library alone, ` +
	`without spans, figures, compression and durability, from bodies that are ready, and read without decoding it; ours are the functions' own ways, ` +
	`with a majority for the tail.`
