package alert_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

func TestOutage(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		letters string
		want    []string
	}{
		"an outage is told once when it begins and once when it ends": {"ppfffpppp", []string{"opened down", "resolved up"}},
		"one failure is none":                               {"ppfppfpp", nil},
		"slow answers are none":                             {"ppdddddpp", nil},
		"it goes on while answers are merely slow":          {"ppffddddpp", []string{"opened down", "updated degraded", "resolved up"}},
		"slow, down, slow, up is one":                       {"ddddffddpp", []string{"opened down", "updated degraded", "resolved up"}},
		"a relapse before it ends is the same":              {"ffpfpfpp", []string{"opened down", "resolved up"}},
		"a relapse after it ended is another":               {"ffppffpp", []string{"opened down", "resolved up", "opened down", "resolved up"}},
		"checks that say nothing neither begin nor end one": {"fuuuuffuuuuupup", []string{"opened down", "resolved up"}},
		"checks by hand neither begin nor end one":          {"mmmmfmmfpp", []string{"opened down", "resolved up"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			together, oneByOne := newBench(t, cart()), newBench(t, cart())
			together.feed("shop/cart", test.letters, 0)
			for i, letter := range test.letters {
				oneByOne.feed("shop/cart", string(letter), i)
			}
			for how, b := range map[string]*bench{"in one event": together, "one event each": oneByOne} {
				if diff := cmp.Diff(test.want, b.steps()); diff != "" {
					t.Errorf("%s: want -, got +:\n%s", how, diff)
				}
				if len(b.told) != len(b.steps()) {
					t.Errorf("%s: got %d changes told, want %d", how, len(b.told), len(b.steps()))
				}
			}
		})
	}
}

func TestIncident(t *testing.T) {
	t.Parallel()
	b := newBench(t, cart())
	b.feed("shop/cart", "ppfff", 0)
	b.feed("shop/cart", "ppp", 5)
	if len(b.told) != 2 {
		t.Fatalf("got %d changes, want 2", len(b.told))
	}
	opened, resolved := b.told[0], b.told[1]
	t.Run("starts with the first failing check, and says why", func(t *testing.T) {
		want := monitor.Incident{
			ID: monitor.IncidentID("shop/cart", at(2)), Namespace: "shop", Endpoint: "shop/cart", Name: "The cart",
			Started: at(2), Reason: "2 checks in a row failed: because of f", Sequence: 1,
			Timeline: []monitor.Transition{opened.Transition},
		}
		if diff := cmp.Diff(want, opened.Incident); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
		evidence := []string{rows("shop/cart", "f", 2)[0].ID().String(), rows("shop/cart", "f", 3)[0].ID().String()}
		if diff := cmp.Diff(evidence, opened.Transition.Evidence); diff != "" {
			t.Errorf("evidence: want -, got +:\n%s", diff)
		}
	})
	t.Run("names the endpoint's URL and channels, and when it was decided", func(t *testing.T) {
		if opened.URL != "https://shop.example/cart" || len(opened.Channels) != 1 || opened.Decided != at(4) || opened.Shard != 0 {
			t.Errorf("got %+v", opened)
		}
	})
	t.Run("ends with the first good check", func(t *testing.T) {
		if resolved.Incident.Ended != at(5) || resolved.Incident.Sequence != 2 || resolved.Incident.ID != opened.Incident.ID {
			t.Errorf("got %+v", resolved.Incident)
		}
	})
	t.Run("is kept", func(t *testing.T) {
		stored, err := b.store.Incidents(t.Context(), storage.IncidentFilter{Limit: 10})
		if err != nil || len(stored) != 1 {
			t.Fatalf("got %d incidents and %v, want 1", len(stored), err)
		}
		if diff := cmp.Diff(resolved.Incident, stored[0]); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
	})
	t.Run("leaves nothing to be told", func(t *testing.T) {
		if state := b.state(); len(state.Outbox) != 0 {
			t.Errorf("got %d entries in the outbox, want none", len(state.Outbox))
		}
	})
}

func TestResultsThatComeAgain(t *testing.T) {
	t.Parallel()
	t.Run("twice in a row count once", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, cart())
		for i, letter := range "pfpfpp" {
			for range 3 {
				b.feed("shop/cart", string(letter), i)
			}
		}
		if got := b.steps(); got != nil {
			t.Errorf("got %v, want nothing told", got)
		}
	})
	t.Run("all of an outage again changes nothing", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, cart())
		b.feed("shop/cart", "ppfffppp", 0)
		before := b.state()
		b.feed("shop/cart", "ppfffppp", 0)
		b.alert = b.start(b.store)
		b.feed("shop/cart", "ppfffppp", 0)
		if diff := cmp.Diff(before, b.state()); diff != "" {
			t.Errorf("before -, after +:\n%s", diff)
		}
	})
	t.Run("late ones are passed over", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, cart())
		b.feed("shop/cart", "pppppp", 0)
		b.feed("shop/cart", "fff", 1)
		if got := b.state().States; len(got) != 0 {
			t.Errorf("got states %v, want none", got)
		}
	})
}

func TestPassesWriteNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t, cart())
	b.feed("shop/cart", strings.Repeat("p", 100), 0)
	if got := b.state().Revision; got != 0 {
		t.Errorf("got revision %d, want 0", got)
	}
	b.feed("shop/cart", "fp", 100)
	revision := b.state().Revision
	b.feed("shop/cart", strings.Repeat("p", 100), 102)
	if got := b.state().Revision; got != revision {
		t.Errorf("got revision %d, want %d", got, revision)
	}
}

func TestCatalog(t *testing.T) {
	t.Parallel()
	t.Run("results of an endpoint that is not watched are passed over", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, cart())
		b.feed("shop/other", "ffff", 0)
		if len(b.told)+len(b.state().States) != 0 {
			t.Errorf("got %v and %v, want nothing", b.told, b.state().States)
		}
	})
	t.Run("a new endpoint is known with its first result", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, cart())
		b.feed("shop/cart", "p", 0)
		b.define(monitor.CatalogChange{PutEndpoints: []monitor.Endpoint{endpoint("till")}})
		b.feed("shop/till", "ff", -1)
		if diff := cmp.Diff([]string{"opened down"}, b.steps()); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
	})
	t.Run("a changed policy holds from the next second on", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, cart())
		b.feed("shop/cart", "p", 0)
		strict := cart()
		strict.Alert.After = 1
		b.define(monitor.CatalogChange{PutEndpoints: []monitor.Endpoint{strict}})
		b.advance(at(1))
		b.feed("shop/cart", "f", 1)
		if diff := cmp.Diff([]string{"opened down"}, b.steps()); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
	})
	t.Run("an endpoint that is removed is up for all who heard that it is down", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, cart())
		b.feed("shop/cart", "ff", 0)
		quiet := cart()
		quiet.Alert.Channels = nil
		b.define(monitor.CatalogChange{PutEndpoints: []monitor.Endpoint{quiet}})
		b.tick(30)
		b.define(monitor.CatalogChange{DeleteEndpoints: []string{"shop/cart"}})
		b.tick(60)
		if diff := cmp.Diff([]string{"opened down", "resolved up"}, b.steps()); diff != "" {
			t.Fatalf("want -, got +:\n%s", diff)
		}
		end := b.told[1]
		if end.Transition.Reason != "the endpoint is no longer watched" || len(end.Channels) != 1 || end.Incident.Ended != at(60) || end.URL == "" {
			t.Errorf("got %+v", end)
		}
		if got := b.state().States; len(got) != 0 {
			t.Errorf("got states %v, want none", got)
		}
	})
}

func TestMinimumFailingTime(t *testing.T) {
	t.Parallel()
	patient := cart()
	patient.Alert.For = monitor.Duration(10 * time.Second)
	b := newBench(t, patient)
	b.feed("shop/cart", "ffffffffff", 0)
	if len(b.told) != 0 {
		t.Errorf("got %v after 9 s, want nothing told", b.steps())
	}
	b.feed("shop/cart", "f", 10)
	if len(b.told) != 1 || b.told[0].Incident.Started != at(0) {
		t.Errorf("got %+v, want one opening at the first failure", b.told)
	}
}
