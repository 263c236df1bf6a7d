package standalone_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestReadmeNamesTheMetrics holds the table of the guide to the metrics that
// the code declares. A name in it may leave out what it shares with the first
// of its row, up to its second underscore.
func TestReadmeNamesTheMetrics(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{}
	for row := range strings.Lines(string(guide)) {
		prefix := ""
		for _, name := range regexp.MustCompile("`((?:monitor|…)_[a-z_]+)(?:{[a-z,]+})?`").FindAllStringSubmatch(row, -1) {
			if rest, short := strings.CutPrefix(name[1], "…"); short {
				documented[prefix+rest] = true
				continue
			}
			parts := strings.SplitN(name[1], "_", 3)
			prefix = parts[0] + "_" + parts[1]
			documented[name[1]] = true
		}
	}
	declared := declaredMetrics(t, "..", "../../shared")
	for name := range declared {
		if !documented[name] {
			t.Errorf("README.md does not say what %s means", name)
		}
	}
	for name := range documented {
		if !declared[name] {
			t.Errorf("README.md names the metric %s, which no code declares", name)
		}
	}
	if len(declared) < 40 {
		t.Errorf("found %d metrics in the code, want at least 40", len(declared))
	}
}

// declaredMetrics returns the metrics of the standalone monitor: all but those
// of the host of separate processes.
func declaredMetrics(t *testing.T, folders ...string) map[string]bool {
	t.Helper()
	names, found := regexp.MustCompile(`(?:Name:\s*|counter\(|gauge\()"(monitor_[a-z_]+)"`), map[string]bool{}
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			source, err := os.ReadFile(path)
			for _, name := range names.FindAllSubmatch(source, -1) {
				if !strings.HasPrefix(string(name[1]), "monitor_serve_") {
					found[string(name[1])] = true
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}
