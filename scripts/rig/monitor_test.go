package rig_test

import (
	"net"
	"slices"
	"testing"

	"github.com/api-endpoint-monitor/monitor/scripts/rig"
)

// TestFreeAddrs asks for so many addresses that chance alone would give some of
// them twice. All are of the ports that nobody else gives away.
func TestFreeAddrs(t *testing.T) {
	t.Parallel()
	const count = 200
	addrs, err := rig.FreeAddrs(count)
	if err != nil {
		t.Fatal(err)
	}
	for _, addr := range addrs {
		if _, port, _ := net.SplitHostPort(addr); port < "10000" || port > "19999" {
			t.Errorf("got %s, want none that others give away", addr)
		}
	}
	slices.Sort(addrs)
	if got := len(slices.Compact(addrs)); got != count {
		t.Errorf("got %d different addresses, want %d", got, count)
	}
}
