package secret

import (
	"regexp"
	"strings"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

var namePattern = regexp.MustCompile(`^[A-Z][A-Z0-9_]{0,99}$`)

// Names returns the names of the secrets that the text refers to, each once,
// in order of appearance. Text with a malformed reference is Invalid.
func Names(text string) ([]string, error) {
	var names []string
	seen := map[string]bool{}
	_, err := expand(text, func(name string) (string, error) {
		if !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
		return "", nil
	})
	return names, err
}

// expand replaces every reference in the text by what lookup says.
func expand(text string, lookup func(name string) (string, error)) (string, error) {
	if !strings.Contains(text, "$") {
		return text, nil
	}
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, "$")
		out.WriteString(before)
		switch {
		case !found:
			return out.String(), nil
		case strings.HasPrefix(rest, "$"):
			out.WriteByte('$')
			text = rest[1:]
		case strings.HasPrefix(rest, "{"):
			name, after, err := reference(rest[1:])
			if err != nil {
				return "", err
			}
			value, err := lookup(name)
			if err != nil {
				return "", err
			}
			out.WriteString(value)
			text = after
		default:
			out.WriteByte('$')
			text = rest
		}
	}
}

// reference reads NAME} and returns the name and what follows.
func reference(text string) (name, rest string, err error) {
	name, rest, closed := strings.Cut(text, "}")
	if !closed {
		return "", "", monitor.Errorf(monitor.Invalid,
			"a ${ is not closed: write ${NAME} for a secret, or $${ to mean it literally")
	}
	if !namePattern.MatchString(name) {
		return "", "", monitor.Errorf(monitor.Invalid,
			"a ${…} names no secret: write ${NAME} with A-Z, 0-9 and _ only (at most 100), or $${ to mean it literally")
	}
	return name, rest, nil
}
