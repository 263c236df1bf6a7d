package monitor_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func TestStateProperties(t *testing.T) {
	t.Parallel()
	properties := map[string]func(*rapid.T){
		"the same results give the same state":                       sameTwice,
		"a result that was seen changes nothing when it comes again": replayed,
		"down is decided after enough failures over enough time":     downWhenDue,
		"unknown and manual results change nothing at all":           sayNothing,
		"openings and ends alternate, and start before they end":     alternate,
		"an incident ends after enough good checks in a row":         resolvedWhenDue,
		"health and incident agree":                                  agree,
	}
	for name, property := range properties {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, property)
		})
	}
}

func sameTwice(t *rapid.T) {
	policy, text := policies().Draw(t, "policy"), letters("pdfum").Draw(t, "results")
	one, other := newLife(), newLife()
	one.live(policy, story(text)...)
	other.live(policy, story(text)...)
	if diff := cmp.Diff(one, other, cmp.AllowUnexported(life{})); diff != "" {
		t.Fatal(diff)
	}
}

func replayed(t *rapid.T) {
	policy, text := policies().Draw(t, "policy"), letters("pdfum").Draw(t, "results")
	once, again := newLife(), newLife()
	for n, r := range story(text) {
		once.live(policy, r)
		again.live(policy, r)
		from := rapid.IntRange(0, n).Draw(t, "from")
		again.live(policy, story(text)[from:n+1]...)
	}
	if diff := cmp.Diff(once, again, cmp.AllowUnexported(life{})); diff != "" {
		t.Fatal(diff)
	}
}

func downWhenDue(t *rapid.T) {
	policy, text := policies().Draw(t, "policy"), letters("pdfum").Draw(t, "results")
	l, failing := newLife(), []int{}
	for n, letter := range text {
		switch letter {
		case 'f':
			failing = append(failing, n)
		case 'p', 'd':
			failing = nil
		}
		l.live(policy, check(letter, n))
		due := len(failing) >= policy.After && at(n).Sub(at(failing[0])) >= policy.For.D() && letter == 'f'
		if due && (l.Health != monitor.Down || l.Incident == nil) {
			t.Fatalf("%s: got %s after %d failures, want down", text[:n+1], l.Health, len(failing))
		}
		last := len(l.transitions) - 1
		if last >= 0 && l.transitions[last].To == monitor.Down && l.transitions[last].Decided == at(n) && !due {
			t.Fatalf("%s: got down after %d failures of %d", text[:n+1], len(failing), policy.After)
		}
	}
}

func sayNothing(t *rapid.T) {
	policy, text := policies().Draw(t, "policy"), letters("pdf").Draw(t, "results")
	l := newLife()
	l.live(policy, story(text)...)
	before := l.State
	for n, letter := range letters("um").Draw(t, "void") {
		if matters := l.live(policy, check(letter, 100+n)); matters {
			t.Fatal("got a step that must be saved")
		}
	}
	if diff := cmp.Diff(before, l.State); diff != "" {
		t.Fatal(diff)
	}
}

func alternate(t *rapid.T) {
	l := newLife()
	l.live(policies().Draw(t, "policy"), story(letters("pdfum").Draw(t, "results"))...)
	open, sequence, ended := false, 0, monitor.Instant(0)
	for _, c := range l.changes {
		sequence++
		switch c.Change {
		case monitor.Opened:
			if open || c.Incident.Started != c.Transition.At || c.Incident.Started <= ended {
				t.Fatalf("opened while open %v, started %d, after one ended %d", open, c.Incident.Started, ended)
			}
			open, sequence = true, 1
		case monitor.Resolved:
			if !open || c.Incident.Ended < c.Incident.Started || c.Incident.Ended > c.Transition.Decided {
				t.Fatalf("resolved while open %v, %+v", open, c.Incident)
			}
			open, ended = false, c.Incident.Ended
		case monitor.Updated:
			if !open {
				t.Fatal("updated while not open")
			}
		}
		if c.Incident.Sequence != sequence || c.Transition.At > c.Transition.Decided {
			t.Fatalf("got sequence %d, want %d; back-dated %d, decided %d", c.Incident.Sequence, sequence, c.Transition.At, c.Transition.Decided)
		}
	}
	if open != (l.Incident != nil) {
		t.Fatalf("open is %v, the state says %v", open, l.Incident)
	}
}

func resolvedWhenDue(t *rapid.T) {
	policy, text := policies().Draw(t, "policy"), letters("pdfum").Draw(t, "results")
	l := newLife()
	l.live(policy, story(text)...)
	for _, c := range l.changes {
		if c.Change != monitor.Resolved {
			continue
		}
		n := int(c.Transition.Decided.Sub(start).Seconds())
		said := strings.NewReplacer("u", "", "m", "").Replace(text[:n+1])
		good := len(said) - len(strings.TrimRight(said, "pd"))
		if good < policy.Recover {
			t.Fatalf("%s: resolved after %d good checks, want %d", text[:n+1], good, policy.Recover)
		}
	}
	l.live(policy, story(strings.Repeat("f", 20)+strings.Repeat("p", 20))...)
	for n := range 20 {
		l.live(policy, check('p', len(text)+100+n))
	}
	if l.Incident != nil || l.Health != monitor.Up {
		t.Fatalf("got %s after 20 passes, want up", l.Health)
	}
}

func agree(t *rapid.T) {
	l, policy := newLife(), policies().Draw(t, "policy")
	for _, r := range story(letters("pdfum").Draw(t, "results")) {
		l.live(policy, r)
		if l.Health == monitor.Down && l.Incident == nil || l.Health == monitor.Up && l.Incident != nil {
			t.Fatalf("got %s with incident %v", l.Health, l.Incident)
		}
		if last := len(l.transitions) - 1; last >= 0 && l.transitions[last].To != l.Health {
			t.Fatalf("got %s, the last transition was to %s", l.Health, l.transitions[last].To)
		}
	}
}
