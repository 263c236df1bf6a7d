package rig_test

import (
	"slices"
	"testing"

	"github.com/api-endpoint-monitor/monitor/scripts/rig"
)

// TestFreeAddrs asks for so many addresses that chance alone would give some of
// them twice.
func TestFreeAddrs(t *testing.T) {
	t.Parallel()
	const count = 500
	addrs, err := rig.FreeAddrs(count)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(addrs)
	if got := len(slices.Compact(addrs)); got != count {
		t.Errorf("got %d different addresses, want %d", got, count)
	}
}
