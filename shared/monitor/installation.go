package monitor

import (
	"errors"
	"time"
)

// The bounds of what an installation is set up with.
const (
	maxShards = 1024
	minSlot   = time.Second
)

// CheckShards returns an Invalid error for a number of shards that cannot be.
// Every function must have the same: it says where an endpoint belongs.
func CheckShards(shards int) error {
	if !powerOfTwo(shards) || shards > maxShards {
		return FieldErrorf("MONITOR_SHARDS", "must be a power of two from 1 to %d, got %d", maxShards, shards)
	}
	return nil
}

// CheckLocation returns an Invalid error for a name that no location can have.
func CheckLocation(name string) error {
	if !ValidID(name) {
		return FieldErrorf("MONITOR_LOCATION", "must be 1 to 100 of a-z, 0-9, dot, underscore, hyphen, got %q", name)
	}
	return nil
}

// Check returns an Invalid error that names everything with which the plan
// cannot be.
func (p Plan) Check() error {
	faults := []error{CheckShards(p.Shards)}
	if p.Slot < minSlot {
		faults = append(faults, FieldErrorf("MONITOR_SLOT", "must be at least %s, got %s", Duration(minSlot), p.Slot))
	}
	if !powerOfTwo(p.Batches) || p.Batches > p.Shards {
		faults = append(faults, FieldErrorf("MONITOR_BATCHES", "must be a power of two up to MONITOR_SHARDS, got %d", p.Batches))
	}
	return errors.Join(faults...)
}

func powerOfTwo(n int) bool { return n > 0 && n&(n-1) == 0 }
