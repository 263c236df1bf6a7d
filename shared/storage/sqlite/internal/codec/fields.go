package codec

import "github.com/api-endpoint-monitor/monitor/shared/monitor"

type result = monitor.Result

// takers turn a row into numbers, one a column, given the row before it.
// putters are their inverses, in the same order: each may use what those
// before it have put. Both orders are part of the format.
var (
	takers = [...]func(before, r *result) int64{
		func(before, r *result) int64 { return int64(r.Due - before.Due) },
		func(_, r *result) int64 { return started(r) },
		func(_, r *result) int64 { return lateness(r) },
		func(_, r *result) int64 { return r.DNS },
		func(_, r *result) int64 { return r.Connect },
		func(_, r *result) int64 { return r.TLS },
		func(_, r *result) int64 { return r.FirstByte },
		func(_, r *result) int64 { return r.Transfer },
		func(_, r *result) int64 { return r.Micros - phases(r) },
		func(_, r *result) int64 { return int64(r.Status) },
		func(_, r *result) int64 { return r.Bytes },
		func(_, r *result) int64 { return int64(r.Certificate) },
	}
	putters = [len(takers)]func(before, r *result, v int64){
		func(before, r *result, v int64) { r.Due = before.Due + monitor.Instant(v) },
		func(_, r *result, v int64) { r.Start = monitor.Instant(v) },
		putLateness,
		func(_, r *result, v int64) { r.DNS = v },
		func(_, r *result, v int64) { r.Connect = v },
		func(_, r *result, v int64) { r.TLS = v },
		func(_, r *result, v int64) { r.FirstByte = v },
		func(_, r *result, v int64) { r.Transfer = v },
		func(_, r *result, v int64) { r.Micros = v + phases(r) },
		func(_, r *result, v int64) { r.Status = int(v) },
		func(_, r *result, v int64) { r.Bytes = v },
		func(_, r *result, v int64) { r.Certificate = monitor.Instant(v) },
	}
)

// wordColumns and unmetColumns name the fields that hold words.
var (
	wordColumns = [...]func(r *result) *string{
		func(r *result) *string { return (*string)(&r.Kind) },
		func(r *result) *string { return (*string)(&r.Outcome) },
		func(r *result) *string { return (*string)(&r.Fault) },
		func(r *result) *string { return &r.Reason },
	}
	unmetColumns = [...]func(u *monitor.Unmet) *string{
		func(u *monitor.Unmet) *string { return &u.Expectation },
		func(u *monitor.Unmet) *string { return &u.Want },
		func(u *monitor.Unmet) *string { return &u.Got },
	}
)

func started(r *result) int64 {
	if r.Start == 0 {
		return 0
	}
	return 1
}

func lateness(r *result) int64 {
	if r.Start == 0 {
		return 0
	}
	return int64(r.Start - r.Due)
}

func putLateness(_, r *result, v int64) {
	if r.Start != 0 {
		r.Start = r.Due + monitor.Instant(v)
	}
}

func phases(r *result) int64 { return r.DNS + r.Connect + r.TLS + r.FirstByte + r.Transfer }
