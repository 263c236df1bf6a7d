package look

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// way is where a connection leads, and on what terms. Two looks with the same
// way may share their connections.
type way struct {
	origin  string // host:port that the URL names
	address string // host:port to connect to
	host    string // that its certificate must be for
	secure  bool
	terms   [sha256.Size]byte // of what is asked of the proxy and of TLS; zero: nothing
}

// route is how connections for an endpoint are made.
type route struct {
	way
	revision int64
	agree    *tls.Config // on TLS with the origin; nil: as with any host
	proxy    *monitor.Proxy
	proxyURL *url.URL
	proxyAt  string // host:port
}

// wayOf returns where a URL leads, as net/http goes there.
func wayOf(u *url.URL) way {
	host, port := u.Hostname(), u.Port()
	if strings.ContainsFunc(host, func(r rune) bool { return r >= utf8.RuneSelf }) {
		if ascii, err := idna.Lookup.ToASCII(host); err == nil {
			host = ascii
		}
	}
	if port == "" {
		port = "80"
		if u.Scheme == "https" {
			port = "443"
		}
	}
	at := net.JoinHostPort(host, port)
	return way{origin: at, address: at, host: host, secure: u.Scheme == "https"}
}

// lead has the line go where the request wants. Connections and sessions that
// were made for another way are given up. The error is Invalid, where the
// certificates of the definition are none.
func (h *HTTP) lead(l *line, to *url.URL, r *Request) error {
	if l.route != nil && r.Revision != 0 && l.route.revision == r.Revision {
		return nil
	}
	next := wayOf(to)
	next.terms = termsOf(r)
	if r.Address != "" {
		next.address = r.Address
	}
	if r.TLS != nil && r.TLS.ServerName != "" {
		next.host = r.TLS.ServerName
	}
	if l.route != nil && l.route.way == next {
		l.route.revision = r.Revision
		return nil
	}
	agree, err := h.agreement(r.TLS)
	if err != nil {
		return err
	}
	l.close()
	l.connected, l.shaken, l.sessions = time.Time{}, time.Time{}, nil
	l.route = &route{way: next, revision: r.Revision, agree: agree}
	if r.Proxy != nil {
		l.route.goThrough(r.Proxy)
	}
	return nil
}

func (to *route) goThrough(proxy *monitor.Proxy) {
	at := &url.URL{Scheme: "http", Host: proxy.Address}
	if proxy.Secure {
		at.Scheme = "https"
	}
	if proxy.User != "" {
		at.User = url.UserPassword(proxy.User, proxy.Password)
	}
	to.proxy, to.proxyURL, to.proxyAt = proxy, at, wayOf(at).address
}

// termsOf tells the terms of requests apart without keeping what is secret in
// them.
func termsOf(r *Request) [sha256.Size]byte {
	if r.Proxy == nil && r.TLS == nil {
		return [sha256.Size]byte{}
	}
	var texts []string
	if r.Proxy != nil {
		texts = append(texts, "proxy", strconv.FormatBool(r.Proxy.Secure), r.Proxy.Address, r.Proxy.User, r.Proxy.Password)
	}
	if r.TLS != nil {
		texts = append(texts, "tls", r.TLS.CA, r.TLS.Certificate, r.TLS.Key, r.TLS.ServerName)
	}
	hash := sha256.New()
	for _, text := range texts {
		_, _ = hash.Write(binary.BigEndian.AppendUint64(nil, uint64(len(text))))
		_, _ = hash.Write([]byte(text))
	}
	return [sha256.Size]byte(hash.Sum(nil))
}

// config returns how TLS is agreed on at host:port, which the way may have an
// opinion of. It is the caller's.
func (h *HTTP) config(to *route, address string) *tls.Config {
	if address == to.origin {
		if to.agree == nil {
			return h.tlsFor(to.host)
		}
		config := to.agree.Clone()
		config.ServerName = to.host
		return config
	}
	host, _, _ := net.SplitHostPort(address) // it is refused by dial as well
	return h.tlsFor(host)
}
