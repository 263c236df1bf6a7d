package query

import (
	"bytes"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// item is a row as it was at one moment.
type item struct {
	*definition
	belief
	last   monitor.Result // Due is 0 where there is none
	recent letters
	pace   monitor.Duration // between two checks; 0: as defined
}

func (r *row) item(now monitor.Instant) item {
	i := item{definition: r.definition, belief: r.belief, recent: r.cells.letters(), pace: r.pace(now)}
	if r.last.due != 0 {
		i.last = r.last.result(r.key)
	}
	return i
}

// pace returns the time between two checks now; 0, if it is as defined.
func (r *row) pace(now monitor.Instant) monitor.Duration {
	if factor := r.cadence(now); factor > 1 {
		return r.endpoint.Interval * monitor.Duration(factor)
	}
	return 0
}

// cadence returns at which of its due times the endpoint is checked now.
func (r *row) cadence(now monitor.Instant) int {
	believed := monitor.State{Health: r.health, Since: r.since}
	return believed.Cadence(r.endpoint, now)
}

func (i *item) summary() EndpointSummary {
	e := i.endpoint
	s := EndpointSummary{
		Key: e.Key(), Namespace: e.Namespace, ID: e.ID, Name: e.Name, URL: e.HTTP.URL, Interval: e.Interval, Tags: e.Tags,
		Pace: i.pace, Health: i.health, Since: Moment(i.since), Reason: i.reason, Incident: i.incident, Recent: string(i.recent.text()),
	}
	if i.last.Due != 0 {
		last := viewResult(&i.last)
		s.Last = &last
	}
	return s
}

// summaryOpening returns the JSON of an endpoint's summary up to its health.
func summaryOpening(e *monitor.Endpoint) []byte {
	dst := appendText([]byte{'{'}, `"key":`, e.Key())
	dst = appendText(dst, `,"namespace":`, e.Namespace)
	dst = appendText(dst, `,"id":`, e.ID)
	dst = appendText(dst, `,"name":`, e.Name)
	dst = appendText(dst, `,"url":`, e.HTTP.URL)
	dst = appendText(dst, `,"interval":`, e.Interval.String())
	if len(e.Tags) > 0 {
		dst = append(append(dst, `,"tags":`...), encoded(e.Tags)...)
	}
	return bytes.Clone(dst) // which takes no more room than it must
}

// appendSummary appends the JSON of i.summary(). It is written by hand because
// a list of ten thousand is read often, and reflection costs more than all
// else together.
func appendSummary(dst []byte, i *item) []byte {
	dst = append(dst, i.opening...)
	if i.pace != 0 {
		dst = appendText(dst, `,"effective_interval":`, i.pace.String())
	}
	dst = appendText(dst, `,"health":`, string(i.health))
	if i.since != 0 {
		dst = appendMoment(append(dst, `,"since":`...), Moment(i.since))
	}
	if i.reason != "" {
		dst = appendText(dst, `,"reason":`, i.reason)
	}
	if i.incident != "" {
		dst = appendText(dst, `,"incident":`, i.incident)
	}
	if i.last.Due != 0 {
		dst = appendResult(append(dst, `,"last":`...), &i.last)
	}
	if i.recent.count > 0 {
		dst = append(append(append(dst, `,"recent":"`...), i.recent.text()...), '"')
	}
	return append(dst, '}')
}

// appendResult appends the JSON of viewResult(r).
func appendResult(dst []byte, r *monitor.Result) []byte {
	dst = appendText(dst, `{"location":`, r.Location)
	dst = appendMoment(append(dst, `,"due":`...), Moment(r.Due))
	if r.Start != 0 {
		dst = appendMoment(append(dst, `,"start":`...), Moment(r.Start))
	}
	dst = appendText(dst, `,"kind":`, string(r.Kind))
	dst = appendText(dst, `,"outcome":`, string(r.Outcome))
	if r.Micros == 0 {
		dst = append(dst, `,"duration_us":0`...)
	}
	dst = appendNumber(dst, `,"duration_us":`, r.Micros)
	dst = appendNumber(dst, `,"status":`, int64(r.Status))
	dst = appendNumber(dst, `,"bytes":`, r.Bytes)
	dst = appendNumber(dst, `,"dns_us":`, r.DNS)
	dst = appendNumber(dst, `,"connect_us":`, r.Connect)
	dst = appendNumber(dst, `,"tls_us":`, r.TLS)
	dst = appendNumber(dst, `,"first_byte_us":`, r.FirstByte)
	dst = appendNumber(dst, `,"transfer_us":`, r.Transfer)
	if r.Certificate != 0 {
		dst = appendMoment(append(dst, `,"certificate":`...), Moment(r.Certificate))
	}
	dst = appendNumber(dst, `,"spared":`, int64(r.Spared))
	if r.Fault != "" {
		dst = appendText(dst, `,"fault":`, string(r.Fault))
	}
	if r.Reason != "" {
		dst = appendText(dst, `,"reason":`, r.Reason)
	}
	if len(r.Unmet) > 0 {
		dst = append(append(dst, `,"unmet":`...), encoded(r.Unmet)...)
	}
	return append(dst, '}')
}
