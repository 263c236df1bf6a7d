package auth

import (
	"net"
	"net/http"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Mode says how callers prove who they are.
type Mode string

// The modes.
const (
	None  Mode = "none"
	Token Mode = "token"
)

// Gate lets callers in or turns them away. The zero Gate turns everyone away.
type Gate struct {
	// Fresh is the token if this start made it, else "". Show it to the
	// operator once: it is not kept anywhere.
	Fresh string

	mode Mode
	hash [hashSize]byte // of the token
	host string         // that the process listens on
}

// Open returns the gate of a process that listens on addr (host:port). With
// mode token the token's hash lies in folder, and is made if it is missing.
// Invalid: the mode is not known, or the address may not be open to all.
func Open(mode Mode, addr, folder string) (Gate, error) {
	if err := CheckAddr(mode, addr); err != nil {
		return Gate{}, err
	}
	gate := Gate{mode: mode, host: hostOf(addr)}
	if mode == None {
		return gate, nil
	}
	var err error
	gate.Fresh, gate.hash, err = openToken(folder)
	return gate, err
}

// Require stands before what only principals may have: next sees the principal
// in the request's context, all others get 401.
func (g Gate) Require(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		principal, refusal := g.identify(r)
		if refusal != "" {
			g.challenge(w, r, refusal)
			return
		}
		next.ServeHTTP(w, r.WithContext(With(r.Context(), principal)))
	})
}

func (g Gate) identify(r *http.Request) (Principal, string) {
	switch g.mode {
	case None:
		return Principal{Subject: "anonymous", Auth: None, Role: Admin, Namespaces: []string{"*"}}, ""
	case Token:
		if refusal := g.checkToken(r); refusal != "" {
			return Principal{}, refusal
		}
		return Principal{Subject: "admin", Auth: Token, Role: Admin, Namespaces: []string{"*"}}, ""
	default:
		return Principal{}, "nobody may call this process: its gate was never opened"
	}
}

func (g Gate) challenge(w http.ResponseWriter, r *http.Request, refusal string) {
	challenge := `Bearer realm="monitor"`
	if r.Header.Get("Authorization") != "" {
		challenge += `, error="invalid_token"`
	}
	w.Header().Set("WWW-Authenticate", challenge)
	refuse(w, http.StatusUnauthorized, refusal)
}

// Local stands before everything of a process without authentication: requests
// whose Host header does not name this machine get 403. With a token it lets
// all through, since a web page elsewhere does not have the token.
func (g Gate) Local(next http.Handler) http.Handler {
	if g.mode == Token {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !g.knows(hostOf(r.Host)) {
			refuse(w, http.StatusForbidden, "without authentication this process answers only to localhost, not to the host name of this request")
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (g Gate) knows(host string) bool {
	switch host {
	case "":
		return false
	case "localhost", "127.0.0.1", "::1":
		return true
	default:
		return host == g.host
	}
}

// CheckAddr returns an Invalid error for an unknown mode, for what is no
// address, and for one that others could reach where the mode is none.
func CheckAddr(mode Mode, addr string) error {
	if _, _, err := net.SplitHostPort(addr); err != nil {
		return monitor.FieldErrorf("MONITOR_ADDR", "must be host:port such as 127.0.0.1:8080, got %q", addr)
	}
	switch mode {
	case Token:
		return nil
	case None:
		if loopback(hostOf(addr)) {
			return nil
		}
		return monitor.FieldErrorf("MONITOR_ADDR",
			"%q can be reached by others, and MONITOR_AUTH is none: listen on 127.0.0.1, or set MONITOR_AUTH=token", addr)
	default:
		return monitor.FieldErrorf("MONITOR_AUTH", "must be none or token, got %q", mode)
	}
}
