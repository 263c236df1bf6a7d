// Package host runs one function as a process: it reads the settings, picks the
// way in which events come (MONITOR_EVENTS), and ends cleanly on SIGTERM and
// Ctrl-C. A main names its function and how it is built, and no more.
//
// With http a platform delivers events by POST and takes those that the function
// emits (K_SINK). With kafka the process is a consumer of its own, needs no
// platform, and is asked over HTTP for its health and metrics only.
//
// At the end it takes nothing new and finishes what is in hand within 15 s, ends
// the background work, sends the last events within 5 s, and closes the storage,
// in this order.
//
// Exit codes: 0 after a clean end, 1 after a failure, 2 where settings or rights are
// to blame: to start it again is in vain until people have changed them.
package host
