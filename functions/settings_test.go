package functions_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSettingsOfReadme(t *testing.T) {
	t.Parallel()
	command := exec.CommandContext(t.Context(), "go", "run", "./scripts/settings")
	command.Dir = root
	var complaints strings.Builder
	command.Stderr = &complaints
	table, err := command.Output()
	if err != nil {
		t.Fatalf("go run ./scripts/settings: %v\n%s", err, complaints.String())
	}
	_, rest, _ := strings.Cut(readme(t), "<!-- settings: written by go tool task generate -->\n")
	got, _, closed := strings.Cut(rest, "<!-- /settings -->\n")
	if !closed {
		t.Fatal("the README has no table of settings between its marks")
	}
	if diff := cmp.Diff(string(table), got); diff != "" {
		t.Errorf("the README's settings are not those of the code: run go tool task generate (-code +README):\n%s", diff)
	}
}

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
