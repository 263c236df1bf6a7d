// Package host runs one function as a process: it reads the settings, picks the
// way in which events come (MONITOR_EVENTS), and ends cleanly on SIGTERM and
// Ctrl-C. A main names its function and how it is built, and no more.
//
// Exit codes: 0 after a clean end, 1 after a failure, 2 where settings are to
// blame.
package host
