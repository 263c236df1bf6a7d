package config

import (
	"net/url"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

const (
	maxURL         = 2048      // characters
	maxHeader      = 8 << 10   // characters of a header's value
	maxHeaders     = 50        //
	maxBody        = 128 << 10 // characters; a definition must fit one event
	maxRedirects   = 10
	usualRedirects = 5
)

func methods() []string {
	return []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
}

func (l *loader) http(endpoint, node *yaml.Node, namespace string) monitor.HTTP {
	if node == nil {
		l.fault(endpoint, "write http: {url: …}", "an endpoint needs http")
		return monitor.HTTP{}
	}
	fields := l.fields(node, "http", "url", "method", "headers", "body", "redirects", "proxy", "tls", "address")
	request := monitor.HTTP{
		Method:    l.method(fields["method"]),
		Headers:   l.headers(fields["headers"], namespace),
		Redirects: l.integer(fields["redirects"], "redirects", 0, maxRedirects, usualRedirects),
	}
	if fields["url"] == nil {
		l.fault(node, "write url: https://…", "http needs a url")
	} else if text, ok := l.text(fields["url"], "url", maxURL); ok {
		request.URL = text
		if strings.Contains(text, "${") {
			l.fault(fields["url"], "put it into a header or the body", "url is shown to people: it cannot hold a secret")
		} else {
			l.url(fields["url"], text)
		}
	}
	if fields["body"] != nil {
		if text, ok := l.prose(fields["body"], "body", maxBody); ok {
			request.Body = text
			l.secrets(fields["body"], namespace, text)
		}
	}
	l.way(fields, namespace, &request)
	return request
}

func (l *loader) method(node *yaml.Node) string {
	if node == nil {
		return "GET"
	}
	text, ok := l.text(node, "method", 20)
	if ok && !slices.Contains(methods(), text) {
		l.fault(node, "", "method must be one of %s, got %q", strings.Join(methods(), ", "), text)
	}
	return text
}

// url checks an address without secrets.
func (l *loader) url(node *yaml.Node, text string) {
	parsed, err := url.Parse(text)
	switch {
	case err != nil || strings.ContainsAny(text, " \\"):
		l.fault(node, "", "url %q is not valid", text)
	case parsed.Scheme != "http" && parsed.Scheme != "https":
		l.fault(node, "", "url must begin with http:// or https://, got %q", text)
	case parsed.Hostname() == "":
		l.fault(node, "", "url names no host, got %q", text)
	case parsed.User != nil:
		l.fault(node, "use the header Authorization with a secret reference", "url must not hold a user or a password")
	case parsed.Fragment != "":
		l.fault(node, "leave it out", "the part behind # of a url is never sent")
	case parsed.Port() != "" && !monitor.ValidPort(parsed.Port()):
		l.fault(node, "", "the port of url must be 1 to 65535, got %s", parsed.Port())
	}
}

func (l *loader) headers(node *yaml.Node, namespace string) map[string]string {
	if node == nil {
		return nil
	}
	headers := map[string]string{}
	pairs := l.pairs(node, "headers")
	if len(pairs) > maxHeaders {
		l.fault(node, "", "there may be %d headers at most, got %d", maxHeaders, len(pairs))
	}
	seen := map[string]bool{}
	for _, pair := range pairs {
		name := pair.key.Value
		value, ok := l.text(pair.value, "the value of header "+clip(name), maxHeader)
		switch lower := strings.ToLower(name); {
		case !validToken(name):
			l.fault(pair.key, "", "%q is no name of a header", clip(name))
		case lower == "content-length" || lower == "transfer-encoding" || lower == "connection":
			l.fault(pair.key, "leave it out", "header %s is set by the client itself", name)
		case seen[lower]:
			l.fault(pair.key, "keep one of them", "header %s stands twice: their case does not matter", name)
		case ok:
			seen[lower] = true
			headers[name] = value
			l.secrets(pair.value, namespace, value)
		}
	}
	return headers
}

// validToken tells whether the text is a token (RFC 9110, section 5.6.2).
func validToken(text string) bool {
	for _, r := range text {
		letter := r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && !strings.ContainsRune("!#$%&'*+-.^_`|~", r) {
			return false
		}
	}
	return text != "" && len(text) <= 100
}
