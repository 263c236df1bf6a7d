// Package storage says what the functions keep, and what every driver
// promises. Interfaces are split by who writes: each kind of record has
// exactly one writing function, and a function takes only the part it uses.
//
// The promises that hold for all of them:
//
//   - Every write may come twice: the second time changes nothing.
//   - What a method has returned nil for survives a crash of the process.
//   - Ranges of time are half open: from is in, to is out.
//   - A compare-and-swap names the revision that was read; 0 says "not there
//     yet". Someone else's write in between gives monitor.Conflict.
//   - One call's writes are kept together or not at all, but for a fold: what a
//     failed one has kept does no harm to the next (see Folds).
//   - Errors carry a monitor code. A store that is busy, locked or full is
//     monitor.Unavailable; a missing record is monitor.NotFound.
//   - Values go in and come out as they are: a caller may keep and change what
//     it was given, and what it handed in.
//
// Package storagetest holds the suite that every driver passes. What the suite
// does not test, functions do not rely on.
package storage
