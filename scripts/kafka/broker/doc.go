// Package broker runs a real Apache Kafka broker on this machine: one node in
// KRaft mode on free loopback ports, with its data in a folder of its own. Tests
// stop, kill, pause and restart it.
//
// It needs Java 17 and Maven, which fetches the broker's artifacts, once, into
// the user's cache folder.
package broker
