// Package rows turns results and rollups into JSON documents and back. The
// documents can be read by people and by SQL++; every value comes back as it was.
//
// A window:
//
//	{"by": "…", "endpoint": "shop/cart", "location": "local", "ts_start": 1777593600000, "ts_end": 1777594200000,
//	 "n": 2, "usual": [312, 200, 0], "rows": [[120, 1530, 2, 1400, 31], [1120, 1490, 1, 1377, 20, 98, 500, 0, 2]]}
//
// A row is, in this order: due time (ms from ts_start on), latency (µs), lateness
// (ms; null: never started), first byte (µs), transfer (µs), bytes, status,
// certificate (ms), outcome (0 passed, 1 degraded, 2 failed, 3 unknown), kind
// (0 scheduled, 1 confirm, 2 connection, 3 manual), DNS (µs), connect (µs), TLS
// (µs), fault, reason, missed expectations, spared, extract. What is left out at a
// row's end is 0 or empty, but for bytes, status and certificate, which are then
// those of "usual".
//
// A pack has "cells" in place of rows: start (ms from the pack's start on), passed,
// latency (sum, µs), least, largest, sketch (base64), late, degraded, failed,
// unknown, spared.
//
// A byte of a text that is no UTF-8 is written as a surrogate, \udc80 to \udcff.
package rows
