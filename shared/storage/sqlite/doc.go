// Package sqlite keeps everything in one SQLite file.
//
// What a method has returned nil for survives a crash of the process. After a
// loss of power the file is whole, but the writes of the last moments (up to
// the last checkpoint) may be missing: the log is not forced to disk on each
// commit (WAL with synchronous=NORMAL).
//
// Several processes of one host may share the file. A lock that outlasts
// Options.Busy is monitor.Unavailable. The file must not lie on a network
// file system.
//
// All writes of a process go through one goroutine, which puts those that
// wait together into one transaction; each caller gets its own answer. Reads
// use connections of their own and never wait for writes.
//
// Store.Maintain removes what is too old and keeps the file within its limit;
// it is to be called about once a minute. Store.Backup copies the file while
// it is in use.
package sqlite
