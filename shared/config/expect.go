package config

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/api-endpoint-monitor/monitor/shared/expect"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

const (
	maxCertificate = 3650 * day
	maxPath        = 200 // characters
)

// expect reads what the endpoint's answers are held to. The endpoint's URL and
// timeout are known by then.
func (l *loader) expect(node *yaml.Node, e *monitor.Endpoint) monitor.Expect {
	var want monitor.Expect
	if node == nil {
		return want
	}
	fields := l.fields(node, "expect", "status", "latency", "json", "certificate", "cel")
	want.Status = l.statuses(fields["status"])
	want.Latency = l.duration(fields["latency"], "latency", millisecond, monitor.Duration(monitor.MaxTimeout), 0)
	if want.Latency >= e.Timeout && want.Latency > 0 {
		l.fault(fields["latency"], "", "latency must be less than the timeout, %s, to be of any use, got %s", e.Timeout, want.Latency)
	}
	want.Certificate = l.duration(fields["certificate"], "certificate", second, maxCertificate, 0)
	if want.Certificate > 0 && strings.HasPrefix(e.HTTP.URL, "http:") {
		l.fault(fields["certificate"], "use https, or leave it out", "an http url has no certificate")
	}
	want.JSON = l.paths(fields["json"])
	want.CEL = l.cel(fields["cel"])
	return want
}

func (l *loader) statuses(node *yaml.Node) []monitor.StatusRange {
	if node == nil {
		return nil
	}
	var ranges []monitor.StatusRange
	for _, item := range l.items(node, "status") {
		text, ok := l.text(item, "status", 20)
		if !ok {
			continue
		}
		var next monitor.StatusRange
		if err := next.UnmarshalText([]byte(text)); err != nil {
			l.refuse(item, "status", err)
			continue
		}
		ranges = append(ranges, next)
	}
	return ranges
}

func (l *loader) paths(node *yaml.Node) map[string]any {
	if node == nil {
		return nil
	}
	values := map[string]any{}
	for _, pair := range l.pairs(node, "json") {
		path, ok := l.text(pair.key, "a path", maxPath)
		value, fine := l.value(pair.value, 0)
		if !ok || !fine {
			continue
		}
		if _, err := expect.Compile(monitor.Expect{JSON: map[string]any{path: value}}); err != nil {
			l.refuse(pair.key, "json path "+clip(path), err)
			continue
		}
		values[path] = value
	}
	if _, err := expect.Compile(monitor.Expect{JSON: values}); err != nil {
		l.refuse(node, "json", err)
	}
	return values
}

// cel compiles each expression once, however many endpoints share it.
func (l *loader) cel(node *yaml.Node) string {
	if node == nil {
		return ""
	}
	text, ok := l.prose(node, "cel", expect.MaxExpression)
	if !ok {
		return ""
	}
	err, known := l.compiled[text]
	if !known {
		_, err = expect.Compile(monitor.Expect{CEL: text})
		l.compiled[text] = err
	}
	if err != nil {
		l.refuse(node, "cel", err)
	}
	return text
}
