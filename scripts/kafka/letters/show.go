package letters

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
)

// show prints all that is known of letters. One that is not there does not keep
// the others from being shown.
func show(ctx context.Context, j *job) error {
	var faults []error
	for _, at := range j.positions {
		letter, err := j.letters.Get(ctx, at)
		if err == nil {
			_, err = fmt.Fprint(j.out, j.text(&letter))
		}
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

func (j *job) text(l *kafka.Letter) string {
	var out strings.Builder
	kind := "an event"
	if !l.IsEvent() {
		kind = "no event"
	}
	fmt.Fprintf(&out, "%s of %s, written %s, %s\n", l.Position, j.topic, stamp(l.Time), kind)
	listed := append([][2]string{{"record key", l.Key}}, l.Listed()...)
	for _, one := range listed {
		if one[1] != "" {
			fmt.Fprintf(&out, "  %-18s %s\n", harmless(one[0]), harmless(one[1]))
		}
	}
	if text := l.Error(); text != "" {
		fmt.Fprintf(&out, "error: %s\n", harmless(text))
	}
	if l.Type() == events.TypeRowRejected {
		out.WriteString(rejected(l))
	}
	fmt.Fprintf(&out, "data: %d bytes\n%s\n", len(l.Data), j.data(l))
	return out.String()
}

// rejected tells of a row that is no result.
func rejected(l *kafka.Letter) string {
	row, err := events.Decode[events.RowRejected](l.Event)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("row: %s\nrejected: %s\n", harmless(string(row.Row)), harmless(row.Reason))
}

// data returns JSON with its lines indented, other text as it is, and the bytes
// of all else in hexadecimal.
func (j *job) data(l *kafka.Letter) string {
	data := l.Data
	if len(data) == 0 {
		return ""
	}
	if !l.IsEvent() || !utf8.Valid(data) {
		shown, left := j.cut(data)
		return hex.Dump(shown) + left
	}
	var indented bytes.Buffer
	if !isDeep(data) && json.Indent(&indented, data, "", "  ") == nil {
		data = indented.Bytes()
	}
	shown, left := j.cut(data)
	return harmlessLines(strings.ToValidUTF8(string(shown), "")) + "\n" + left
}

// maxDepth is how deep JSON may be nested to be indented.
const maxDepth = 32

// isDeep tells whether JSON is nested so deep that its indentation could take
// thousands of times as much as itself. Brackets in texts count too: what they
// make deep is shown as it is.
func isDeep(data []byte) bool {
	depth := 0
	for _, c := range data {
		switch c {
		case '[', '{':
			if depth++; depth > maxDepth {
				return true
			}
		case ']', '}':
			depth--
		}
	}
	return false
}

// cut returns as much of the data as is shown, and what to say of the rest.
func (j *job) cut(data []byte) (shown []byte, left string) {
	if j.bytes == 0 || len(data) <= j.bytes {
		return data, ""
	}
	return data[:j.bytes], fmt.Sprintf("… and %d bytes more: -bytes shows them\n", len(data)-j.bytes)
}
