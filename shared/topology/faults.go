package topology

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// place is where something stands in the manifests.
type place struct {
	file string
	line int
}

type fault struct {
	place
	text string
}

type faults []fault

func (f faults) err() error {
	slices.SortStableFunc(f, func(a, b fault) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.line, b.line))
	})
	all := make([]error, 0, len(f))
	for _, one := range f {
		all = append(all, monitor.Errorf(monitor.Invalid, "%s:%d: %s", one.file, one.line, one.text))
	}
	return errors.Join(all...)
}

func (r *reader) at(node *yaml.Node) place {
	if node == nil {
		return place{r.file, 1}
	}
	return place{r.file, node.Line}
}

func (r *reader) fault(node *yaml.Node, format string, args ...any) {
	r.faultAt(r.at(node), format, args...)
}

func (r *reader) faultAt(where place, format string, args ...any) {
	r.faults = append(r.faults, fault{where, fmt.Sprintf(format, args...)})
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

func (r *reader) syntax(err error) {
	where := place{r.file, 1}
	if match := yamlLine.FindStringSubmatch(err.Error()); match != nil && match[1] != "" {
		where.line, _ = strconv.Atoi(match[1]) // digits only
	}
	r.faultAt(where, "is no YAML: %s", yamlLine.ReplaceAllString(err.Error(), ""))
}
