package broker_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/api-endpoint-monitor/monitor/scripts/kafka/broker"
)

func TestCheck(t *testing.T) {
	for name, test := range map[string]struct{ java, want string }{
		"without Java":          {"", "a Kafka broker needs Java 17: install it"},
		"with a Java too old":   {`openjdk version "11.0.2"`, "needs Java 17 or later, and java in PATH is 11"},
		"with a Java of old":    {`java version "1.8.0_402"`, "java in PATH is 8"},
		"with Java, no Maven":   {`openjdk version "17.0.15"`, "needs Maven: install it"},
		"with something else":   {"hello", "java in PATH is 0"},
		"with a newer Java too": {`openjdk version "23" 2024-09-17`, "needs Maven: install it"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if test.java != "" {
				script := "#!/bin/sh\necho '" + test.java + "' >&2\n"
				if err := os.WriteFile(filepath.Join(dir, "java"), []byte(script), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			t.Setenv("PATH", dir)
			t.Setenv("HOME", dir)
			t.Setenv("XDG_CACHE_HOME", dir)
			if err := broker.Check(t.Context()); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
