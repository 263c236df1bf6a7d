package standalone_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/shared/config"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// The rhythm of the day. Spells keep well away from each other, so that the
// script alone says what each of them must lead to.
const (
	dayInterval = 30 * time.Second
	dayTimeout  = 2 * time.Second
	daySlow     = 500 * time.Millisecond // latency from which an answer is degraded
	blindSpan   = 12 * time.Minute       // the observer cannot open connections
	offSpan     = 20 * time.Minute       // the monitor does not run
	apart       = 10 * time.Minute
)

// spell is a stretch of time in which an endpoint or the observer is not well.
type spell struct {
	from, to monitor.Instant
	fault    monitor.Fault // FaultNone: the endpoint is slow
}

func (s spell) holds(at monitor.Instant) bool { return s.from <= at && at < s.to }

// day is a world in fake time whose every answer is known beforehand.
type day struct {
	begin, end monitor.Instant
	blind, off spell
	endpoints  []monitor.Endpoint
	spells     map[string][]spell // by endpoint, in order
	played     map[string]*played // by endpoint; once the day is over

	mu      sync.Mutex
	told    []telling
	resumed map[string]monitor.Instant // by endpoint: its first look after the monitor came back
}

// telling is one try to send a notice.
type telling struct {
	notice  monitor.NoticeKey
	change  monitor.Change
	refused bool
}

// newDay scripts a day that begins now.
func newDay(endpoints int, length time.Duration) *day {
	begin := monitor.At(time.Now())
	d := &day{begin: begin, end: begin.Add(length), spells: map[string][]spell{}, played: map[string]*played{}, resumed: map[string]monitor.Instant{}}
	d.blind.from = begin.Add(length / 8)
	d.blind.to = d.blind.from.Add(blindSpan)
	d.off.from = begin.Add(length/2 + 5*time.Second)
	d.off.to = d.off.from.Add(offSpan)
	for i := range endpoints {
		e := monitor.Endpoint{
			Namespace: "shop", ID: fmt.Sprintf("endpoint-%04d", i), Name: fmt.Sprintf("Endpoint %d", i),
			HTTP:     monitor.HTTP{URL: fmt.Sprintf("https://shop.example/%d", i), Method: "GET"},
			Interval: monitor.Duration(dayInterval), Timeout: monitor.Duration(dayTimeout),
			Expect: monitor.Expect{Latency: monitor.Duration(daySlow)},
			Alert:  monitor.Alert{After: 2, Recover: 2, Channels: []string{"hook"}},
		}
		d.endpoints = append(d.endpoints, e)
		d.spells[e.Key()] = d.script(i)
	}
	return d
}

func (d *day) definition() config.Definition {
	return config.Definition{Endpoints: d.endpoints, Channels: []monitor.Channel{
		{Namespace: "shop", Name: "hook", Webhook: &monitor.Webhook{URL: "https://hook.example"}},
	}}
}

// script returns the spells of an endpoint. One in ten meets a gap of the
// observer in each way there is; one in ten is down at the day's end; half of
// the others have spells at random, some of them too short to be told.
func (d *day) script(i int) []spell {
	random := rand.New(rand.NewPCG(7, uint64(i)))
	faults := []monitor.Fault{monitor.FaultRefused, monitor.FaultExpectation, monitor.FaultTimeout}
	fault := faults[i%len(faults)]
	blind, off := d.blind, d.off
	switch way := i % 40; {
	case way == 0:
		return []spell{{blind.from.Add(-apart), blind.to.Add(apart), fault}, {off.from.Add(-apart), off.to.Add(apart), fault}}
	case way == 10:
		return []spell{{blind.from.Add(-apart), blind.to.Add(-time.Minute), fault}, {off.from.Add(-apart), off.to.Add(-time.Minute), fault}}
	case way == 20:
		return []spell{{blind.from.Add(time.Minute), blind.to.Add(apart), fault}, {off.from.Add(time.Minute), off.to.Add(apart), fault}}
	case way == 30:
		return []spell{{blind.from.Add(time.Minute), blind.to.Add(-time.Minute), fault}, {off.from.Add(time.Minute), off.to.Add(-time.Minute), fault}}
	case way%10 == 5:
		return []spell{{d.end.Add(-time.Duration(30+i%30) * time.Minute), d.end.Add(time.Hour), fault}}
	case way%2 == 0:
		return nil
	}
	var spells []spell
	for at := d.begin.Add(apart + between(random, 0, time.Hour)); ; {
		s := spell{from: at, to: at.Add(between(random, 0, 40*time.Minute))}
		switch random.IntN(4) {
		case 0:
		case 1:
			s.to, s.fault = s.from.Add(dayInterval), fault // one failing check, which nobody is told of
		default:
			s.fault = fault
		}
		if s.to > d.end.Add(-apart) {
			return spells
		}
		if s.clear(d.blind) && s.clear(d.off) {
			spells = append(spells, s)
		}
		at = s.to.Add(apart + between(random, 0, 6*time.Hour))
	}
}

// clear tells whether the spell keeps well away from the other.
func (s spell) clear(of spell) bool { return s.to.Add(apart) < of.from || s.from > of.to.Add(apart) }

func between(random *rand.Rand, low, high time.Duration) time.Duration {
	return low + time.Duration(random.Int64N(int64(high-low)))
}

// answer is what a check that starts at the given time sees of the endpoint.
func (d *day) answer(endpoint string, at monitor.Instant) look.Answer {
	if d.blind.holds(at) {
		return look.Answer{Took: time.Millisecond, Fault: monitor.FaultObserver, Reason: "the observer cannot open a connection"}
	}
	took := latency(endpoint, at)
	for _, s := range d.spells[endpoint] {
		if !s.holds(at) {
			continue
		}
		switch s.fault {
		case monitor.FaultNone:
			return look.Answer{Status: 200, Took: daySlow + took}
		case monitor.FaultTimeout:
			return look.Answer{Took: dayTimeout, Fault: monitor.FaultTimeout, Reason: "no whole answer within 2s"}
		case monitor.FaultExpectation:
			return look.Answer{Status: 503, Took: took}
		default:
			return look.Answer{Took: took, Fault: s.fault, Reason: "the connection was refused"}
		}
	}
	return look.Answer{Status: 200, Took: took}
}

// latency is between 1 ms and 500 ms, mostly low, and differs from check to check.
func latency(endpoint string, at monitor.Instant) time.Duration {
	hash := fnv.New64a()
	_, _ = fmt.Fprint(hash, endpoint, at)
	share := float64(hash.Sum64()>>11) / (1 << 53)
	return time.Millisecond + time.Duration(share*share*share*499_000)*time.Microsecond
}

// look is a probe.Look on the day.
func (d *day) look(ctx context.Context, r *look.Request) look.Answer {
	now := monitor.At(time.Now())
	d.note(r.Endpoint, now)
	answer := d.answer(r.Endpoint, now)
	timer := time.NewTimer(answer.Took)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	return answer
}

func (d *day) note(endpoint string, at monitor.Instant) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if at >= d.off.to && d.resumed[endpoint] == 0 {
		d.resumed[endpoint] = at
	}
}

// send is a notify.Send that refuses every third incident's notices once.
func (d *day) send(_ context.Context, delivery monitor.Delivery) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	notice := delivery.Notice
	try := telling{notice: notice.Key(), change: notice.Change.Change}
	try.refused = notice.Attempts == 1 && notice.Change.Incident.Started%3 == 0
	d.told = append(d.told, try)
	if try.refused {
		return "", errors.New("busy: try again")
	}
	return "taken", nil
}

// accepted returns what was told of each incident, in order.
func (d *day) accepted() map[string][]monitor.Change {
	d.mu.Lock()
	defer d.mu.Unlock()
	accepted := map[string][]monitor.Change{}
	for _, try := range d.told {
		if !try.refused {
			accepted[try.notice.Incident] = append(accepted[try.notice.Incident], try.change)
		}
	}
	return accepted
}
