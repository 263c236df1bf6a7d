package webhook_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/cloudevents/sdk-go/v2/event"
	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/webhook"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestBody(t *testing.T) {
	t.Parallel()
	changes := map[string]monitor.IncidentChange{"opened": opened(), "resolved": resolved()}
	for name, change := range changes {
		t.Run("an incident that is "+name+" reads as its golden", func(t *testing.T) {
			t.Parallel()
			got, err := webhook.Body(&change)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, filepath.Join("testdata", name+".json"), got)
		})
		t.Run("an incident that is "+name+" is a valid CloudEvent", func(t *testing.T) {
			t.Parallel()
			body, err := webhook.Body(&change)
			if err != nil {
				t.Fatal(err)
			}
			var got event.Event
			if err := json.Unmarshal(body, &got); err != nil {
				t.Fatal(err)
			}
			if err := got.Validate(); err != nil {
				t.Error(err)
			}
			if got.ID() != change.ID() {
				t.Errorf("got the ID %q, want %q", got.ID(), change.ID())
			}
		})
	}
}

func compare(t *testing.T, golden string, body []byte) {
	t.Helper()
	var got bytes.Buffer
	if err := json.Indent(&got, body, "", "  "); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Error(diff)
	}
}
