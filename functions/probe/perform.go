package probe

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/api-endpoint-monitor/monitor/shared/expect"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// maxReason is the most bytes of a result's reason.
const maxReason = 300

// perform looks at the endpoint and fills the row with what came of it. The
// row's reason and unmet expectations hold no secrets.
func (p *Probe) perform(ctx context.Context, known *entry, e *monitor.Endpoint, row *monitor.Result) {
	expectation, err := known.expect(e)
	if err != nil {
		observer(row, monitor.FaultObserver, "the endpoint's expectations are invalid: "+message(err))
		return
	}
	request, secrets, err := p.request(known.key, row.Location, e)
	if err != nil {
		observer(row, monitor.FaultSecret, message(err))
		return
	}
	request.KeepBody = expectation.NeedsBody()
	answer := p.parts.Look(ctx, &request)
	row.Micros, row.Status, row.Bytes = answer.Took.Microseconds(), answer.Status, answer.Bytes
	row.Phases, row.Certificate = answer.Phases, answer.Certificate
	redact := redactor(secrets)
	if answer.Fault != monitor.FaultNone {
		row.Outcome, row.Fault = monitor.Failed, answer.Fault
		if answer.Fault == monitor.FaultObserver || answer.Fault == monitor.FaultSecret {
			row.Outcome = monitor.OutcomeUnknown
		}
		row.Reason = answer.Reason
		if redact != nil {
			row.Reason = redact(row.Reason)
		}
		row.Reason = shorten(row.Reason)
		return
	}
	row.Outcome, row.Unmet = expectation.Evaluate(expect.Answer{
		Status: answer.Status, Headers: answer.Headers, Body: answer.Body, Truncated: answer.Truncated,
		Latency: answer.Took, Certificate: answer.Certificate, Now: row.Start, Redact: redact,
	})
	row.Reason = shorten(reason(row.Unmet, answer.Truncated))
	if row.Outcome == monitor.Failed {
		row.Fault = monitor.FaultExpectation
	}
}

// observer fills the row of a check that the observer could not make.
func observer(row *monitor.Result, fault monitor.Fault, reason string) {
	row.Outcome, row.Fault, row.Reason = monitor.OutcomeUnknown, fault, shorten(reason)
}

// request returns what to ask of the endpoint, and the secrets in it.
func (p *Probe) request(key, location string, e *monitor.Endpoint) (Request, []string, error) {
	out := Request{
		Endpoint: key, Location: location, Method: e.HTTP.Method, URL: e.HTTP.URL, Headers: e.HTTP.Headers,
		Body: e.HTTP.Body, Redirects: e.HTTP.Redirects, Timeout: e.Timeout.D(),
	}
	if !refers(&e.HTTP) {
		return out, nil, nil
	}
	var secrets []string
	var faults error
	fill := func(text string) string {
		filled, values, err := p.parts.Reveal(e.Namespace, text)
		secrets, faults = append(secrets, values...), errors.Join(faults, err)
		return filled
	}
	out.URL, out.Body = fill(out.URL), fill(out.Body)
	out.Headers = make(map[string]string, len(e.HTTP.Headers))
	for name, value := range e.HTTP.Headers {
		out.Headers[name] = fill(value)
	}
	return out, secrets, faults
}

// refers tells whether a text of the request may refer to a secret.
func refers(h *monitor.HTTP) bool {
	if strings.Contains(h.URL, "$") || strings.Contains(h.Body, "$") {
		return true
	}
	for _, value := range h.Headers {
		if strings.Contains(value, "$") {
			return true
		}
	}
	return false
}

// redactor returns a function that takes the secrets out of a text, as they
// are and in the forms of a URL; nil where there are none.
func redactor(secrets []string) func(string) string {
	if len(secrets) == 0 {
		return nil
	}
	return func(text string) string { // most answers need none of this
		var forms []string
		for _, secret := range secrets {
			forms = append(forms, formsOf(secret)...)
		}
		// A longer form goes first: it may begin with a shorter one.
		slices.SortFunc(forms, func(a, b string) int { return len(b) - len(a) })
		pairs := make([]string, 0, 2*len(forms))
		for _, form := range forms {
			pairs = append(pairs, form, "[secret]")
		}
		return strings.NewReplacer(pairs...).Replace(text)
	}
}

// formsOf returns how a secret may look in an answer or in an error: as it is,
// in a URL, in Base64, and in JSON, also in JSON within JSON.
func formsOf(secret string) []string {
	forms := []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret), base64.StdEncoding.EncodeToString([]byte(secret)),
	}
	for _, encode := range []func(string) string{quoted, quotedForPages} {
		once := encode(secret)
		forms = append(forms, once, quoted(once), quotedForPages(once))
	}
	return forms
}

// quoted is a text as it stands in JSON.
func quoted(text string) string {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a text always encodes
	line := out.String()     // the quotes and a line end are around it
	return line[1 : len(line)-2]
}

// quotedForPages is a text as it stands in JSON that may be put into a page.
func quotedForPages(text string) string {
	out, _ := json.Marshal(text) // a text always encodes
	return string(out[1 : len(out)-1])
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
	cut := maxReason - len("…")
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}
