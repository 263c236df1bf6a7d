// Command sabotage breaks the product on purpose, one promise at a time, and
// checks that a test goes red each time. It changes no file: the broken source
// is handed to the compiler as an overlay.
//
// It prints one line a fault and ends with status 1 if any of them goes
// unnoticed, no longer fits the source, or does not compile.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	only := flag.String("only", "", "run the faults whose name contains this text")
	flag.Parse()
	failed := 0
	for _, f := range faults() {
		if !strings.Contains(f.Name, *only) {
			continue
		}
		verdict, err := f.commit(context.Background())
		if err != nil {
			failed++
			fmt.Printf("NOT NOTICED  %s: %v\n", f.Name, err)
			continue
		}
		fmt.Printf("noticed      %s: %s\n", f.Name, verdict)
	}
	if failed > 0 {
		fmt.Printf("%d faults were not noticed\n", failed)
		os.Exit(1)
	}
}

// fault is one promise taken away: in File, the only Old becomes New, and a
// test of Package that matches Run must fail.
type fault struct {
	Name    string
	File    string // from the root of the repository
	Old     string
	New     string
	Package string
	Run     string
}

// commit runs the tests over the broken source and names the test that failed.
func (f fault) commit(ctx context.Context) (string, error) {
	dir, err := os.MkdirTemp("", "sabotage")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	overlay, err := f.overlay(dir)
	if err != nil {
		return "", err
	}
	args := []string{"test", "-count=1", "-timeout=5m", "-overlay=" + overlay, "-run=" + f.Run, f.Package}
	if usesRapid(f.Package) {
		args = append(args, "-rapid.nofailfile")
	}
	output, err := exec.CommandContext(ctx, "go", args...).CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return "", errors.New("all tests passed")
	case !errors.As(err, &exit):
		return "", err
	case strings.Contains(string(output), "[build failed]") || strings.Contains(string(output), "[setup failed]"):
		return "", fmt.Errorf("the broken source does not compile:\n%s", output)
	}
	return firstFailure(string(output)), nil
}

// overlay writes the broken file and the overlay that puts it in place.
func (f fault) overlay(dir string) (string, error) {
	path, err := filepath.Abs(f.File)
	if err != nil {
		return "", err
	}
	source, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	if n := strings.Count(string(source), f.Old); n != 1 {
		return "", fmt.Errorf("%s holds the text %d times, want once: %q", f.File, n, f.Old)
	}
	broken := filepath.Join(dir, filepath.Base(path))
	if err := os.WriteFile(broken, []byte(strings.Replace(string(source), f.Old, f.New, 1)), 0o600); err != nil {
		return "", err
	}
	list, err := json.Marshal(map[string]map[string]string{"Replace": {path: broken}})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, list, 0o600)
}

// usesRapid tells whether the package's tests would keep what made them fail in
// a file, which later runs then try first.
func usesRapid(pkg string) bool {
	files, _ := filepath.Glob(filepath.Join(pkg, "*_test.go"))
	return slices.ContainsFunc(files, func(path string) bool {
		source, err := os.ReadFile(path)
		return err == nil && strings.Contains(string(source), "\"pgregory.net/rapid\"")
	})
}

// firstFailure returns the deepest name of the first test that failed.
func firstFailure(output string) string {
	name := "the test run failed"
	for line := range strings.SplitSeq(output, "\n") {
		if rest, found := strings.CutPrefix(strings.TrimSpace(line), "--- FAIL: "); found {
			name, _, _ = strings.Cut(rest, " ")
			if !strings.HasPrefix(line, " ") {
				continue
			}
			break
		}
	}
	return name
}
