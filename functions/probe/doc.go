// Package probe performs the checks of one batch in one slot and reports what
// it saw.
//
//	probe.due -> probe -> probe.results
//
// Each check starts at its due time. One check is in flight for an endpoint
// and location: a due time that comes before the check ahead of it has ended
// is an overrun, and one that comes more than an interval late is skipped.
// Both are results with the outcome unknown, so nothing is missed in silence.
//
// An endpoint that has been down for long has fewer due times: its results say
// so, and how many were spared. Its first good check is confirmed as a first
// failure is.
//
// So many checks run at once in a process, and so many against one host or
// through one proxy. The others wait for their turn, those of a host without
// holding up the ones of other hosts. A check that still waits when the next one
// of its endpoint is due is skipped, and the next one has its place in line.
//
// Between two scheduled checks of an endpoint there may be extra ones, each over
// a connection of its own: those that confirm a failure quickly, as many as are
// missing up to the policy's after (or recover), and one at once when the peer has closed the
// connection that was kept. None begins once the next scheduled check is due,
// nor where it would probably not be over by then, and none is made again
// elsewhere after a stop. A round stays at work until its slot is over where it
// holds endpoints that are not due in it, so that these are watched too.
//
// A scheduled check that has waited for longer than the endpoint's Pace asks for
// has a second look made beside it, over a connection of its own. If that fails
// first, both have failed. If the check fails first, the second look goes on and
// is the check that confirms it. In any other case it leaves no result. None is
// made where its host has no room for one more look, and few at once in a process.
//
// Results are kept by shard. They leave at once where they are news, together
// with all that the shard has kept, and otherwise every ReportEvery, in the
// order in which the checks of an endpoint ended. The shards take turns at that,
// so that what reports and keeps them never has all of them in its hands at
// once; a round stays at work until those of its shards have had theirs.
//
// The first checks of an endpoint that do not pass carry an extract of the
// answer's body, and later ones now and then (see ExtractBurst), without what
// nobody may read (see redact).
package probe
