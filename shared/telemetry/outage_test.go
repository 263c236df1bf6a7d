package telemetry_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

// TestOutage plays stories of one letter a second: f, something fails; F, what
// failed last fails again; g, it is given up; w, it works; W, something else works;
// and of the number 1, which is a minute that passes.
func TestOutage(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ story, want string }{
		"a lone failure is told, and its end is not":             {"f w W 1 W", "told+0"},
		"each lone failure is told":                              {"fw 1 W fw 1 W fg 1 W f", "told+0 told+0 told+0 told+0"},
		"so it is where nothing works until the next":            {"fw 1 fw 1 fw 1 f", "told+0 told+0 told+0 told+0"},
		"and what was not told before is told then":              {"ffww 1 ff ww 1 W", "told+0 told+1 over+1"},
		"what is given up each minute is told ever more seldom":  {"fg 1 fg 1 fg 1 fg 1 f", "told+0 told+0 told+1"},
		"what fails again soon is told no more, nor that it did": {"f FFF w 1 W", "told+0"},
		"many failures at once are told once, and that it ends":  {"ffff wwww 1 W W", "told+0 over+3"},
		"it is not over while something still fails":             {"ff 1 WWW w 1 W w 1 ww W", "told+0 over+1"},
		"nor as soon as something works":                         {"ff ww WWW", "told+0"},
		"what works in between neither ends it nor has it told":  {"fwW fwW fwW fwW 1 W f", "told+0 over+3 told+0"},
		"a minute is from the last failure, or its end":          {"fwf 1 wW 1 W", "told+0 over+1"},
		"after a minute the first is told, for the others":       {"fff 1 f fw wwww 1 W", "told+0 told+2 over+1"},
		"the pauses grow":                                    {"f 1 f 1 f 1 f 1 f", "told+0 told+0 told+1"},
		"but to ten minutes":                                 {"f" + strings.Repeat(" 1 F", 60), strings.TrimSpace(strings.Repeat("told+0 ", 9))},
		"what fails again counts once":                       {"f FF 1 F w", "told+0 told+0"},
		"the end of one thing that lasts is told":            {"f 1 F w 1 W", "told+0 told+0 over+0"},
		"what was given up does not end it, what works does": {"ff gg f g 1 W f", "told+0 over+2 told+0"},
		"what was given up waits for its minute as well":     {"ff 1 gg W 1 W", "told+0 over+1"},
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
	var (
		outage  telemetry.Outage[int]
		failing []int
		said    []string
	)
	say := func(what string, whether bool, others int) {
		if whether {
			said = append(said, fmt.Sprintf("%s+%d", what, others))
		}
	}
	pop := func() int {
		if len(failing) == 0 {
			return -1
		}
		last := failing[len(failing)-1]
		failing = failing[:len(failing)-1]
		return last
	}
	now := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	for at, step := range story {
		now = now.Add(time.Second)
		switch step {
		case 'f', 'F':
			thing := at
			if step == 'F' {
				thing = pop()
			}
			failing = append(failing, thing)
			whether, others := outage.Fail(thing, now)
			say("told", whether, others)
		case 'g':
			outage.GiveUp(pop(), now)
		case 'w':
			whether, others := outage.Work(pop(), now)
			say("over", whether, others)
		case 'W':
			whether, others := outage.Work(-1, now)
			say("over", whether, others)
		case '1':
			now = now.Add(time.Minute)
		}
	}
	return strings.Join(said, " ")
}

func TestWithOthers(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff([]any{"shard", 1, "others", 2}, telemetry.WithOthers(2, telemetry.KeyShard, 1)); diff != "" {
		t.Errorf("two others (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]any{"shard", 1}, telemetry.WithOthers(0, telemetry.KeyShard, 1)); diff != "" {
		t.Errorf("no others (-want +got):\n%s", diff)
	}
}
