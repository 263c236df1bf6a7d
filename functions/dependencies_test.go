package functions_test

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDependenciesHaveReasons(t *testing.T) {
	t.Parallel()
	want := slices.Sorted(slices.Values(append(goDependencies(t), npmDependencies(t)...)))
	text, err := os.ReadFile(filepath.Join(root, "CONTRIBUTING.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "## Dependencies\n")
	row := regexp.MustCompile(`(?m)^\| ([^ |A-Z-][^ |]+) \| [^|]{10,} \| [^|]+ \|$`)
	var got []string
	for _, found := range row.FindAllStringSubmatch(section, -1) {
		got = append(got, found[1])
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("CONTRIBUTING.md must give a reason and a licence for each direct dependency (-needed +listed):\n%s", diff)
	}
}

// goDependencies returns the modules whose packages the tree imports, and that
// of its tool.
func goDependencies(t *testing.T) []string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "mod", "edit", "-json")
	command.Dir = root
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Require []struct{ Path string } }
	if err := json.Unmarshal(out, &file); err != nil {
		t.Fatal(err)
	}
	direct := map[string]bool{"github.com/go-task/task/v3": true}
	for _, p := range packages(t) {
		for _, imported := range slices.Concat(p.Imports, p.tests()) {
			module := ""
			for _, required := range file.Require {
				if strings.HasPrefix(imported+"/", required.Path+"/") && len(required.Path) > len(module) {
					module = required.Path
				}
			}
			if module != "" {
				direct[module] = true
			}
		}
	}
	return slices.Collect(maps.Keys(direct))
}

// npmDependencies returns what the dashboard's package.json asks for.
func npmDependencies(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "frontend", "package.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Dependencies    map[string]string `json:"dependencies"`
		DevDependencies map[string]string `json:"devDependencies"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	return slices.AppendSeq(slices.Collect(maps.Keys(file.Dependencies)), maps.Keys(file.DevDependencies))
}
