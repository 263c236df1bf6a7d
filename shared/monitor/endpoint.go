package monitor

import (
	"cmp"
	"encoding/hex"
	"hash/fnv"
	"regexp"
	"strings"
	"time"
)

// The bounds of what an endpoint may ask for.
const (
	MinInterval = 100 * time.Millisecond
	MaxInterval = 24 * time.Hour
	MinTimeout  = 10 * time.Millisecond
	MaxTimeout  = 60 * time.Second
)

// Endpoint is an address that is watched, and how. Headers, bodies, proxies and
// what TLS needs hold secrets as references (${NAME}) only.
type Endpoint struct {
	Namespace string            `json:"namespace"`
	ID        string            `json:"id"`   // within the namespace; assigned once, survives renames
	Name      string            `json:"name"` // for people; may change
	HTTP      HTTP              `json:"http"`
	Interval  Duration          `json:"interval"`
	Timeout   Duration          `json:"timeout"`
	Expect    Expect            `json:"expect"`
	Alert     Alert             `json:"alert"`
	Adaptive  Adaptive          `json:"adaptive,omitzero"`
	NoExtract bool              `json:"no_extract,omitempty"` // nothing of its answers' bodies is kept in extracts
	Tags      map[string]string `json:"tags,omitempty"`
	Revision  int64             `json:"revision,omitempty"` // of the catalog, when this definition came into force
}

// HTTP is one request.
type HTTP struct {
	URL       string            `json:"url"`
	Method    string            `json:"method"`
	Headers   map[string]string `json:"headers,omitempty"`
	Body      string            `json:"body,omitempty"`
	Redirects int               `json:"redirects"`         // followed at most; 0 takes the first answer as it is
	Proxy     string            `json:"proxy,omitempty"`   // URL of the proxy that requests go through; see ParseProxy
	TLS       *TLS              `json:"tls,omitempty"`     // how TLS is agreed on with the URL's host; nil: as usual
	Address   string            `json:"address,omitempty"` // host:port to connect to in place of the URL's
}

// Alert says when an endpoint counts as down and as up again, and who is told.
type Alert struct {
	After    int          `json:"after"`         // failing checks in a row until down, at least 1
	Recover  int          `json:"recover"`       // good checks in a row until up again, at least 1
	For      Duration     `json:"for,omitempty"` // the shortest failing time until down
	Confirm  Confirmation `json:"confirm,omitempty"`
	Channels []string     `json:"channels,omitempty"`
}

// Confirmation says how it is found out whether a first failure lasts. The zero
// value is ConfirmInterval.
type Confirmation string

// The ways to confirm a failure.
const (
	ConfirmInterval Confirmation = "interval" // the checks that are due anyway
	ConfirmQuick    Confirmation = "quick"    // further checks soon after it, up to after of them in a row
)

// Key is the endpoint's ID in events, keys and hashes: namespace/id.
func (e Endpoint) Key() string { return e.Namespace + "/" + e.ID }

// NamespaceOf returns the namespace of an endpoint's key.
func NamespaceOf(key string) string {
	namespace, _, _ := strings.Cut(key, "/")
	return namespace
}

var idPattern = regexp.MustCompile(`^[a-z0-9._-]{1,100}$`)

// ValidID tells whether the text can be an endpoint's ID, a namespace or a
// channel's name: 1 to 100 of a-z, 0-9, dot, underscore and hyphen, but not "."
// or "..", which paths do not survive.
func ValidID(text string) bool { return text != "." && text != ".." && idPattern.MatchString(text) }

// IDFromName returns the ID of an endpoint that was given none: its name if
// that fits, else a slug of it with eight hexadecimal digits of its hash.
func IDFromName(name string) string {
	if ValidID(name) {
		return name
	}
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(name))
	digits := hex.EncodeToString(hash.Sum(nil))
	slug := strings.Trim(strings.Map(slugRune, strings.ToLower(name)), "-")
	if len(slug) > 90 {
		slug = slug[:90]
	}
	return strings.Trim(cmp.Or(slug, "endpoint"), "-") + "-" + digits
}

func slugRune(r rune) rune {
	switch {
	case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.', r == '_', r == '-':
		return r
	case r == ' ', r == '/', r == ':':
		return '-'
	default:
		return -1
	}
}
