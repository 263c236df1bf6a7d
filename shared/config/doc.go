// Package config reads what is watched from monitor.yaml: one file, or a
// folder of *.yaml files.
//
// Reading is strict. An unknown key, a key that stands twice, a value of the
// wrong kind or out of its bounds, a channel that is not defined, an expression
// that does not compile: each is a Fault with file, line and column, and all
// faults are reported at once. Then nothing is taken.
//
// A file may hold several documents, and each document one namespace
// ("default" where it names none). Documents of the same namespace add up: they
// share their channels, and an ID or a channel's name may stand in one of them
// only. Defaults hold within their document. A document without any content is
// a fault, since it is more often a file half written than a wish to watch
// nothing; "endpoints: []" says so.
//
// A timeout may exceed the interval: checks that come due meanwhile are then
// recorded as overrun.
package config
