package config

import (
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

const (
	millisecond = monitor.Duration(time.Millisecond)
	second      = monitor.Duration(time.Second)
	day         = monitor.Duration(24 * time.Hour)

	maxName    = 200 // characters
	maxTag     = 100 // characters, of a tag's key and of its value
	maxTags    = 50
	maxInARow  = 100 // checks that after and recover may ask for
	usualInRow = 2
)

func (l *loader) endpoint(node *yaml.Node, namespace string, assumed defaults) {
	fields := l.fields(node, "an endpoint", "name", "id", "http", "interval", "timeout", "expect", "extract", "alert", "adaptive", "tags")
	if fields == nil {
		return
	}
	e := monitor.Endpoint{Namespace: namespace}
	e.Name, e.ID = l.names(node, fields["name"], fields["id"])
	e.Interval = l.duration(fields["interval"], "interval", monitor.Duration(monitor.MinInterval), monitor.Duration(monitor.MaxInterval), assumed.interval)
	e.Timeout = l.duration(fields["timeout"], "timeout", monitor.Duration(monitor.MinTimeout), monitor.Duration(monitor.MaxTimeout), assumed.timeout)
	e.HTTP = l.http(node, fields["http"], namespace)
	e.Expect = l.expect(fields["expect"], &e)
	e.NoExtract = !l.flag(fields["extract"], "extract", assumed.extract)
	e.Alert = l.alert(fields["alert"], namespace)
	e.Adaptive = l.adaptive(fields["adaptive"], assumed.adaptive)
	e.Tags = l.tags(fields["tags"])
	if e.ID == "" {
		return
	}
	at := place{l.file, node}
	if other, twice := l.endpoints[e.Key()]; twice {
		l.fault(node, "give one of them an id of its own", "the ID %s stands twice, first in %s:%d", e.Key(), other.at.file, other.at.node.Line)
		return
	}
	l.endpoints[e.Key()] = defined[monitor.Endpoint]{e, at}
}

// names returns the endpoint's name and ID; an empty ID says that it has none.
func (l *loader) names(node, name, id *yaml.Node) (string, string) {
	if name == nil {
		l.fault(node, "write name: …", "an endpoint needs a name")
		return "", ""
	}
	called, ok := l.text(name, "name", maxName)
	if !ok {
		return "", ""
	}
	if strings.TrimSpace(called) != called {
		l.fault(name, "", "name must not begin or end with a space")
		return "", ""
	}
	if id != nil {
		given, _ := l.id(id, "id")
		return called, given
	}
	return called, monitor.IDFromName(called)
}

func (l *loader) alert(node *yaml.Node, namespace string) monitor.Alert {
	alert := monitor.Alert{After: usualInRow, Recover: usualInRow, Confirm: monitor.ConfirmQuick}
	if node == nil {
		return alert
	}
	fields := l.fields(node, "alert", "after", "recover", "for", "confirm", "channels")
	alert.After = l.integer(fields["after"], "after", 1, maxInARow, usualInRow)
	alert.Recover = l.integer(fields["recover"], "recover", 1, maxInARow, usualInRow)
	alert.For = l.duration(fields["for"], "for", 0, day, 0)
	alert.Confirm = l.confirm(fields["confirm"])
	if fields["channels"] == nil {
		return alert
	}
	named := map[string]bool{}
	for _, item := range l.items(fields["channels"], "channels") {
		name, ok := l.id(item, "a channel's name")
		switch {
		case !ok:
		case named[name]:
			l.fault(item, "keep one of them", "channel %q is named twice", name)
		default:
			named[name] = true
			alert.Channels = append(alert.Channels, name)
			l.told = append(l.told, reference{namespace + "/" + name, place{l.file, item}})
		}
	}
	return alert
}

// adaptive returns what of the checks adapts to how the endpoint is: all does,
// unless something else is said.
func (l *loader) adaptive(node *yaml.Node, assumed monitor.Adaptive) monitor.Adaptive {
	if node == nil {
		return assumed
	}
	fields := l.fields(node, "adaptive", "timeout", "cadence")
	return monitor.Adaptive{
		FixedTimeout: !l.flag(fields["timeout"], "timeout", !assumed.FixedTimeout),
		FixedCadence: !l.flag(fields["cadence"], "cadence", !assumed.FixedCadence),
	}
}

// confirm returns how failures are confirmed: quickly, where nothing is said.
func (l *loader) confirm(node *yaml.Node) monitor.Confirmation {
	if node == nil {
		return monitor.ConfirmQuick
	}
	text, ok := l.text(node, "confirm", maxName)
	way := monitor.Confirmation(text)
	if ok && way != monitor.ConfirmQuick && way != monitor.ConfirmInterval {
		l.fault(node, "quick checks again soon after a failure, interval waits for the next check", "confirm must be quick or interval, got %q", clip(text))
	}
	return way
}

func (l *loader) tags(node *yaml.Node) map[string]string {
	if node == nil {
		return nil
	}
	tags := map[string]string{}
	pairs := l.pairs(node, "tags")
	if len(pairs) > maxTags {
		l.fault(node, "", "an endpoint may have %d tags at most, got %d", maxTags, len(pairs))
	}
	for _, pair := range pairs {
		key, ok := l.text(pair.key, "a tag's key", maxTag)
		if ok && strings.Contains(key, ":") {
			l.fault(pair.key, "", "a tag's key must not hold a colon, got %q", key)
			ok = false
		}
		if value, fine := l.text(pair.value, "a tag's value", maxTag); ok && fine {
			tags[key] = value
		}
	}
	return tags
}
