package config

import (
	_ "embed"
	"strings"
)

//go:embed starter.yaml
var starter string

// Starter returns a commented monitor.yaml for a first run. It watches the
// monitor that answers at selfURL and the demo endpoints at demoURL, which are
// /demo/steady, /demo/flaky and /demo/slow. It loads without faults.
func Starter(demoURL, selfURL string) []byte {
	fill := strings.NewReplacer("DEMO_URL", strings.TrimSuffix(demoURL, "/"), "SELF_URL", strings.TrimSuffix(selfURL, "/"))
	return []byte(fill.Replace(starter))
}
