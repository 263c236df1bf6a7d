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
// Results are kept by shard. They leave at once where they are news, together
// with all that the shard has kept, and otherwise every ReportEvery, in the
// order in which the checks of an endpoint ended.
//
// The first checks of an endpoint that do not pass carry an extract of the
// answer's body, and later ones now and then (see ExtractBurst). The secrets
// that the request was filled in with are taken out of it in every form in
// which answers are known to repeat them, and so is what looks like a secret.
package probe
