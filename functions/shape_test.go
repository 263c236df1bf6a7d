package functions_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The lengths that nothing may pass, in lines.
const (
	maxFile       = 400
	maxFunction   = 60
	maxTypeScript = 200
	maxReadme     = 250
	maxMain       = 30
)

func TestShape(t *testing.T) {
	t.Parallel()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return skip(entry.Name())
		}
		source, err := readSource(path)
		if err != nil {
			return err
		}
		for _, fault := range misshapes(filepath.ToSlash(path[len(root)+1:]), source) {
			t.Error(fault)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestShapeRules(t *testing.T) {
	t.Parallel()
	lines := func(n int) string { return strings.Repeat("\n", n) }
	tests := map[string]struct {
		path, source string
		want         []string
	}{
		"a file of 400 lines will do": {
			"a.go", "package a" + lines(400), nil,
		},
		"a file of 401 lines is too long": {
			"a.go", "package a" + lines(401), []string{"a.go has 401 lines, 400 at most: split it by idea"},
		},
		"a test's file may not be longer either": {
			"a_test.go", "package a" + lines(401), []string{"a_test.go has 401 lines, 400 at most: split it by idea"},
		},
		"a function of 60 lines will do": {
			"a.go", "package a\nfunc f() {" + lines(59) + "}\n", nil,
		},
		"a function of 61 lines is too long": {
			"a.go", "package a\nfunc f() {" + lines(60) + "}\n", []string{"a.go:2: f has 61 lines, 60 at most: split it by step"},
		},
		"a test's function may be longer: its table is data": {
			"a_test.go", "package a\nfunc f() {" + lines(60) + "}\n", nil,
		},
		"a function that only returns a table may be longer: it is data": {
			"a.go", "package a\nfunc f() []int { return []int{" + lines(60) + "} }\n", nil,
		},
		"init runs behind the reader's back": {
			"a.go", "package a\nfunc init() {}\n", []string{"a.go:2: init() hides work behind an import: let a caller do it"},
		},
		"a method may be called init": {
			"a.go", "package a\nfunc (t) init() {}\n", nil,
		},
		"a main only wires": {
			"functions/probe/cmd/main.go", "package main" + lines(31),
			[]string{"functions/probe/cmd/main.go has 31 lines, 30 at most: a main only wires"},
		},
		"a component of 201 lines is too long": {
			"frontend/src/app.tsx", lines(201), []string{"frontend/src/app.tsx has 201 lines, 200 at most: split it by idea"},
		},
		"a README of 251 lines is too long": {
			"README.md", lines(251), []string{"README.md has 251 lines, 250 at most: say less"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, misshapes(tt.path, []byte(tt.source))); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPackageComments(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		opening := "Package " + p.Name + " "
		if p.Name == "main" {
			opening = "Command "
		}
		if len(p.GoFiles) > 0 && !strings.HasPrefix(p.Doc, opening) {
			t.Errorf("%s has no package comment that starts with %q: say in one sentence what it is for", p.ImportPath, opening)
		}
	}
}

func skip(folder string) error {
	switch folder {
	case "node_modules", "dist", ".git", ".task", "bin", "data", "testdata":
		return fs.SkipDir
	}
	return nil
}

// readSource returns what stands in a file that has a shape to keep, else nothing.
func readSource(path string) ([]byte, error) {
	switch filepath.Ext(path) {
	case ".go", ".ts", ".tsx", ".md":
		return os.ReadFile(path)
	}
	return nil, nil
}

// misshapes returns one sentence for each rule of shape that the file breaks.
func misshapes(path string, source []byte) []string {
	var faults []string
	count := strings.Count(string(source), "\n")
	limit, advice := limits(path)
	if limit > 0 && count > limit && !generated(source) {
		faults = append(faults, fmt.Sprintf("%s has %d lines, %d at most: %s", path, count, limit, advice))
	}
	if strings.HasSuffix(path, ".go") {
		faults = append(faults, misshapenFunctions(path, source)...)
	}
	return faults
}

func limits(path string) (lines int, advice string) {
	switch {
	case strings.HasPrefix(path, "functions/") && strings.HasSuffix(path, "/cmd/main.go"):
		return maxMain, "a main only wires"
	case strings.HasSuffix(path, ".go"):
		return maxFile, "split it by idea"
	case strings.HasPrefix(path, "frontend/") && !strings.HasSuffix(path, ".md"):
		return maxTypeScript, "split it by idea"
	case path == "README.md":
		return maxReadme, "say less"
	default:
		return 0, ""
	}
}

// generated tells whether the file's first lines say that a program wrote it.
func generated(source []byte) bool {
	head := source[:min(len(source), 300)]
	return strings.Contains(string(head), "generated")
}

func misshapenFunctions(path string, source []byte) []string {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, source, parser.SkipObjectResolution)
	if err != nil {
		return []string{err.Error()}
	}
	var faults []string
	for _, declared := range file.Decls {
		f, ok := declared.(*ast.FuncDecl)
		if !ok {
			continue
		}
		first, last := files.Position(f.Pos()).Line, files.Position(f.End()).Line
		if f.Name.Name == "init" && f.Recv == nil {
			faults = append(faults, fmt.Sprintf("%s:%d: init() hides work behind an import: let a caller do it", path, first))
		}
		if lines := last - first + 1; lines > maxFunction && !strings.HasSuffix(path, "_test.go") && !table(f) {
			faults = append(faults, fmt.Sprintf("%s:%d: %s has %d lines, %d at most: split it by step", path, first, f.Name.Name, lines, maxFunction))
		}
	}
	return faults
}

// table tells whether the function does no more than return one literal.
func table(f *ast.FuncDecl) bool {
	if f.Body == nil || len(f.Body.List) != 1 {
		return false
	}
	returned, ok := f.Body.List[0].(*ast.ReturnStmt)
	if !ok || len(returned.Results) != 1 {
		return false
	}
	_, ok = returned.Results[0].(*ast.CompositeLit)
	return ok
}
