package letters

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// replay puts letters back, in the order in which their records came. It goes on
// behind one that cannot go back, and ends where Kafka fails.
func replay(ctx context.Context, j *job) error {
	chosen, err := j.choose(ctx)
	if err != nil || j.all && !j.yes {
		return err
	}
	var faults []error
	done := 0
	for _, at := range chosen {
		err := j.letters.Replay(ctx, at, j.again)
		if err == nil {
			done++
			_, err = fmt.Fprintf(j.out, "%s replayed\n", at)
		}
		faults = append(faults, err)
		if errors.Is(err, monitor.Unavailable) || errors.Is(err, monitor.Internal) {
			break
		}
	}
	_, err = fmt.Fprintf(j.out, "%d of %d dead letters replayed\n", done, len(chosen))
	return errors.Join(append(faults, err)...)
}

// choose returns the positions of the letters in their order. Those that are
// named and not found come first: the errors of their replay say why.
func (j *job) choose(ctx context.Context) ([]kafka.Position, error) {
	if j.all {
		return j.chooseAll(ctx)
	}
	from := map[int32]int64{}
	for _, at := range j.positions {
		if first, known := from[at.Partition]; !known || at.Offset < first {
			from[at.Partition] = at.Offset
		}
	}
	found, err := j.letters.Scan(ctx, kafka.Range{From: from}, func(l *kafka.Letter) bool { return slices.Contains(j.positions, l.Position) })
	if err != nil {
		return nil, err
	}
	inOrder := positions(found.Letters)
	var missing []kafka.Position
	for _, at := range j.positions {
		if !slices.Contains(inOrder, at) && !slices.Contains(missing, at) {
			missing = append(missing, at)
		}
	}
	return append(missing, inOrder...), nil
}

// chooseAll chooses the letters that the filter chooses and that can go back,
// and says how many there are.
func (j *job) chooseAll(ctx context.Context) ([]kafka.Position, error) {
	found, err := j.letters.Scan(ctx, kafka.Range{Since: j.filter.since, Newest: j.scan}, j.filter.chooses)
	if err != nil {
		return nil, err
	}
	var chosen []kafka.Letter
	rows, before, begun := 0, 0, 0
	for _, l := range found.Letters {
		switch {
		case l.Type() == events.TypeRowRejected:
			rows++
		case j.again:
			chosen = append(chosen, l)
		case !l.Replayed.IsZero():
			before++
		case !l.Begun.IsZero():
			begun++
		default:
			chosen = append(chosen, l)
		}
	}
	parts := []string{fmt.Sprintf("%d dead letters to replay", len(chosen))}
	for _, left := range []struct {
		count int64
		what  string
	}{
		{int64(rows), "rejected rows, which cannot be"},
		{int64(before), "that were replayed before"},
		{int64(begun), "whose replay began and has not ended"},
		{found.Passed, "records before these were not looked at: -scan looks further back"},
	} {
		if left.count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", left.count, left.what))
		}
	}
	if !j.yes && len(chosen) > 0 {
		parts = append(parts, "-yes replays them")
	}
	_, err = fmt.Fprintln(j.out, strings.Join(parts, "; "))
	return positions(chosen), err
}

func positions(letters []kafka.Letter) []kafka.Position {
	kafka.SortByOrigin(letters)
	var out []kafka.Position
	for i := range letters {
		out = append(out, letters[i].Position)
	}
	return out
}
