package probe

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/functions/probe/redact"
	"github.com/api-endpoint-monitor/monitor/shared/expect"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// maxReason is the most bytes of a result's reason.
const maxReason = 300

// perform looks at the endpoint and fills the row with what came of it. The
// row's reason and unmet expectations hold no secrets. It returns the second
// look that was made meanwhile, and whether that one had ended by then.
func (r *round) perform(c check, began time.Time, row *monitor.Result) (beside *second, ended bool) {
	e, known := r.due.Endpoints[c.endpoint].Endpoint, r.entries[c.endpoint]
	expectation, err := known.expect(e, r.expectations)
	if err != nil {
		observer(row, monitor.FaultObserver, "the endpoint's expectations are invalid: "+message(err))
		return nil, false
	}
	desk := r.desks.take()
	defer r.desks.give(desk)
	values, err := r.request(&desk.request, known.key, row.Location, e)
	if err != nil {
		observer(row, monitor.FaultSecret, message(err))
		return nil, false
	}
	desk.request.Fresh = c.extra()
	desk.request.KeepBody, desk.request.KeepHead = expectation.NeedsBody(), expectation.NeedsHeaders()
	if !e.NoExtract {
		desk.request.Head = desk.head[:]
	}
	f := &desk.flight
	f.check, f.request, f.expectation, f.values = c, &desk.request, expectation, values
	f.began, f.plenty = began, known.plenty(c, e, &desk.request)
	r.patrol.join(f)
	desk.answer = r.parts.Look(f.ctx, &desk.request)
	beside, ended = r.patrol.leave(f)
	if ended && f.ctx.Err() != nil {
		beside.cutShort(f, r.parts.Clock(), row)
		return beside, ended
	}
	judge(&desk.answer, expectation, values, row)
	explain(row, known.history.good > 0)
	r.extract(desk, f, row)
	return beside, ended
}

// extract keeps the beginning of what a check that did not pass was answered,
// as often as that may be. The entry must be held.
func (r *round) extract(desk *desk, f *flight, row *monitor.Result) {
	bad := row.Outcome == monitor.Failed || row.Outcome == monitor.OutcomeDegraded
	kept := !r.due.Endpoints[f.endpoint].Endpoint.NoExtract
	if bad && kept && len(desk.answer.Head) > 0 && r.entries[f.endpoint].kept.take(row.Start) {
		row.Extract = redact.Extract(&desk.answer, f.values)
	}
}

// desk is room for one look, which is lent: what passes leaves nothing behind.
type desk struct {
	request look.Request
	answer  look.Answer
	flight  flight
	head    [redact.Head]byte
}

// desks are those that are free.
type desks struct{ pool sync.Pool }

func (d *desks) take() *desk {
	if free, ok := d.pool.Get().(*desk); ok {
		return free
	}
	return &desk{flight: flight{ctx: new(look.Flight)}}
}

// give takes a desk back, cleared of what the look has said.
func (d *desks) give(used *desk) {
	used.request, used.answer = look.Request{}, look.Answer{}
	used.flight = flight{ctx: used.flight.ctx}
	if !used.flight.ctx.Renew() {
		used.flight.ctx = new(look.Flight)
	}
	d.pool.Put(used)
}

// judge fills the row with what the answer says.
func judge(answer *look.Answer, expectation *expect.Expectation, values redact.Values, row *monitor.Result) {
	row.Micros, row.Status, row.Bytes = answer.Took.Microseconds(), answer.Status, answer.Bytes
	row.Phases, row.Certificate = answer.Phases, answer.Certificate
	mask := values.Redactor()
	if answer.Fault != monitor.FaultNone {
		row.Outcome, row.Fault = monitor.Failed, answer.Fault
		if answer.Fault == monitor.FaultObserver || answer.Fault == monitor.FaultSecret {
			row.Outcome = monitor.OutcomeUnknown
		}
		row.Reason = answer.Reason
		if mask != nil {
			row.Reason = mask(row.Reason)
		}
		row.Reason = shorten(row.Reason)
		return
	}
	row.Outcome, row.Unmet = expectation.Evaluate(expect.Answer{
		Status: answer.Status, Headers: answer.Headers, Body: answer.Body, Truncated: answer.Truncated,
		Latency: answer.Took, Certificate: answer.Certificate, Now: row.Start, Redact: mask,
	})
	row.Reason = shorten(reason(row.Unmet, answer.Truncated))
	if row.Outcome == monitor.Failed {
		row.Fault = monitor.FaultExpectation
	}
}

// explain adds to the row's reason why the check was made, where that is not
// plain. Back says that the check before it was a good one.
func explain(row *monitor.Result, back bool) {
	why := ""
	switch {
	case row.Kind == monitor.Confirm && back:
		why = "made to confirm that the endpoint is back"
	case row.Kind == monitor.Confirm:
		why = "made to confirm a failure"
	case row.Kind == monitor.Connection:
		why = "made because the endpoint had closed the connection"
	default:
		return
	}
	add(row, why)
}

// add says one thing more in the row's reason.
func add(row *monitor.Result, more string) {
	row.Reason = shorten(strings.TrimPrefix(row.Reason+"; "+more, "; "))
}

// observer fills the row of a check that the observer could not make.
func observer(row *monitor.Result, fault monitor.Fault, reason string) {
	row.Outcome, row.Fault, row.Reason = monitor.OutcomeUnknown, fault, shorten(reason)
}

// request fills in what to ask of the endpoint, and returns the secrets in it.
func (p *Probe) request(out *look.Request, key, location string, e *monitor.Endpoint) (redact.Values, error) {
	*out = look.Request{
		Endpoint: key, Location: location, Method: e.HTTP.Method, URL: e.HTTP.URL, Headers: e.HTTP.Headers,
		Body: e.HTTP.Body, Redirects: e.HTTP.Redirects, Timeout: e.Timeout.D(),
		TLS: e.HTTP.TLS, Address: e.HTTP.Address,
	}
	if err := through(out, &e.HTTP); err != nil {
		return nil, err
	}
	if !refers(&e.HTTP) {
		out.Revision = e.Revision
		return nil, nil
	}
	var values redact.Values
	var faults error
	fill := func(text string) string {
		filled, more, err := p.parts.Reveal(e.Namespace, text)
		values, faults = append(values, more...), errors.Join(faults, err)
		return filled
	}
	out.URL, out.Body = fill(out.URL), fill(out.Body)
	out.Headers = make(map[string]string, len(e.HTTP.Headers))
	for name, value := range e.HTTP.Headers {
		out.Headers[name] = fill(value)
	}
	if out.Proxy != nil {
		out.Proxy.User, out.Proxy.Password = fill(out.Proxy.User), fill(out.Proxy.Password)
	}
	if t := out.TLS; t != nil {
		out.TLS = &monitor.TLS{CA: fill(t.CA), Certificate: fill(t.Certificate), Key: fill(t.Key), ServerName: t.ServerName}
	}
	return values, faults
}

// through names the proxy of the request, if there is one.
func through(out *look.Request, h *monitor.HTTP) error {
	if h.Proxy == "" {
		return nil
	}
	proxy, err := monitor.ParseProxy(h.Proxy)
	if err != nil {
		return monitor.Wrap(monitor.Invalid, err, "the proxy of the definition cannot be used: %s", message(err))
	}
	out.Proxy = &proxy
	return nil
}

// refers tells whether a text of the request may refer to a secret.
func refers(h *monitor.HTTP) bool {
	if strings.Contains(h.URL, "$") || strings.Contains(h.Body, "$") || strings.Contains(h.Proxy, "$") {
		return true
	}
	if t := h.TLS; t != nil && strings.Contains(t.CA+t.Certificate+t.Key, "$") {
		return true
	}
	for _, value := range h.Headers {
		if strings.Contains(value, "$") {
			return true
		}
	}
	return false
}

// reason says in one sentence what was missed.
func reason(unmet []monitor.Unmet, truncated bool) string {
	text := ""
	if len(unmet) > 0 {
		text = sentence(unmet[0])
	}
	if len(unmet) > 1 {
		text += fmt.Sprintf(" (and %d more)", len(unmet)-1)
	}
	if truncated {
		text = strings.TrimPrefix(text+"; ", "; ") + "only the first 1 MiB of the body was read"
	}
	return text
}

func sentence(u monitor.Unmet) string {
	switch u.Expectation {
	case "status":
		return fmt.Sprintf("answered %s, want %s", u.Got, u.Want)
	case "latency":
		return fmt.Sprintf("took %s, want %s", u.Got, u.Want)
	default:
		return fmt.Sprintf("%s: got %s, want %s", u.Expectation, u.Got, u.Want)
	}
}

// message returns what an error tells people, without its cause.
func message(err error) string {
	if known, ok := errors.AsType[*monitor.Error](err); ok {
		return known.Message
	}
	return err.Error()
}

func shorten(text string) string {
	text = strings.ToValidUTF8(text, "�")
	if len(text) <= maxReason {
		return text
	}
	return redact.Cut(text, maxReason)
}
