package storagetest

import (
	"math"
	"math/rand/v2"
	"time"

	"pgregory.net/rapid"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// usualStart is 2026-05-01, the start of a window, an hour, a day and a month.
const usualStart = monitor.Instant(1_777_593_600_000)

// Usual returns n results of an endpoint that is well, a second apart, on a
// connection that is made anew once a minute; the same ones for the same n. They
// are what the drivers' codecs are measured with.
func Usual(n int) []monitor.Result {
	random := rand.New(rand.NewPCG(1, uint64(n)))
	all := make([]monitor.Result, n)
	for i := range all {
		due := usualStart.Add(time.Duration(i) * time.Second)
		r := monitor.Result{
			Endpoint: shop, Location: here, Due: due, Start: due + monitor.Instant(random.Int64N(4)),
			Kind: monitor.Scheduled, Outcome: monitor.Passed, Status: 200, Bytes: 312,
			Certificate: usualStart.Add(60 * 24 * time.Hour),
		}
		r.FirstByte = int64(2000 * math.Exp(random.NormFloat64()*0.3))
		r.Transfer = 15 + random.Int64N(40)
		if i%60 == 0 {
			r.DNS, r.Connect, r.TLS = 300+random.Int64N(500), 400+random.Int64N(300), 2000+random.Int64N(900)
		}
		r.Micros = r.DNS + r.Connect + r.TLS + r.FirstByte + r.Transfer + 20 + random.Int64N(60)
		all[i] = r
	}
	return all
}

// Number draws small numbers as often as large ones, of both signs.
func Number() *rapid.Generator[int64] {
	return rapid.Custom(func(t *rapid.T) int64 {
		return rapid.Int64().Draw(t, "number") >> rapid.IntRange(0, 63).Draw(t, "shift")
	})
}
