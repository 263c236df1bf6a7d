package monitor_test

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func TestNotices(t *testing.T) {
	t.Parallel()
	change := monitor.IncidentChange{
		Shard: 3, Change: monitor.Opened, Channels: []string{"oncall", "hook"},
		Incident: monitor.Incident{ID: "i", Namespace: "shop", Sequence: 2},
	}
	for _, kind := range []monitor.Change{monitor.Opened, monitor.Resolved} {
		change.Change = kind
		notices := change.Notices(at(0))
		if len(notices) != 2 {
			t.Fatalf("%s: got %d notices, want one a channel", kind, len(notices))
		}
		for i, channel := range []string{"shop/oncall", "shop/hook"} {
			want := monitor.NoticeKey{Incident: "i", Sequence: 2, Channel: channel}
			if n := &notices[i]; n.Key() != want || n.Shard != 3 || n.Created != at(0) || !n.Pending() {
				t.Errorf("%s: got %+v, want %+v", kind, n, want)
			}
		}
	}
	change.Change, change.Incident.Timeline = monitor.Updated, make([]monitor.Transition, 9)
	if got := change.Notices(at(0)); len(got) != 2 || len(got[0].Change.Incident.Timeline) != 1 {
		t.Errorf("got %+v of an update, want one a channel with no more of the timeline than the opening", got)
	}
	change.Incident.Sequence = monitor.MaxTimeline + 1
	if got := change.Notices(at(0)); len(got) != 0 {
		t.Errorf("got %d notices of one update too many, want none", len(got))
	}
	change.Change = monitor.Resolved
	if got := change.Notices(at(0)); len(got) != 2 || len(got[0].Change.Incident.Timeline) != 9 {
		t.Errorf("got %+v of a late resolution, want one a channel with the whole timeline", got)
	}
}

func TestHears(t *testing.T) {
	t.Parallel()
	channels := map[string]struct {
		channel monitor.Channel
		updates bool
	}{
		"a bot's conversation": {monitor.Channel{Slack: &monitor.Slack{Token: "${T}", Channel: "C1"}}, true},
		"an incoming webhook":  {monitor.Channel{Slack: &monitor.Slack{Webhook: "${H}"}}, false},
		"a webhook":            {monitor.Channel{Webhook: &monitor.Webhook{}}, false},
	}
	for name, test := range channels {
		for change, want := range map[monitor.Change]bool{monitor.Opened: true, monitor.Updated: test.updates, monitor.Resolved: true} {
			if got := test.channel.Hears(change); got != want {
				t.Errorf("%s hears of %s: got %t, want %t", name, change, got, want)
			}
		}
	}
}

func TestSendable(t *testing.T) {
	t.Parallel()
	now := at(10)
	incidents := []monitor.Incident{
		{ID: "b", Endpoint: "s/1", Started: at(1)}, {ID: "a", Endpoint: "s/1", Started: at(2)}, {ID: "c", Endpoint: "s/2", Started: at(1)},
	}
	rapid.Check(t, func(t *rapid.T) {
		pending := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) monitor.Notice {
			incident := rapid.SampledFrom(incidents).Draw(t, "incident")
			return monitor.Notice{
				Incident: incident.ID, Change: monitor.IncidentChange{Incident: incident},
				Channel:  rapid.SampledFrom([]string{"s/x", "s/y"}).Draw(t, "channel"),
				Sequence: rapid.IntRange(1, 5).Draw(t, "sequence"),
				NextTry:  at(rapid.IntRange(0, 20).Draw(t, "next")), Lease: at(rapid.IntRange(0, 20).Draw(t, "lease")),
			}
		}), 0, 12).Draw(t, "pending")
		slices.SortFunc(pending, func(a, b monitor.Notice) int {
			return cmp.Or(cmp.Compare(a.Incident, b.Incident), cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Sequence, b.Sequence))
		})
		type line struct{ incident, channel string }
		first := map[line]monitor.Notice{}
		for _, n := range slices.Backward(pending) {
			first[line{n.Incident, n.Channel}] = n
		}
		got := map[line]monitor.Notice{}
		for _, n := range monitor.Sendable(pending, now) {
			of := line{n.Incident, n.Channel}
			if _, twice := got[of]; twice {
				t.Fatalf("two notices of %v at once", of)
			}
			got[of] = n
		}
		for of, n := range first {
			want := n.NextTry <= now && n.Lease <= now
			for _, other := range first { // an earlier incident's, in flight or ready
				if other.Channel == n.Channel && other.Change.Incident.Endpoint == n.Change.Incident.Endpoint &&
					other.Change.Incident.Started < n.Change.Incident.Started && other.NextTry <= now {
					want = false
				}
			}
			if sent, ok := got[of]; ok != want || ok && sent.Sequence != n.Sequence {
				t.Fatalf("%v: got %v, want the first, %+v, if it may be sent", of, sent, n)
			}
		}
	})
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	for attempts, want := range map[int]time.Duration{0: time.Second, 1: time.Second, 2: 2 * time.Second, 8: 128 * time.Second, 9: 5 * time.Minute, 1000: 5 * time.Minute} {
		if got := monitor.Backoff(attempts, 0); got != want {
			t.Errorf("after %d attempts: got %s, want %s", attempts, got, want)
		}
	}
	if got, want := monitor.Backoff(1, time.Minute), time.Minute; got != want {
		t.Errorf("got %s, want what the provider asked for, %s", got, want)
	}
}
