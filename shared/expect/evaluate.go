package expect

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// MaxText is the most bytes of a Want or a Got.
const MaxText = 200

// Evaluate holds an answer to the expectations. What was missed comes in the
// order status, latency, json by path, certificate, cel. An answer that misses
// only latency or certificate is degraded, any other miss makes it failed.
func (x *Expectation) Evaluate(a Answer) (monitor.Outcome, []monitor.Unmet) {
	if x.plain && x.meets(a.Status) && (x.latency == 0 || a.Latency <= x.latency) {
		return monitor.Passed, nil
	}
	return x.evaluate(a)
}

// meets tells whether the status is one of those that are expected.
func (x *Expectation) meets(status int) bool {
	for _, r := range x.status {
		if r.Contains(status) {
			return true
		}
	}
	return false
}

func (x *Expectation) evaluate(a Answer) (monitor.Outcome, []monitor.Unmet) {
	e := evaluation{answer: &a}
	x.judgeStatus(&e)
	x.judgeLatency(&e)
	for i := range x.paths {
		x.paths[i].judge(&e)
	}
	x.judgeCertificate(&e)
	x.judgeCEL(&e)
	switch {
	case len(e.unmet) == 0:
		return monitor.Passed, nil
	case e.failed:
		return monitor.Failed, e.unmet
	default:
		return monitor.OutcomeDegraded, e.unmet
	}
}

// evaluation is one answer being judged.
type evaluation struct {
	answer *Answer
	unmet  []monitor.Unmet
	failed bool

	parsed   bool
	document any
	problem  error // why the body is no JSON
}

func (e *evaluation) fail(expectation, want, got string) {
	e.failed = true
	e.miss(expectation, want, got)
}

func (e *evaluation) miss(expectation, want, got string) {
	if e.answer.Redact != nil {
		got = e.answer.Redact(got)
	}
	e.unmet = append(e.unmet, monitor.Unmet{Expectation: expectation, Want: shorten(want), Got: shorten(got)})
}

func (x *Expectation) judgeStatus(e *evaluation) {
	if x.meets(e.answer.Status) {
		return
	}
	texts := make([]string, 0, len(x.status))
	for _, r := range x.status {
		texts = append(texts, r.String())
	}
	e.fail("status", strings.Join(texts, ", "), strconv.Itoa(e.answer.Status))
}

func (x *Expectation) judgeLatency(e *evaluation) {
	if x.latency > 0 && e.answer.Latency > x.latency {
		e.miss("latency", "at most "+monitor.Duration(x.latency).String(), rounded(e.answer.Latency))
	}
}

func (x *Expectation) judgeCertificate(e *evaluation) {
	if x.certificate == 0 {
		return
	}
	want := "valid for at least " + monitor.Duration(x.certificate).String()
	switch rest := e.answer.Certificate.Sub(e.answer.Now); {
	case e.answer.Certificate == 0:
		e.miss("certificate", want, "no certificate: the answer came without TLS")
	case rest <= 0:
		e.miss("certificate", want, "ended "+e.answer.Certificate.Time().Format(time.DateTime)+" UTC")
	case rest < x.certificate:
		e.miss("certificate", want, "ends "+e.answer.Certificate.Time().Format(time.DateTime)+" UTC")
	}
}

func rounded(d time.Duration) string {
	unit := time.Microsecond
	if d >= 10*time.Millisecond {
		unit = time.Millisecond
	}
	return d.Round(unit).String()
}

// shorten cuts text to MaxText bytes of valid UTF-8 on one line.
func shorten(text string) string {
	if len(text) > 4*MaxText {
		text = text[:4*MaxText]
	}
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "�")), " ")
	if len(text) <= MaxText {
		return text
	}
	cut := MaxText - len("…")
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}
