package couchbase

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/link"
)

// A lease is a document that the cluster forgets unless it is written again: who
// dies without a word loses it by the cluster's clock, and no two clocks are
// compared.
const (
	leaseKey      = "use"
	leaseLasts    = 30 * time.Second
	leaseRenewals = 3  // in the time that a lease lasts
	leasePolls    = 30 // in the time that a lease lasts
)

// use says who works with what the cluster keeps.
type use struct {
	By    string `json:"by"`
	Alone bool   `json:"alone"` // one process does everything; else many have each event handled once among them
	Owner string `json:"owner"` // of a process that works alone
	Run   string `json:"run"`   // no other process that works alone has it
}

// Alone takes the cluster for the one process that does everything by itself,
// until release is called. An owner who had it before a crash has it at once; any
// other waits until the cluster has forgotten the last one, Options.Lease at most,
// or gets Conflict: waits is told so at the start of the wait, with what will be
// the error, and how long the wait lasts at most. lost is closed when another has taken it, as one of the same
// owner can at any time, and any other after this process could not write for as
// long: stop then.
func (s *Store) Alone(ctx context.Context, owner string, waits Waits) (release func(), lost <-chan struct{}, err error) {
	return s.lease(ctx, use{Alone: true, Owner: owner, Run: s.link.Stamp()}, waits)
}

// Together takes the cluster for one of several processes that share the work, as
// Alone does for one.
func (s *Store) Together(ctx context.Context, waits Waits) (release func(), lost <-chan struct{}, err error) {
	return s.lease(ctx, use{}, waits)
}

// Waits is told who keeps the cluster from a process that waits for it, and how
// long the process waits at most.
type Waits func(who error, longest time.Duration)

// admits tells whether wanted may take the lease over.
func (u *use) admits(wanted *use) bool {
	return u.Alone == wanted.Alone && u.Owner == wanted.Owner
}

func (s *Store) lease(ctx context.Context, wanted use, waits Waits) (release func(), lost <-chan struct{}, err error) {
	if err := s.takeLease(ctx, wanted, waits); err != nil {
		return nil, nil, err
	}
	renewing, stop := context.WithCancel(context.WithoutCancel(ctx))
	gone := make(chan struct{})
	var renewer sync.WaitGroup
	renewer.Go(func() { s.renewLease(renewing, wanted, gone) })
	return sync.OnceFunc(func() {
		stop()
		renewer.Wait()
		s.giveUpLease(context.WithoutCancel(ctx), wanted)
	}), gone, nil
}

// takeLease waits for the lease as long as one lasts that nobody renews.
func (s *Store) takeLease(ctx context.Context, wanted use, waits Waits) error {
	longest := s.options.Lease + 2*s.options.Lease/leasePolls
	deadline := time.NewTimer(longest)
	defer deadline.Stop()
	poll := time.NewTicker(s.options.Lease / leasePolls)
	defer poll.Stop()
	for told := false; ; told = true {
		err := s.writeLease(ctx, wanted, false)
		if monitor.CodeOf(err) != monitor.Conflict {
			return err
		}
		if !told {
			waits(err, longest)
		}
		select {
		case <-ctx.Done():
			return monitor.Wrap(monitor.Unavailable, ctx.Err(), "the store was not waited for")
		case <-deadline.C:
			return err
		case <-poll.C:
		}
	}
}

// writeLease enters or renews the lease. Conflict: another has it; to renew it is
// not enough to be of the same owner.
func (s *Store) writeLease(ctx context.Context, wanted use, renew bool) error {
	leases, err := s.metadata(ctx, layout.Installation)
	if err != nil {
		return err
	}
	_, err = leases.Update(ctx, leaseKey, link.Majority, func(found link.Document) (link.Write, bool, error) {
		var held use
		if found.CAS != 0 {
			if err := json.Unmarshal(found.Body, &held); err == nil && (!held.admits(&wanted) || renew && held.Run != wanted.Run) {
				return link.Write{}, false, held.refusal()
			}
		}
		wanted.By = s.link.Stamp()
		body, err := json.Marshal(wanted)
		return link.Write{Body: body, Expire: s.options.Clock().Add(s.options.Lease)}, true, err
	})
	return err
}

func (u *use) refusal() error {
	if u.Alone {
		return monitor.Errorf(monitor.Conflict,
			"another monitor (%s) does everything by itself on this Couchbase cluster: stop it, or set MONITOR_BUCKET and MONITOR_BUCKETS to other buckets", u.Owner)
	}
	return monitor.Errorf(monitor.Conflict,
		"other monitors share their work on this Couchbase cluster: start it with MONITOR_EVENTS=kafka too, stop them, or set MONITOR_BUCKET and MONITOR_BUCKETS to other buckets")
}

// renewLease keeps the lease until ctx ends, and closes gone if another has it.
func (s *Store) renewLease(ctx context.Context, wanted use, gone chan<- struct{}) {
	ticker := time.NewTicker(s.options.Lease / leaseRenewals)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if monitor.CodeOf(s.writeLease(ctx, wanted, true)) == monitor.Conflict {
				close(gone)
				return
			}
		}
	}
}

// giveUpLease lets the next one start at once. Those who share the lease keep it.
func (s *Store) giveUpLease(ctx context.Context, held use) {
	if !held.Alone {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, s.options.Lease/leaseRenewals)
	defer cancel()
	leases, err := s.metadata(ctx, layout.Installation)
	if err != nil {
		return
	}
	found, err := leases.Get(ctx, leaseKey)
	var now use
	if err == nil && found.CAS != 0 && json.Unmarshal(found.Body, &now) == nil && now.Run == held.Run {
		_ = leases.Remove(ctx, []string{leaseKey})
	}
}
