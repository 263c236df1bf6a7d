// Package letters lists and shows dead letters, and puts them back into the
// topic that they came from.
package letters

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/api-endpoint-monitor/monitor/knative"
	"github.com/api-endpoint-monitor/monitor/shared/host"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

const usage = `usage:
  kafka letters list                  list dead letters, newest first
  kafka letters show POSITION …       show all that is known of some
  kafka letters replay POSITION …     put some back into the topic that they came from
  kafka letters replay -all -yes      put all back that -reason, -type, -function and -since choose
A position is partition@offset, as the list says. All Triggers that match get a letter again.
list -help and so on name the flags.`

// slot is that of the manifests.
const slot = 10 * time.Second

// Source says where dead letters lie.
type Source struct {
	Settings kafka.Settings
	Topic    string // of dead letters
	Origin   string // that they go back to
}

// Command does what the arguments say with the dead letters of the brokers that
// the environment names. It prints to out. Invalid: the arguments or the settings
// have faults.
func Command(ctx context.Context, out io.Writer, args []string) error {
	wiring, err := topology.Load(knative.Files, slot)
	if err != nil {
		return err
	}
	topics := slices.Sorted(maps.Values(wiring.Sinks))
	if len(topics) != 1 || wiring.Topic == "" {
		return monitor.Errorf(monitor.Internal, "the manifests must name one topic of dead letters and one of events, got %q and %q", topics, wiring.Topic)
	}
	from := Source{Topic: topics[0], Origin: wiring.Topic}
	if err := host.Load(&from.Settings); err != nil {
		return err
	}
	return Run(ctx, out, from, args)
}

// Run is Command with dead letters that lie elsewhere.
func Run(ctx context.Context, out io.Writer, from Source, args []string) error {
	if len(args) == 0 {
		return monitor.Errorf(monitor.Invalid, "%s", usage)
	}
	if slices.Contains([]string{"help", "-h", "-help", "--help"}, args[0]) {
		_, err := fmt.Fprintln(out, usage)
		return err
	}
	steps := map[string]func(context.Context, *job) error{"list": list, "show": show, "replay": replay}
	step, ok := steps[args[0]]
	if !ok {
		return monitor.Errorf(monitor.Invalid, "there is no command %q\n%s", args[0], usage)
	}
	j, err := parse(out, args[0], args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, j.timeout)
	defer cancel()
	if j.letters, err = kafka.OpenLetters(ctx, from.Settings, from.Topic, from.Origin); err != nil {
		return err
	}
	j.topic = from.Topic
	return errors.Join(step(ctx, j), j.letters.Close(ctx))
}

// job is what the arguments ask for.
type job struct {
	out     io.Writer
	letters *kafka.Letters
	topic   string

	timeout   time.Duration
	positions []kafka.Position
	filter    filter
	scan      int64

	limit  int  // list
	oldest bool // list
	bytes  int  // show

	all, yes, again bool // replay
}

// filter chooses letters by what they say; "" and the zero time choose all.
type filter struct {
	reason, kind, function string
	since                  time.Time
}

func (f filter) chooses(l *kafka.Letter) bool {
	fits := func(wanted, got string) bool { return wanted == "" || wanted == got }
	return fits(f.reason, l.Reason()) && fits(f.kind, l.Type()) && fits(f.function, l.Function())
}

// parse reads the arguments behind the name of a step.
func parse(out io.Writer, step string, args []string) (*job, error) {
	j := &job{out: out}
	flags := flag.NewFlagSet("kafka letters "+step, flag.ContinueOnError)
	flags.SetOutput(out)
	patience := time.Minute
	if step == "replay" {
		patience *= 10
	}
	flags.DurationVar(&j.timeout, "timeout", patience, "give up after this time")
	since := ""
	if step != "show" {
		flags.StringVar(&j.filter.reason, "reason", "", "only letters with this reason, such as invalid or unavailable")
		flags.StringVar(&j.filter.kind, "type", "", "only events of this type")
		flags.StringVar(&j.filter.function, "function", "", "only letters that this function failed on")
		flags.StringVar(&since, "since", "", "only letters of the last `time`, such as 2h, or since a moment, such as 2026-01-31T15:04:05Z")
		flags.Int64Var(&j.scan, "scan", 5000, "look at this many records of each partition, the newest ones; 0: at all")
	}
	switch step {
	case "list":
		flags.IntVar(&j.limit, "limit", 50, "list this many at most; 0: all")
		flags.BoolVar(&j.oldest, "oldest", false, "oldest first")
	case "show":
		flags.IntVar(&j.bytes, "bytes", 4096, "show this much of the data; 0: all of it")
	case "replay":
		flags.BoolVar(&j.all, "all", false, "all letters that the other flags choose")
		flags.BoolVar(&j.yes, "yes", false, "with -all: do it; without, they are only counted")
		flags.BoolVar(&j.again, "again", false, "replay what was replayed before, too")
	}
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil, err
	} else if err != nil {
		return nil, monitor.Wrap(monitor.Invalid, err, "the flags of %s cannot be read", step)
	}
	var err error
	if j.filter.since, err = moment(since, time.Now()); err != nil {
		return nil, err
	}
	return j, j.take(step, flags)
}

// take reads the arguments behind the flags.
func (j *job) take(step string, flags *flag.FlagSet) error {
	for _, text := range flags.Args() {
		at, err := kafka.ParsePosition(text)
		if err != nil {
			return err
		}
		j.positions = append(j.positions, at)
	}
	var choosing []string
	flags.Visit(func(f *flag.Flag) {
		if slices.Contains([]string{"reason", "type", "function", "since", "scan", "yes"}, f.Name) {
			choosing = append(choosing, "-"+f.Name)
		}
	})
	named := len(j.positions) > 0
	switch {
	case j.scan < 0 || j.limit < 0 || j.bytes < 0 || j.timeout <= 0:
		return monitor.Errorf(monitor.Invalid, "-scan, -limit and -bytes must not be below 0, and -timeout must be above it")
	case step == "list" && named:
		return monitor.Errorf(monitor.Invalid, "list takes no positions; show does")
	case step == "show" && !named:
		return monitor.Errorf(monitor.Invalid, "show needs the positions of letters; list has them")
	case step == "replay" && j.all == named:
		return monitor.Errorf(monitor.Invalid, "replay needs either positions of letters, which list has, or -all")
	case step == "replay" && !j.all && len(choosing) > 0:
		return monitor.Errorf(monitor.Invalid, "%s chooses among all letters: it needs -all, and no positions", strings.Join(choosing, ", "))
	}
	return nil
}

// moment reads a length of time before now, or a moment.
func moment(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if length, err := time.ParseDuration(text); err == nil && length > 0 {
		return now.Add(-length), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, monitor.Errorf(monitor.Invalid, "-since must be a time such as 2h, or a moment such as 2026-01-31T15:04:05Z, got %q", text)
	}
	return at, nil
}
