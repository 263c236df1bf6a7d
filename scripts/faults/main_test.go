package main

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// TestFiveKillsLoseNothing is the short form of the run: five kills, one of
// each aim, and a SIGTERM.
func TestFiveKillsLoseNothing(t *testing.T) { fiveKills(t, inFile) }

// TestFiveKillsLoseNothingInTheStandIn is the same with everything kept in the
// stand-in for a Couchbase node, which cuts its connections and hangs as well.
func TestFiveKillsLoseNothingInTheStandIn(t *testing.T) { fiveKills(t, inCluster) }

func fiveKills(t *testing.T, store string) {
	t.Helper()
	p := plan{
		kills: 5, endpoints: 400, interval: 300 * time.Millisecond, life: 2 * time.Second,
		outageEvery: 600 * time.Millisecond, store: store, hasty: true, say: t.Logf,
	}
	books, err := p.run(t.Context(), "../..", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	verdict := books.judge()
	t.Logf("the ledger:\n%s", verdict.table())
	if verdict.broken() > 0 {
		t.Error("promises were broken")
	}
	for _, l := range verdict.lines {
		if strings.HasSuffix(l.what, "are stored") && l.count == 0 {
			t.Errorf("got no %s: the run shows nothing", l.what)
		}
	}
}

// TestTheLedgerNotices holds the books of a good run, and changes them in one
// place: the line that speaks of it must say so, and no other.
func TestTheLedgerNotices(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*books)
		want   string // the promise that is broken; empty: none
	}{
		"nothing is broken in a good run": {func(*books) {}, ""},
		"a result that is gone long before the kill": {
			func(b *books) { b.watched[0].rows = b.watched[0].rows[1:]; b.watched[0].counted-- },
			"acknowledged results that are lost",
		},
		"a result that is gone just before the kill is counted apart": {
			func(b *books) { b.watched[0].rows = b.watched[0].rows[:5]; b.watched[0].counted-- }, "",
		},
		"the same where the kill comes with the end of a stall": {
			func(b *books) {
				b.watched[0].rows = b.watched[0].rows[1:]
				b.watched[0].counted--
				woken := b.lives[0].stop.at.Add(5 * time.Millisecond)
				b.stalls = []stall{{at: woken, took: 4 * time.Second}}
			}, "",
		},
		"the same just before a SIGTERM": {
			func(b *books) {
				b.watched[0].rows, b.lives[0].stop.clean = b.watched[0].rows[:5], true
				b.watched[0].counted--
			},
			"acknowledged results that are lost",
		},
		"a result that was shown": {
			func(b *books) { b.shown = append(b.shown, check{0, at(90).UnixMilli()}) },
			"results that were shown and are gone",
		},
		"a result that is stored twice": {
			func(b *books) {
				b.watched[0].rows = append(b.watched[0].rows[:1:1], b.watched[0].rows...)
				b.watched[0].rows[1].Start = time.Time{}
				b.watched[0].counted++
			},
			"results that are stored twice",
		},
		"a check that begins in the millisecond in which the one before it was seen": {
			func(b *books) {
				b.watched[0].requests[3].at = at(5).Add(400 * time.Microsecond)
				b.watched[0].requests[4].at = at(5).Add(700 * time.Microsecond)
			}, "",
		},
		"a request that was seen when its check had long given up": {
			(*books).seeLate, "",
		},
		"a second one of those": {
			func(b *books) {
				b.seeLate()
				b.watched[0].requests = append(b.watched[0].requests, request{at: at(6).Add(3 * time.Millisecond)})
			},
			"acknowledged results that are lost",
		},
		"one of those that comes too late for that": {
			func(b *books) {
				b.seeLate()
				b.watched[0].rows[4].Start = at(6).Add(-lateRequest)
			},
			"acknowledged results that are lost",
		},
		"a check that had its answer, and gave up nothing": {
			func(b *books) {
				b.seeLate()
				b.watched[0].rows[4].Status = 200
			},
			"acknowledged results that are lost",
		},
		"a result of no check": {
			func(b *books) { b.watched[0].requests = b.watched[0].requests[1:] },
			"results of checks that no target saw",
		},
		"a rollup that counts too much": {
			func(b *books) { b.watched[0].counted++ }, "endpoints whose rollups count something else",
		},
		"a slot that is planned twice": {
			func(b *books) {
				for i := range 20 {
					again := request{at: at(i/4 + 1)}
					b.watched[0].requests = append(b.watched[0].requests, again)
				}
			},
			"lives with more checks than were due",
		},
		"checks that confirm a failure are no such slot": {
			func(b *books) {
				for i := range 3 {
					b.watched[0].confirm(at(2).Add(time.Duration(i+1) * 250 * time.Millisecond))
				}
				b.watched[0].rows[2].Outcome, b.watched[0].rows[3].Outcome = "unknown", "unknown"
			}, "",
		},
		"a check that confirms a pass": {
			func(b *books) { b.watched[0].confirm(at(1).Add(250 * time.Millisecond)) }, "extra checks that nothing asked for",
		},
		"one that confirms what is decided": {
			func(b *books) { b.watched[0].confirm(at(3).Add(250 * time.Millisecond)) }, "extra checks that nothing asked for",
		},
		"a second check after a lost connection": {
			func(b *books) {
				for i := range 2 {
					b.watched[0].confirm(at(5).Add(time.Duration(i+1) * 250 * time.Millisecond))
					b.watched[0].rows[5+i].Kind, b.watched[0].rows[5+i].Outcome = connection, "passed"
				}
			},
			"extra checks that nothing asked for",
		},
		"an incident that is lost": {
			func(b *books) { b.incidents, b.deliveries = nil, nil }, "incidents that are lost",
		},
		"an incident that is invented": {
			func(b *books) { b.incidents[0].Started = at(4) }, "incidents that are invented",
		},
		"an incident that ends too late": {
			func(b *books) { b.incidents[0].Ended = at(9) }, "incidents that end at another time than their results say",
		},
		"an incident that ends with a check that a kill took": {
			func(b *books) { b.watched[0].lose(3); b.watched[0].counted-- }, "",
		},
		"an incident that is known by checks that a kill took": {
			func(b *books) {
				b.lives[0].stop.at, b.lives[1].started = at(3).Add(200*time.Millisecond), at(3).Add(300*time.Millisecond)
				b.watched[0].lose(1)
				b.watched[0].counted--
			}, "",
		},
		"an incident that begins with a check that a kill took": {
			func(b *books) {
				b.lives[0].stop.at, b.lives[1].started = at(3).Add(200*time.Millisecond), at(3).Add(300*time.Millisecond)
				b.watched[0].requests[3].failed, b.watched[0].rows[3].Outcome = true, "failed"
				b.incidents[0].Ended, b.outages[0].to = at(5), at(5).Add(-time.Millisecond)
				b.watched[0].lose(1)
				b.watched[0].counted--
			}, "",
		},
		"a notice without a receipt": {
			func(b *books) { b.incidents[0].notices[0].Accepted = time.Time{} }, "notices that are lost",
		},
		"a notice that a kill interrupted waits for its lease": {
			func(b *books) {
				n := &b.incidents[0].notices[1]
				n.Accepted, n.Sent, n.Attempts = time.Time{}, at(6), 1
			}, "",
		},
		"a notice without a receipt that no kill interrupted": {
			func(b *books) {
				n := &b.incidents[0].notices[1]
				n.Accepted, n.Sent, n.Attempts = time.Time{}, at(7), 1
			},
			"notices that are lost",
		},
		"a notice that nobody got": {
			func(b *books) { b.deliveries = b.deliveries[1:] }, "notices that are lost",
		},
		"a notice of nothing": {
			func(b *books) { b.deliveries = append(b.deliveries, delivery{channel: hook, incident: "x"}) },
			"notices of incidents that are not stored",
		},
		"a notice that came twice for no reason": {
			func(b *books) { b.deliveries = append(b.deliveries, b.deliveries[0]) },
			"notices doubled for no such reason",
		},
		"a notice that came twice over a kill": {
			func(b *books) {
				b.deliveries[1].began, b.deliveries[1].accepted = at(6).Add(-time.Millisecond), at(6)
				b.deliveries = append(b.deliveries, b.deliveries[1])
			}, "",
		},
		"a second message in Slack for no reason": {
			func(b *books) {
				b.messages = append([]message{{delivery: delivery{incident: "i", began: at(2), accepted: at(2)}}}, b.messages...)
			},
			"messages in Slack beside the living one for no such reason",
		},
		"a message in Slack that a kill left behind": {
			func(b *books) {
				left := message{delivery: delivery{incident: "i", began: at(6).Add(-time.Millisecond), accepted: at(6)}}
				b.messages = append([]message{left}, b.messages...)
			}, "",
		},
		"a message in Slack that was not edited": {
			func(b *books) { b.messages[0].text = "🔴 DOWN  a" },
			"living messages whose last edit is not the last state",
		},
		"a resolution before its opening": {
			func(b *books) { b.deliveries[1].accepted = at(1) }, "notices out of order",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := goodBooks()
			tt.change(b)
			var got []string
			for _, l := range b.judge().lines {
				if l.promised && l.count > 0 {
					got = append(got, l.what)
				}
			}
			found := strings.Contains("\n"+strings.Join(got, "\n")+"\n", "\n"+tt.want+"\n")
			if tt.want == "" && len(got) > 0 || tt.want != "" && !found {
				t.Errorf("got %q broken, want %q", got, tt.want)
			}
		})
	}
}

// confirm adds a check that was made to confirm a failure, and failed.
func (w *watched) confirm(when time.Time) {
	w.requests = append(w.requests, request{when, true})
	slices.SortFunc(w.requests, func(a, b request) int { return a.at.Compare(b.at) })
	w.rows = append(w.rows, row{Due: when, Start: when, Kind: confirm, Outcome: "failed", Status: 500})
	slices.SortFunc(w.rows, func(a, b row) int { return a.Due.Compare(b.Due) })
}

// seeLate has the check of second 5 give up, and its target see its request only
// when the next check has begun; a SIGTERM follows, before which all counts.
func (b *books) seeLate() {
	b.lives[0].stop.clean = true
	b.watched[0].rows[4].Outcome, b.watched[0].rows[4].Status = "unknown", 0
	b.watched[0].requests[4].at = at(6).Add(time.Millisecond)
	b.watched[0].requests[5].at = at(6).Add(2 * time.Millisecond)
}

// at is a second of the day of the good books.
func at(second int) time.Time { return time.Date(2026, 1, 1, 0, 0, second, 0, time.UTC) }

// lose takes a stored result away.
func (w *watched) lose(i int) { w.rows = slices.Delete(w.rows, i, i+1) }

// goodBooks tell of one endpoint that is checked each second from 1 to 8, fails
// at 2 and 3, and whose process is killed in second 6 and restarted at once.
func goodBooks() *books {
	b := &books{
		interval: time.Second, began: at(0), ended: at(9), read: at(9),
		lives: []life{
			{started: at(0), stop: stop{at: at(6).Add(100 * time.Millisecond), aim: "any moment"}},
			{started: at(6).Add(200 * time.Millisecond)},
		},
		outages: []outage{{endpoint: 0, from: at(2).Add(-time.Millisecond), to: at(4).Add(-time.Millisecond)}},
	}
	w := watched{whole: at(60), counted: 6}
	for second := 1; second <= 6; second++ {
		failed, outcome := second == 2 || second == 3, "passed"
		if failed {
			outcome = "failed"
		}
		w.requests = append(w.requests, request{at(second), failed})
		w.rows = append(w.rows, row{Due: at(second), Start: at(second), Kind: "scheduled", Outcome: outcome, Status: 200})
	}
	b.watched = []watched{w}
	story := told{incident: incident{ID: "i", Endpoint: key(0), Started: at(2), Ended: at(4)}}
	for _, channel := range channels() {
		for i, change := range changes() {
			story.notices = append(story.notices, notice{Change: change, Channel: "shop/" + channel, Accepted: at(3 + 2*i)})
			b.deliveries = append(b.deliveries, delivery{channel: channel, incident: "i", what: change, began: at(3 + 2*i), accepted: at(3 + 2*i)})
		}
	}
	b.incidents = []told{story}
	b.messages = []message{
		{delivery: delivery{incident: "i", began: at(3), accepted: at(3)}, stamp: "1", text: "🟢 RESOLVED  a after 2s"},
		{delivery: delivery{incident: "i", began: at(5), accepted: at(5)}, stamp: "2", thread: "1", text: "🟢 RESOLVED  a after 2s"},
	}
	return b
}
