package slack_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

var update = flag.Bool("update", false, "write the golden files anew")

const opening = "C0123456/1699999999.000900"

func TestMessage(t *testing.T) {
	t.Parallel()
	openings := map[string]monitor.IncidentChange{"opened": opened(), "refused": refused(), "hostile": hostile()}
	for name, change := range openings {
		t.Run("an incident that is "+name+" is posted as its golden", func(t *testing.T) {
			t.Parallel()
			d := newDouble(t)
			if _, err := d.send(t, change, ""); err != nil {
				t.Fatal(err)
			}
			calls := d.take()
			compare(t, name, calls[0].form)
			wantWithinLimits(t, calls[0].form)
		})
	}
	later := map[string]monitor.IncidentChange{"eased": eased(), "resolved": resolved(), "retired": retired()}
	for name, change := range later {
		t.Run("an incident that is "+name+" is edited, and its line written, as their goldens", func(t *testing.T) {
			t.Parallel()
			d := newDouble(t)
			if _, err := d.send(t, change, opening); err != nil {
				t.Fatal(err)
			}
			calls := d.take()
			if got := methods(calls); got != "update reply" {
				t.Fatalf("got the calls %q, want an update and a reply", got)
			}
			compare(t, name, calls[0].form)
			compare(t, name+"_line", calls[1].form)
			wantWithinLimits(t, calls[0].form)
			wantWithinLimits(t, calls[1].form)
		})
	}
	t.Run("every health has a face of its own", func(t *testing.T) {
		t.Parallel()
		d, seen := newDouble(t), map[string]bool{}
		for _, health := range []monitor.Health{monitor.Down, monitor.Degraded, monitor.Unknown} {
			if _, err := d.send(t, next(health, 0, "because"), opening); err != nil {
				t.Fatal(err)
			}
			form := d.take()[0].form
			if seen[form.Get("text")] || !strings.Contains(form.Get("text"), strings.ToUpper(string(health))) {
				t.Errorf("got %q for %s", form.Get("text"), health)
			}
			seen[form.Get("text")] = true
		}
	})
}

// shown returns the form's message with its JSON unpacked.
func shown(t *testing.T, form url.Values) map[string]any {
	t.Helper()
	message := map[string]any{"text": form.Get("text")}
	for _, key := range []string{"blocks", "attachments", "metadata"} {
		if form.Get(key) == "" {
			continue
		}
		var value any
		if err := json.Unmarshal([]byte(form.Get(key)), &value); err != nil {
			t.Fatal(err)
		}
		message[key] = value
	}
	return message
}

func compare(t *testing.T, name string, form url.Values) {
	t.Helper()
	compareValue(t, name, shown(t, form))
}

func compareValue(t *testing.T, name string, message any) {
	t.Helper()
	var got bytes.Buffer
	encoder := json.NewEncoder(&got)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(message); err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", name+".json")
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

type textObject struct{ Type, Text string }

type block struct {
	Type     string
	Text     textObject
	Fields   []textObject
	Elements []textObject
}

// wantWithinLimits holds a message to what Slack takes, and to no markup from
// outside.
func wantWithinLimits(t *testing.T, form url.Values) {
	t.Helper()
	var top []block
	var attached []struct{ Blocks []block }
	if err := json.Unmarshal([]byte(form.Get("blocks")), &top); err != nil {
		t.Fatal(err)
	}
	if text := form.Get("attachments"); text != "" {
		if err := json.Unmarshal([]byte(text), &attached); err != nil {
			t.Fatal(err)
		}
	}
	for _, one := range attached {
		top = append(top, one.Blocks...)
	}
	limits := map[string]int{"header": 150, "section": 3000, "context": 3000}
	for _, one := range top {
		wantShort(t, one.Type, limits[one.Type], append(one.Elements, one.Text)...)
		wantShort(t, "field", 2000, one.Fields...)
		if len(one.Fields) > 10 {
			t.Errorf("got %d fields, want 10 at most", len(one.Fields))
		}
	}
	if n := utf8.RuneCountInString(form.Get("text")); n > 4000 {
		t.Errorf("a text of %d characters: want 4000 at most", n)
	}
}

func wantShort(t *testing.T, what string, most int, texts ...textObject) {
	t.Helper()
	for _, one := range texts {
		if n := utf8.RuneCountInString(one.Text); n > most {
			t.Errorf("a %s of %d characters: want %d at most", what, n, most)
		}
		if strings.Contains(one.Text, "<!channel>") || strings.Contains(one.Text, "<https://evil") {
			t.Errorf("got %q, want markup from outside escaped", one.Text)
		}
	}
}
