// Package sketch sums up latencies so that their quantiles can be told later,
// and so that sums of parts can be merged into the sum of the whole.
//
// It is a histogram whose buckets grow by 4 %, as in DDSketch
// (https://www.vldb.org/pvldb/vol12/p2195-masson.pdf), over whole microseconds
// and with a fixed range, so that it never collapses buckets: merging gives
// the same in any order and grouping, and the same latencies always give the
// same bytes. A minute of 60 latencies takes about 35 bytes, a day about 150.
package sketch
