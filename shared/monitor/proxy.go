package monitor

import (
	"net"
	"net/url"
	"strconv"
	"strings"
)

// Proxy is an HTTP proxy.
type Proxy struct {
	Secure   bool   // it is spoken to over TLS
	Address  string // host:port
	User     string // "": it asks for no credentials
	Password string
}

// ParseProxy reads the URL of a proxy, http://user:password@host:port or https://….
// User and password may be or hold references to secrets, which stay as they are;
// other characters in them may be escaped as in any URL. The error is Invalid.
func ParseProxy(text string) (Proxy, error) {
	scheme, rest, found := strings.Cut(text, "://")
	if scheme = strings.ToLower(scheme); !found || scheme != "http" && scheme != "https" {
		return Proxy{}, Errorf(Invalid, "it must begin with http:// or https://")
	}
	proxy := Proxy{Secure: scheme == "https"}
	at := strings.LastIndexByte(rest, '@')
	if at >= 0 {
		user, password, _ := strings.Cut(rest[:at], ":")
		var first, second error
		proxy.User, first = url.PathUnescape(user)
		proxy.Password, second = url.PathUnescape(password)
		if first != nil || second != nil || user == "" {
			return Proxy{}, Errorf(Invalid, "write its credentials as user:${PASSWORD}@, and %% in them as %%25")
		}
	}
	parsed, err := url.Parse(scheme + "://" + strings.TrimSuffix(rest[at+1:], "/"))
	if err != nil || parsed.Hostname() == "" || parsed.Path+parsed.RawQuery+parsed.Fragment != "" {
		return Proxy{}, Errorf(Invalid, "it must be a host and a port, as in http://proxy.example:3128")
	}
	port := parsed.Port()
	switch {
	case port == "" && proxy.Secure:
		port = "443"
	case port == "":
		port = "80"
	}
	if !ValidPort(port) {
		return Proxy{}, Errorf(Invalid, "its port must be 1 to 65535, got %s", port)
	}
	proxy.Address = net.JoinHostPort(parsed.Hostname(), port)
	return proxy, nil
}

// ValidPort tells whether the text is the number of a port that can be
// connected to.
func ValidPort(text string) bool {
	port, err := strconv.Atoi(text)
	return err == nil && port >= 1 && port <= 65535
}

// Host returns the host that looks at the endpoint go to, in small letters and
// without its port: the proxy's, where there is one, or else the URL's.
func (h *HTTP) Host() string {
	_, authority, _ := strings.Cut(h.URL, "://")
	if h.Proxy != "" {
		_, authority, _ = strings.Cut(h.Proxy, "://")
		authority = authority[strings.LastIndexByte(authority, '@')+1:]
	}
	if end := strings.IndexAny(authority, "/?#"); end >= 0 {
		authority = authority[:end]
	}
	authority = authority[strings.LastIndexByte(authority, '@')+1:]
	if colon := strings.LastIndexByte(authority, ':'); colon > strings.LastIndexByte(authority, ']') {
		authority = authority[:colon]
	}
	return strings.ToLower(authority)
}
