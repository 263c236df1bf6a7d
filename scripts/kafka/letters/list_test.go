package letters_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/IBM/sarama"
	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/scripts/kafka/letters"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func TestArguments(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"":                              "usage:",
		"tell":                          `there is no command "tell"`,
		"list 3@1":                      "list takes no positions",
		"show":                          "show needs the positions",
		"show 3-1":                      `a position must be partition@offset, such as 3@127, got "3-1"`,
		"show -3@1":                     "the flags of show cannot be read",
		"replay":                        "replay needs either positions",
		"replay -all 3@1":               "replay needs either positions",
		"replay -reason invalid 3@1":    "-reason chooses among all letters",
		"list -since yesterday":         `-since must be a time such as 2h, or a moment such as 2026-01-31T15:04:05Z, got "yesterday"`,
		"list -limit -1":                "must not be below 0",
		"list -limit many":              "the flags of list cannot be read",
		"show -timeout 0s 3@1":          "-timeout must be above it",
		"replay 3@99999999999999999999": "a position must be",
	} {
		var out bytes.Buffer
		err := letters.Run(t.Context(), &out, letters.Source{}, strings.Fields(args))
		if monitor.CodeOf(err) != monitor.Invalid || !strings.Contains(err.Error(), want) {
			t.Errorf("letters %s: got %v, want invalid: %s", args, err, want)
		}
	}
	for _, args := range []string{"-help", "help", "list -help"} {
		var out bytes.Buffer
		if err := letters.Run(t.Context(), &out, letters.Source{}, strings.Fields(args)); err != nil || out.Len() == 0 {
			t.Errorf("letters %s: got %v and %q, want words", args, err, out.String())
		}
	}
}

// columns returns columns of the table, without its head.
func columns(table string, which ...int) []string {
	var out []string
	for line := range strings.Lines(table) {
		fields := strings.Fields(line)
		if !strings.Contains(fields[0], "@") {
			continue
		}
		var cells []string
		for _, n := range which {
			cells = append(cells, fields[n])
		}
		out = append(out, strings.Join(cells, " "))
	}
	return out
}

func TestList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.emit(3, kindTest, "3", "a", "b", "c")
	w.emit(4, events.TypeRowRejected, "3", "row")
	all := []string{
		"3@3 test monitor.row.rejected.v1 row 3 rejected -", "3@2 store monitor.test.v1 c 3 invalid 1",
		"3@1 store monitor.test.v1 b 3 invalid 1", "3@0 store monitor.test.v1 a 3 invalid 1",
	}
	for args, want := range map[string][]string{
		"list":                               all,
		"list -limit 2":                      all[:2],
		"list -limit 0 -since 1h":            all,
		"list -oldest -limit 1":              all[3:],
		"list -reason invalid -limit 1":      all[1:2],
		"list -type monitor.row.rejected.v1": all[:1],
		"list -function store -scan 2":       all[1:2],
		"list -since 2999-01-01T00:00:00Z":   nil,
		"list -function probe":               nil,
	} {
		// KEY and REASON may hold no space; TIME is left out.
		if diff := cmp.Diff(want, columns(w.run(strings.Fields(args)...), 0, 2, 3, 4, 5, 6, 7)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", args, diff)
		}
	}
	for args, want := range map[string]string{
		"list -limit 1": "1 dead letters in " + w.source.Topic + "; 3 more match: -limit shows them",
		"list -scan 3":  "3 dead letters in " + w.source.Topic + "; 1 records before them were not looked at: -scan looks further back",
	} {
		if out := w.run(strings.Fields(args)...); !strings.Contains(out, want) {
			t.Errorf("%s: got %s, want %s", args, out, want)
		}
	}
}

func TestShow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.emit(1, kindTest, "3", "a")
	w.emit(2, events.TypeRowRejected, "4", "row\x1b[2Jid")
	w.raw(&sarama.ProducerMessage{
		Topic: w.source.Origin, Key: sarama.StringEncoder("5"), Value: sarama.StringEncoder("\x1b[31m\x00no event"),
		Headers: []sarama.RecordHeader{{Key: []byte("x\u202e"), Value: []byte("y\r\n")}, {Key: []byte("reason"), Value: []byte("its own")}},
	})
	w.until("the third letter", func() bool { return strings.Contains(w.run("list"), "(no event)") })
	for at, wants := range map[string][]string{
		w.position("monitor.test.v1"): {
			"an event", "record key         3", "  id                 a", "  partitionkey       3", "  origintopic        " + w.source.Origin,
			"  originoffset       0", "  attempts           1", "error: the test refuses a\n", `  "reason": "due: is ahead",`,
		},
		w.position("row.rejected"): {`  id                 row\x1b[2Jid`, `row: [1,\x1b[2J]`, "rejected: due: is ahead"},
		w.position("(no event)"): {
			"no event", `  x\u202e            y\x0d\x0a`, "  reason             its own\n", "  reason             invalid\n",
			"error: the record is no CloudEvent", "00000000  1b 5b 33 31 6d 00 6e 6f  20 65 76 65 6e 74        |.[31m.no event|",
		},
	} {
		out := w.run("show", at)
		for _, want := range wants {
			if !strings.Contains(out, want) {
				t.Errorf("show %s: %q is not in\n%s", at, want, out)
			}
		}
		if strings.ContainsAny(out+w.run("list"), "\x1b\r\x00\u202e") {
			t.Errorf("show %s: got control characters in %q", at, out)
		}
	}
	if out := w.run("show", "-bytes", "5", w.position("(no event)")); !strings.Contains(out, "… and 9 bytes more: -bytes shows them") {
		t.Errorf("show -bytes: got\n%s", out)
	}
	for at, says := range map[string]string{
		"99@0":  "99@0: the topic " + w.source.Topic + " has the partitions 0 to 3",
		"0@777": "0@777: the partition ends before it",
	} {
		w.fails(monitor.NotFound, says, "show", at)
	}
}

// TestShowDeep shows data that would become very large with its lines indented.
func TestShowDeep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const depth = 2000
	deep := strings.Repeat("[", depth) + strings.Repeat("1,", depth) + "1" + strings.Repeat("]", depth)
	w.raw(&sarama.ProducerMessage{Topic: w.source.Origin, Value: sarama.StringEncoder(deep), Headers: []sarama.RecordHeader{
		{Key: []byte("ce_specversion"), Value: []byte("1.0")},
		{Key: []byte("ce_id"), Value: []byte("deep")},
		{Key: []byte("ce_source"), Value: []byte("/s")},
		{Key: []byte("ce_type"), Value: []byte(kindTest)},
		{Key: []byte("content-type"), Value: []byte("application/json")},
	}})
	w.until("the letter", func() bool { return strings.Contains(w.run("list"), "deep") })
	if out := w.run("show", "-bytes", "0", w.position("deep")); len(out) > 2*len(deep) || !strings.Contains(out, deep) {
		t.Errorf("got %d bytes, want the %d of the data as they are", len(out), len(deep))
	}
}
