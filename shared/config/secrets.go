package config

import (
	"go.yaml.in/yaml/v3"

	"github.com/api-endpoint-monitor/monitor/shared/secret"
)

// secrets checks the references of a text and returns their names.
func (l *loader) secrets(node *yaml.Node, namespace, text string) []string {
	names, err := secret.Names(text)
	if err != nil {
		l.refuse(node, "secret reference", err)
		return nil
	}
	if l.resolves == nil {
		return names
	}
	for _, name := range names {
		if err := l.resolves(namespace, name); err != nil {
			l.refuse(node, "secret", err)
		}
	}
	return names
}
