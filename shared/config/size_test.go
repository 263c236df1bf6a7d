package config_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/api-endpoint-monitor/monitor/shared/config"
)

// many returns a file with n endpoints, each with an expression of its own.
func many(n int) string {
	var b strings.Builder
	b.WriteString("channels:\n- {name: hook, webhook: {url: 'http://h.example'}}\nendpoints:\n")
	for i := range n {
		fmt.Fprintf(&b, `- name: Endpoint number %d
  http: {url: "https://shop.example/health/%d", headers: {Authorization: "Bearer ${TOKEN}"}}
  interval: 1s
  expect: {status: ["200-299"], latency: 500ms, json: {status: ok, id: %d}, certificate: 14d, cel: "size(json.items) > %d"}
  alert: {after: 2, recover: 2, for: 0s, channels: [hook]}
  tags: {team: payments, shard: %d}
`, i, i, i, i%10, i)
	}
	return b.String()
}

func TestManyEndpoints(t *testing.T) {
	t.Parallel()
	if got := load(t, many(2_000)); len(got.Endpoints) != 2_000 {
		t.Errorf("got %d endpoints, want 2000", len(got.Endpoints))
	}
}

func BenchmarkLoad(b *testing.B) {
	path := file(b, many(10_000))
	for b.Loop() {
		if _, err := config.Load(path, nil); err != nil {
			b.Fatal(err)
		}
	}
}
