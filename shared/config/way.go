package config

import (
	"net"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// maxPEM is the most characters of certificates; a definition must fit one event.
const maxPEM = 64 << 10

// way reads how connections to the endpoint are made, where it is not as usual.
func (l *loader) way(fields map[string]*yaml.Node, namespace string, request *monitor.HTTP) {
	if fields["proxy"] != nil {
		request.Proxy = l.proxy(fields["proxy"], namespace)
	}
	if node := fields["tls"]; node != nil {
		request.TLS = l.tls(node, namespace)
		if scheme, _, _ := strings.Cut(request.URL, ":"); strings.EqualFold(scheme, "http") {
			l.fault(node, "use https, or leave it out", "an http url has no tls")
		}
	}
	if node := fields["address"]; node != nil {
		request.Address = l.address(node)
		if fields["proxy"] != nil {
			l.fault(node, "leave one of them out", "address and proxy exclude each other: it is the proxy that would connect")
		}
	}
}

// onlySecrets is what holds references and nothing else.
var onlySecrets = regexp.MustCompile(`^(\$\{[A-Z][A-Z0-9_]*\})+$`)

// proxy reads a proxy, whose password is a secret.
func (l *loader) proxy(node *yaml.Node, namespace string) string {
	text, ok := l.text(node, "proxy", maxURL)
	if !ok {
		return ""
	}
	proxy, err := monitor.ParseProxy(text)
	switch {
	case err != nil:
		l.refuse(node, "proxy", err)
	case strings.Contains(proxy.Address, "$"):
		l.fault(node, "use a reference for its user and password only", "proxy is shown to people: its address cannot hold a secret")
	case proxy.Password != "" && !onlySecrets.MatchString(proxy.Password):
		l.fault(node, "write ${NAME} in its place", "the password of proxy must be a secret reference")
	default:
		l.secrets(node, namespace, proxy.User+proxy.Password)
		return text
	}
	return ""
}

func (l *loader) tls(node *yaml.Node, namespace string) *monitor.TLS {
	fields := l.fields(node, "tls", "ca", "certificate", "key", "server_name")
	if fields == nil {
		return nil
	}
	out := monitor.TLS{
		CA:          l.certificates(fields["ca"], "ca", namespace),
		Certificate: l.certificates(fields["certificate"], "certificate", namespace),
		Key:         l.key(fields["key"], namespace),
		ServerName:  l.serverName(fields["server_name"]),
	}
	switch {
	case fields["key"] != nil && fields["certificate"] == nil:
		l.fault(fields["key"], "write certificate: ${NAME} beside it", "key needs the certificate that it belongs to")
	case fields["certificate"] != nil && fields["key"] == nil:
		l.fault(fields["certificate"], "write key: ${NAME} beside it", "certificate needs its key")
	}
	return &out
}

// certificates reads certificates in PEM, or the secrets that hold them, which
// are looked at when they are used.
func (l *loader) certificates(node *yaml.Node, what, namespace string) string {
	if node == nil {
		return ""
	}
	text, ok := l.prose(node, what, maxPEM)
	if !ok {
		return ""
	}
	if strings.Contains(text, "PRIVATE KEY-----") {
		l.fault(node, "give it by key: ${NAME}", "%s must not hold a private key", what)
		return ""
	}
	if strings.Contains(text, "${") {
		if !onlySecrets.MatchString(strings.TrimSpace(text)) {
			l.fault(node, "", "%s must be PEM or a secret reference, not both", what)
			return ""
		}
		text = strings.TrimSpace(text)
		l.secrets(node, namespace, text)
		return text
	}
	if _, err := monitor.CertificatesIn(text); err != nil {
		l.refuse(node, what, err)
	}
	return text
}

// key reads a private key, which only ever is a secret. What stands in its
// place is not repeated.
func (l *loader) key(node *yaml.Node, namespace string) string {
	if node == nil {
		return ""
	}
	text, ok := l.prose(node, "key", maxPEM)
	if text = strings.TrimSpace(text); ok && !onlySecrets.MatchString(text) {
		l.fault(node, "write ${NAME}, and put the key into that secret", "key must be a secret reference")
		return ""
	}
	l.secrets(node, namespace, text)
	return text
}

func (l *loader) serverName(node *yaml.Node) string {
	if node == nil {
		return ""
	}
	name, ok := l.text(node, "server_name", 253)
	if ok && net.ParseIP(name) == nil && !hostName.MatchString(name) {
		l.fault(node, "write it without scheme and port", "server_name must be the name of a host or an IP address, got %q", clip(name))
	}
	return name
}

var hostName = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*$`)

func (l *loader) address(node *yaml.Node) string {
	text, ok := l.text(node, "address", 300)
	if !ok {
		return ""
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil || net.ParseIP(host) == nil && !hostName.MatchString(host) || !monitor.ValidPort(port) {
		l.fault(node, "write for example 10.0.0.7:8443 or [fd00::7]:8443", "address must be host:port, got %q", clip(text))
	}
	return text
}
