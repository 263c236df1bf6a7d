// Package functions_test holds the tests of the tree's structure: who may
// import whom, how long things may be, and whether the README tells the truth.
package functions_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const (
	root   = ".."
	module = "github.com/api-endpoint-monitor/monitor/"
)

// listed is a package as the go command sees it, with paths inside the module
// cut to what stands behind the module's own.
type listed struct {
	ImportPath   string
	Name         string
	Doc          string
	Dir          string
	GoFiles      []string
	Standard     bool
	Imports      []string
	TestImports  []string
	XTestImports []string
}

// tests returns what only the package's tests import.
func (p *listed) tests() []string {
	all := append(slices.Clone(p.TestImports), p.XTestImports...)
	slices.Sort(all)
	return slices.Compact(all)
}

func packages(t *testing.T) []listed {
	t.Helper()
	fields := "-json=ImportPath,Name,Doc,Dir,GoFiles,Imports,TestImports,XTestImports"
	var all []listed
	for _, p := range list(t, "-e", fields, "./...") {
		p.ImportPath = within(p.ImportPath)
		for _, imports := range [][]string{p.Imports, p.TestImports, p.XTestImports} {
			for i := range imports {
				imports[i] = within(imports[i])
			}
		}
		all = append(all, p)
	}
	return all
}

func standard(t *testing.T) map[string]bool {
	t.Helper()
	known := map[string]bool{"C": true}
	for _, p := range list(t, "-json=ImportPath", "std") {
		known[p.ImportPath] = true
	}
	return known
}

func list(t *testing.T, args ...string) []listed {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", append([]string{"list"}, args...)...)
	command.Dir = root
	out, err := command.Output()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		t.Fatalf("go list: %v\n%s", err, failed.Stderr)
	}
	if err != nil {
		t.Fatal(err)
	}
	var all []listed
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// within cuts the module's path off. Paths of ours then start with a folder of
// the tree, which no other module's path does.
func within(path string) string { return strings.TrimPrefix(path, module) }
