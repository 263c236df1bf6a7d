package functions_test

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestImports(t *testing.T) {
	t.Parallel()
	for _, fault := range breaches(packages(t), standard(t)) {
		t.Error(fault)
	}
}

func TestImportRules(t *testing.T) {
	t.Parallel()
	std := map[string]bool{"time": true}
	tests := map[string]struct {
		given listed
		want  []string
	}{
		"a function may not import its neighbour": {
			listed{ImportPath: "functions/probe", Imports: []string{"functions/store"}},
			[]string{"functions/probe may not import functions/store: a function knows neither its neighbours, nor its host, nor a driver, nor an outside service"},
		},
		"a function may not import its neighbour in a test either": {
			listed{ImportPath: "functions/probe", XTestImports: []string{"functions/store"}},
			[]string{"functions/probe may not import functions/store in a test: a function knows neither its neighbours, nor its host, nor a driver, nor an outside service"},
		},
		"a function may not import a driver, but its tests may": {
			listed{ImportPath: "functions/store", Imports: []string{"shared/storage/sqlite"}, XTestImports: []string{"shared/storage/sqlite"}},
			[]string{"functions/store may not import shared/storage/sqlite: a function knows neither its neighbours, nor its host, nor a driver, nor an outside service"},
		},
		"the domain may import the standard library alone": {
			listed{ImportPath: "shared/monitor", Imports: []string{"time", "github.com/google/uuid"}},
			[]string{"shared/monitor may not import github.com/google/uuid: decisions are pure: words and rules need nothing but the language"},
		},
		"shared code may not import a function": {
			listed{ImportPath: "shared/bus", Imports: []string{"functions/probe"}},
			[]string{"shared/bus may not import functions/probe: a host carries events and does not know what they mean"},
		},
		"a main may import its own verb, and no other": {
			listed{ImportPath: "functions/alert/cmd", Imports: []string{"functions/alert", "functions/store"}},
			[]string{"functions/alert/cmd may not import functions/store: a main wires its own function and no other"},
		},
		"the product may not import Knative's packages": {
			listed{ImportPath: "functions/standalone", Imports: []string{"knative.dev/eventing/pkg/apis"}},
			[]string{"functions/standalone may not import knative.dev/eventing/pkg/apis: only knative/verify, a module of its own, knows Knative's types"},
		},
		"a package without a rule is a fault": {
			listed{ImportPath: "internal/misc"},
			[]string{"internal/misc has no import rule: say in rules_test.go what it may import, and why"},
		},
		"standalone may import anything of ours": {
			listed{ImportPath: "functions/standalone", Imports: []string{"functions/probe", "shared/storage/sqlite", "time"}},
			nil,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, breaches([]listed{tt.given}, std)); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

// breaches returns one sentence for each import that breaks a rule.
func breaches(all []listed, std map[string]bool) []string {
	var faults []string
	for i := range all {
		p := &all[i]
		r, found := ruleOf(p.ImportPath)
		if !found {
			faults = append(faults, p.ImportPath+" has no import rule: say in rules_test.go what it may import, and why")
			continue
		}
		faults = append(faults, r.breaches(p, std)...)
	}
	return faults
}

func (r rule) breaches(p *listed, std map[string]bool) []string {
	var faults []string
	fault := func(imported, where, why string) {
		faults = append(faults, fmt.Sprintf("%s may not import %s%s: %s", p.ImportPath, imported, where, why))
	}
	for _, imported := range p.Imports {
		switch {
		case std[imported]:
		case strings.HasPrefix(imported, "knative.dev/"):
			fault(imported, "", "only knative/verify, a module of its own, knows Knative's types")
		case !r.allows(p.ImportPath, imported):
			fault(imported, "", r.why)
		}
	}
	for _, imported := range p.tests() {
		if isOurs(imported) && !r.allows(p.ImportPath, imported) && !matchesAny(r.tests, p.ImportPath, imported) {
			fault(imported, " in a test", r.why)
		}
	}
	return faults
}

func (r rule) allows(from, imported string) bool {
	if isOurs(imported) {
		return matchesAny(r.ours, from, imported)
	}
	return slices.ContainsFunc(r.outside, func(start string) bool {
		return start == anything || imported == start || strings.HasPrefix(imported, start+"/")
	})
}

func ruleOf(p string) (rule, bool) {
	all := rules()
	i := slices.IndexFunc(all, func(r rule) bool { return matches(r.of, p) })
	if i < 0 {
		return rule{}, false
	}
	return all[i], true
}

// matchesAny tells whether one of the patterns fits; <self> in them is the
// importing package without its last element if that is cmd.
func matchesAny(patterns []string, from, imported string) bool {
	self := strings.TrimSuffix(from, "/cmd")
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		return matches(strings.ReplaceAll(pattern, "<self>", self), imported)
	})
}

func matches(pattern, p string) bool {
	if pattern == anything {
		return true
	}
	if start, found := strings.CutSuffix(pattern, "/..."); found {
		return strings.HasPrefix(p, start+"/")
	}
	ok, err := path.Match(pattern, p)
	return err == nil && ok
}

func isOurs(p string) bool {
	first, _, _ := strings.Cut(p, "/")
	return slices.Contains([]string{"functions", "shared", "knative", "frontend", "scripts"}, first)
}
