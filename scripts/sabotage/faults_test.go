package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const root = "../.."

func TestEveryFaultFitsTheSource(t *testing.T) {
	t.Parallel()
	for _, f := range faults() {
		source, err := os.ReadFile(filepath.Join(root, f.File))
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(source), f.Old); n != 1 {
			t.Errorf("%s: %s holds the text %d times, want once: %q", f.Name, f.File, n, f.Old)
		}
	}
}

func TestPeopleCanReadOfEveryFault(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile(filepath.Join(root, "CONTRIBUTING.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range faults() {
		if !strings.Contains(string(guide), "| "+f.Name+" |") {
			t.Errorf("CONTRIBUTING.md does not list the fault %q", f.Name)
		}
	}
}
