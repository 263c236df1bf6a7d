package couchbase

import (
	"cmp"
	"sync"
)

// together runs the tasks, limit of them at once, waits for all and returns the
// first error in their order.
func together(limit int, tasks []func() error) error {
	errs := make([]error, len(tasks))
	places := make(chan struct{}, limit)
	var running sync.WaitGroup
	for i, task := range tasks {
		places <- struct{}{}
		running.Go(func() {
			defer func() { <-places }()
			errs[i] = task()
		})
	}
	running.Wait()
	return cmp.Or(errs...)
}
