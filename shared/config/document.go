package config

import (
	"go.yaml.in/yaml/v3"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// defaults hold for the endpoints of one document.
type defaults struct {
	interval monitor.Duration
	timeout  monitor.Duration
	extract  bool
	adaptive monitor.Adaptive
}

func (l *loader) document(root *yaml.Node) {
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		l.empty(root.Line)
		return
	}
	fields := l.fields(root, "the document", "namespace", "defaults", "channels", "endpoints")
	namespace := "default"
	if node := fields["namespace"]; node != nil {
		if id, ok := l.id(node, "namespace"); ok {
			namespace = id
		}
	}
	assumed := l.defaults(fields["defaults"])
	if node := fields["channels"]; node != nil {
		for _, item := range l.items(node, "channels") {
			l.channel(item, namespace)
		}
	}
	if node := fields["endpoints"]; node != nil {
		for _, item := range l.items(node, "endpoints") {
			l.endpoint(item, namespace, assumed)
		}
	}
}

func (l *loader) defaults(node *yaml.Node) defaults {
	assumed := defaults{interval: 10 * second, timeout: 5 * second, extract: true}
	if node == nil {
		return assumed
	}
	fields := l.fields(node, "defaults", "interval", "timeout", "extract", "adaptive")
	return defaults{
		interval: l.duration(fields["interval"], "interval", monitor.Duration(monitor.MinInterval), monitor.Duration(monitor.MaxInterval), assumed.interval),
		timeout:  l.duration(fields["timeout"], "timeout", monitor.Duration(monitor.MinTimeout), monitor.Duration(monitor.MaxTimeout), assumed.timeout),
		extract:  l.flag(fields["extract"], "extract", assumed.extract),
		adaptive: l.adaptive(fields["adaptive"], assumed.adaptive),
	}
}
