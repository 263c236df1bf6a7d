package config_test

import (
	"errors"
	"testing"

	"github.com/api-endpoint-monitor/monitor/shared/config"
	"github.com/api-endpoint-monitor/monitor/shared/expect"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// FuzzLoad holds that any file is either refused with faults that have their
// places, or gives definitions that can be used.
func FuzzLoad(f *testing.F) {
	for _, seed := range []string{
		full, "", "endpoints: []", watching("expect: {json: {a: &a [*a]}}"), telling("name: c"), string(config.Starter("http://a", "http://b")),
		"a: &a\n  <<: *a", "endpoints: [{name: é, http: {url: 'http://[::1]:80'}}]", "---\n---\n", "%YAML 1.1\n---\na", "\ufeffendpoints: []",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		definition, err := config.Load(file(t, content), nil)
		var faults config.Faults
		switch {
		case err == nil:
			wantUsable(t, definition)
		case !errors.As(err, &faults) || len(faults) == 0:
			t.Errorf("got %v, want faults", err)
		default:
			for _, fault := range faults {
				if fault.Line < 1 || fault.Column < 1 || fault.Message == "" {
					t.Errorf("got %+v, want a place and a message", fault)
				}
			}
		}
	})
}

func wantUsable(t *testing.T, definition config.Definition) {
	t.Helper()
	channels := map[string]bool{}
	for _, c := range definition.Channels {
		channels[c.Key()] = true
		if (c.Slack == nil) == (c.Webhook == nil) || !monitor.ValidID(c.Name) {
			t.Errorf("got the channel %+v, want one of one kind", c)
		}
		if s := c.Slack; s != nil && ((s.Webhook == "") != (s.Token != "" && s.Channel != "") || s.Webhook != "" && s.Token+s.Channel != "") {
			t.Errorf("got %+v, want a webhook, or a token and a channel", s)
		}
	}
	for i := range definition.Endpoints {
		e := &definition.Endpoints[i]
		if _, err := expect.Compile(e.Expect); err != nil {
			t.Errorf("got the expectation %+v, want one that compiles: %v", e.Expect, err)
		}
		if !monitor.ValidID(e.ID) || !monitor.ValidID(e.Namespace) || e.HTTP.URL == "" || e.Alert.After < 1 || e.Alert.Recover < 1 ||
			e.Interval.D() < monitor.MinInterval || e.Timeout.D() < monitor.MinTimeout || e.Timeout.D() > monitor.MaxTimeout {
			t.Errorf("got the endpoint %+v, want one within bounds", e)
		}
		for _, name := range e.Alert.Channels {
			if !channels[e.Namespace+"/"+name] {
				t.Errorf("got the channel %s of %s, want one that is defined", name, e.Key())
			}
		}
	}
}
