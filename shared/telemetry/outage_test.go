package telemetry_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

// TestOutage plays stories of one letter a second: f, something fails; F, it fails
// again; g, it is given up; w, it works; W, something else works; and of numbers,
// which are minutes that pass.
func TestOutage(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ story, want string }{
		"a lone failure is told, and its end is not":            {"f w W", "told+0"},
		"each lone failure is told":                             {"fw W fw fg W f", "told+0 told+0 told+0 told+0"},
		"many failures at once are told once, and that it ends": {"ffff www W w", "told+0 over+3"},
		"it is not over while something still fails":            {"ff WWW w f ww", "told+0 over+2"},
		"after a minute the first is told, for the others":      {"fff 1 f fw wwww", "told+0 told+2 over+1"},
		"the pauses grow":                                    {"f 1 f 1 f 1 f 1 f", "told+0 told+0 told+1"},
		"what fails again counts once":                       {"f FF 1 F w", "told+0 told+0"},
		"what was given up does not end it, what works does": {"ff gg f g W f", "told+0 over+2 told+0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, play(test.story)); diff != "" {
				t.Errorf("story %s (-want +got):\n%s", test.story, diff)
			}
		})
	}
}

func play(story string) string {
	var outage telemetry.Outage
	var said []string
	say := func(what string, whether bool, others int) {
		if whether {
			said = append(said, fmt.Sprintf("%s+%d", what, others))
		}
	}
	now := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, step := range story {
		now = now.Add(time.Second)
		switch step {
		case 'f':
			whether, others := outage.Fail(now)
			say("told", whether, others)
		case 'F':
			whether, others := outage.Again(now)
			say("told", whether, others)
		case 'g':
			outage.GiveUp()
		case 'w', 'W':
			whether, others := outage.Work(step == 'w')
			say("over", whether, others)
		case '1':
			now = now.Add(time.Minute)
		}
	}
	return strings.Join(said, " ")
}
