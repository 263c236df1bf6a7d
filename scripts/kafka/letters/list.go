package letters

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/kafka"
)

// list prints a line for each letter that the filter chooses.
func list(ctx context.Context, j *job) error {
	found, err := j.letters.Scan(ctx, kafka.Range{Since: j.filter.since, Newest: j.scan}, j.filter.chooses)
	if err != nil {
		return err
	}
	slices.SortStableFunc(found.Letters, func(a, b kafka.Letter) int {
		order := cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Position.Partition, b.Position.Partition), cmp.Compare(a.Position.Offset, b.Position.Offset))
		if j.oldest {
			return order
		}
		return -order
	})
	shown := found.Letters
	if j.limit > 0 {
		shown = shown[:min(len(shown), j.limit)]
	}
	return errors.Join(j.table(shown), j.sum(found, len(shown)))
}

func (j *job) table(shown []kafka.Letter) error {
	if len(shown) == 0 {
		return nil
	}
	table := tabwriter.NewWriter(j.out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "POSITION\tTIME\tFUNCTION\tTYPE\tID\tKEY\tREASON\tTRIES\tREPLAYED")
	for i := range shown {
		l := &shown[i]
		kind := l.Type()
		if !l.IsEvent() {
			kind = "(no event)"
		}
		cells := []string{
			l.Position.String(), stamp(l.Time), l.Function(), kind, l.ID(), l.Key,
			l.Reason(), l.Attributes[kafka.ExtensionAttempts], replayed(l),
		}
		for n, text := range cells {
			cells[n] = cell(text)
		}
		_, _ = fmt.Fprintln(table, strings.Join(cells, "\t"))
	}
	return table.Flush()
}

// sum says what the table has, and what it has not.
func (j *job) sum(found kafka.Found, shown int) error {
	text := fmt.Sprintf("%d dead letters in %s", shown, j.topic)
	if left := len(found.Letters) - shown; left > 0 {
		text += fmt.Sprintf("; %d more match: -limit shows them", left)
	}
	if found.Passed > 0 {
		text += fmt.Sprintf("; %d records before them were not looked at: -scan looks further back", found.Passed)
	}
	_, err := fmt.Fprintln(j.out, text)
	return err
}

func replayed(l *kafka.Letter) string {
	switch {
	case !l.Replayed.IsZero():
		return stamp(l.Replayed)
	case !l.Begun.IsZero():
		return "begun " + stamp(l.Begun)
	default:
		return ""
	}
}

func stamp(at time.Time) string { return at.UTC().Format(time.RFC3339) }
