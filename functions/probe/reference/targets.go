package reference

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// MaxTargets is how many reference targets there may be.
const MaxTargets = 8

// Target is something that a prober can reach while its network works.
type Target struct{ Host, Port string }

// String returns host:port.
func (t Target) String() string { return net.JoinHostPort(t.Host, t.Port) }

// named tells whether the host is a name, which must be resolved.
func (t Target) named() bool {
	_, err := netip.ParseAddr(t.Host)
	return err != nil
}

// Parse reads targets, each host:port or a URL. The error is Invalid and names
// every one that is neither.
func Parse(texts []string) ([]Target, error) {
	var targets []Target
	var faults []error
	for _, text := range texts {
		text = strings.TrimSpace(text)
		target, ok := parse(text)
		if !ok {
			faults = append(faults, monitor.FieldErrorf("MONITOR_REFERENCES", "must be host:port or an http:// or https:// URL, got %q", text))
			continue
		}
		targets = append(targets, target)
	}
	if len(texts) > MaxTargets {
		faults = append(faults, monitor.FieldErrorf("MONITOR_REFERENCES", "must be %d targets at most, got %d", MaxTargets, len(texts)))
	}
	return targets, errors.Join(faults...)
}

func parse(text string) (Target, bool) {
	if strings.Contains(text, "://") {
		at, err := url.Parse(text)
		if err != nil || at.Scheme != "http" && at.Scheme != "https" {
			return Target{}, false
		}
		port := at.Port()
		if port == "" {
			port = map[string]string{"http": "80", "https": "443"}[at.Scheme]
		}
		return valid(at.Hostname(), port)
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return Target{}, false
	}
	return valid(host, port)
}

func valid(host, port string) (Target, bool) {
	number, err := strconv.ParseUint(port, 10, 16)
	return Target{host, port}, err == nil && number > 0 && host != "" && !strings.ContainsAny(host, " /@")
}
