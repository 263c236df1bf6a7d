package slack_test

import (
	"strings"
	"testing"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func TestLivingMessage(t *testing.T) {
	t.Parallel()

	t.Run("an incident is one message from its opening to its end", func(t *testing.T) {
		t.Parallel()
		d := newDouble(t)
		thread := ""
		for _, step := range []struct {
			change  monitor.IncidentChange
			calls   string
			receipt string
		}{
			{opened(), "post", "C0123456/1700000000.000001"},
			{eased(), "update reply", "C0123456/1700000000.000001/1700000000.000002"},
			{resolved(), "update reply", "C0123456/1700000000.000001/1700000000.000003"},
		} {
			receipt, err := d.send(t, step.change, thread)
			if err != nil || receipt != step.receipt {
				t.Fatalf("got the receipt %q and %v, want %q", receipt, err, step.receipt)
			}
			calls := d.take()
			if got := methods(calls); got != step.calls {
				t.Errorf("got the calls %q, want %q", got, step.calls)
			}
			for _, c := range calls {
				if c.form.Get("channel") != "C0123456" || !strings.Contains(c.form.Get("authorization"), token) || c.form.Get("unfurl_links") != "false" {
					t.Errorf("got %v, want the channel, the token and nothing unfurled", c.form)
				}
				if ts := c.form.Get("ts") + c.form.Get("thread_ts"); step.change.Change != monitor.Opened && ts != "1700000000.000001" {
					t.Errorf("%s speaks of the message %q, want the first", c.method, ts)
				}
			}
			thread = receipt
		}
	})

	t.Run("a change before which nothing was accepted is a message of its own", func(t *testing.T) {
		t.Parallel()
		for _, thread := range []string{"", "200 abc", "ok"} {
			d := newDouble(t)
			receipt, err := d.send(t, resolved(), thread)
			if got := methods(d.take()); got != "post" || err != nil || receipt != "C0123456/1700000000.000001" {
				t.Errorf("after %q: got the calls %q, %q and %v, want one post", thread, got, receipt, err)
			}
		}
	})

	tests := map[string]struct {
		change  monitor.IncidentChange
		refuses map[string]string
		calls   string
		receipt string
	}{
		"a message that is gone is posted anew": {
			resolved(), map[string]string{"chat.update": "message_not_found"}, "update post", "C0123456/1700000000.000001",
		},
		"a conversation that is archived gives way to the one that is named now": {
			resolved(), map[string]string{"chat.update": "is_archived"}, "update post", "C0123456/1700000000.000001",
		},
		"a resolution that may not be edited in shows in the conversation": {
			resolved(), map[string]string{"chat.update": "edit_window_closed"}, "update broadcast", opening + "/1700000000.000001",
		},
		"an update that may not be edited in is a line in the thread, and pages nobody": {
			eased(), map[string]string{"chat.update": "cant_update_message"}, "update reply", opening + "/1700000000.000001",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDouble(t)
			d.refuses = test.refuses
			receipt, err := d.send(t, test.change, opening)
			if got := methods(d.take()); got != test.calls || receipt != test.receipt || err != nil {
				t.Errorf("got the calls %q, the receipt %q and %v, want %q and %q", got, receipt, err, test.calls, test.receipt)
			}
		})
	}

	t.Run("a thread that takes no lines has its message edited all the same", func(t *testing.T) {
		t.Parallel()
		d := newDouble(t)
		d.refuse("chat.postMessage", "thread_locked")
		receipt, err := d.send(t, resolved(), opening)
		if receipt != opening || err != nil {
			t.Errorf("got %q and %v, want %q", receipt, err, opening)
		}
	})

	t.Run("an edit that fails for now is tried again, without a message of its own", func(t *testing.T) {
		t.Parallel()
		d := newDouble(t)
		d.refuse("chat.update", "fatal_error")
		_, err := d.send(t, resolved(), opening)
		want := "slack refuses channel C0123456 with fatal_error"
		if got := methods(d.take()); got != "update" || err == nil || err.Error() != want {
			t.Errorf("got the calls %q and %v, want an update and %s", got, err, want)
		}
	})
}

func TestLostReceipts(t *testing.T) {
	t.Parallel()
	again := func(d *double, change monitor.IncidentChange, thread, name string) (string, error) {
		notice := noticeOf(change)
		notice.Attempts, notice.Channel = 2, "shop/"+name
		return d.sender.Send(t.Context(), monitor.Delivery{Channel: channel(), Notice: notice, Thread: thread})
	}

	t.Run("an opening that was posted unseen is found again", func(t *testing.T) {
		t.Parallel()
		d := newDouble(t)
		first, _ := d.send(t, opened(), "")
		d.take()
		second, err := again(d, opened(), "", "oncall")
		calls := d.take()
		if got := methods(calls); got != "history" || second != first || err != nil {
			t.Fatalf("got the calls %q, the receipt %q and %v, want a look and %q", got, second, err, first)
		}
		form := calls[0].form
		if form.Get("include_all_metadata") != "1" || form.Get("oldest") != "1795336141.000000" || form.Get("limit") != "100" {
			t.Errorf("got %v, want a look with metadata from a minute before the notice", form)
		}
	})

	t.Run("a line that was written unseen is found again", func(t *testing.T) {
		t.Parallel()
		d := newDouble(t)
		thread, _ := d.send(t, opened(), "")
		first, _ := d.send(t, resolved(), thread)
		d.take()
		second, err := again(d, resolved(), thread, "oncall")
		if got := methods(d.take()); got != "update replies" || second != first || err != nil {
			t.Errorf("got the calls %q, the receipt %q and %v, want an edit, a look and %q", got, second, err, first)
		}
	})

	t.Run("what another channel or another change has posted is not taken for it", func(t *testing.T) {
		t.Parallel()
		d := newDouble(t)
		_, _ = d.send(t, opened(), "")
		d.take()
		_, _ = again(d, opened(), "", "ops")
		_, _ = again(d, resolved(), "", "oncall")
		if got := methods(d.take()); got != "history post history post" {
			t.Errorf("got the calls %q, want two posts", got)
		}
	})

	t.Run("a token that may not read posts again", func(t *testing.T) {
		t.Parallel()
		d := newDouble(t)
		d.refuse("conversations.history", "missing_scope")
		_, err := again(d, opened(), "", "oncall")
		if got := methods(d.take()); got != "history post" || err != nil {
			t.Errorf("got the calls %q and %v, want a post", got, err)
		}
	})
}
