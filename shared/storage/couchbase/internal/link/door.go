package link

import "sync"

// door is shut while the client opens a connection to the cluster or to a bucket.
//
// The client hands each new configuration of the cluster to those who listen for
// it, and begins to connect before its own queries and management listen (AgentGroup
// of gocbcore v10.8.1). A configuration that came sooner would never reach them:
// they would know of no service until the cluster changes. No node tells its
// configuration to somebody who has not logged in, so nobody does while it is shut.
// Who shows a certificate has logged in by then, but the client asks for a password
// before it asks for the configuration all the same.
//
// It is shut for as long as the client takes to make its parts, which asks nobody.
type door struct{ mu sync.RWMutex }

// shutWhile runs open while nobody passes.
func (d *door) shutWhile(open func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	open()
}

// pass waits until the door is not shut.
func (d *door) pass() {
	d.mu.RLock()
	defer d.mu.RUnlock()
}
