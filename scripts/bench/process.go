package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// cpuTime returns the time that the process has spent on processors, in all
// its threads, user and system.
func cpuTime(pid int) (time.Duration, error) {
	var spent unix.Timespec
	clock := int32(^pid<<3 | 2) //nolint:gosec // CPUCLOCK_SCHED of a process, as clock_getcpuclockid(3) makes it
	if err := unix.ClockGettime(clock, &spent); err != nil {
		return 0, fmt.Errorf("read the CPU clock of process %d: %w", pid, err)
	}
	return time.Duration(spent.Nano()), nil
}

// resident returns the memory of the process that is in RAM, in bytes.
func resident(pid int) (int64, error) {
	status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if value, found := strings.CutPrefix(line, "VmRSS:"); found {
			kilobytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
			return kilobytes << 10, err
		}
	}
	return 0, fmt.Errorf("process %d tells no VmRSS", pid)
}
