// Package standalone runs all six functions in one process: the very handlers
// that run as functions on a cluster, over the broker in memory and an
// embedded store. On Kafka several such processes share the work, and the store.
//
//	tick -> schedule -> probe -> store / alert -> notify -> query
//
// The wiring is what the manifests in knative/ say; nothing of it is written
// here a second time.
package standalone
