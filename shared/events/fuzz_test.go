package events_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// FuzzDecodeResults holds the decoder to encoding/json: the same rows are kept,
// all others are rejected, and it never panics.
func FuzzDecodeResults(f *testing.F) {
	for _, seed := range []string{
		`{"shard":1,"location":"x","rows":null}`,
		`{"shard":1,"location":"x","rows":[]}`,
		`{"shard":-0,"location":"","rows":[{"endpoint":"a/b","due":1,"kind":"scheduled","outcome":"passed","us":5}]}`,
		`{"shard":1,"location":"x","rows":[{"endpoint":"a/b","due":1,"start":2,"kind":"manual","outcome":"failed","us":5,"status":500,"fault":"expectation","reason":"got \u003c\ud83d\ude00","unmet":[{"expectation":"status","want":"200","got":"500"},{"expectation":"cel","want":"a","got":"b"}]}]}`,
		`{"shard":1,"location":"x","rows":[{"endpoint":"a/b","due":1,"kind":"manual","outcome":"failed","us":5,"extract":"\u003cscript\u003e\n😀…"}]}`,
		`{"shard":1,"location":"x","rows":[{"endpoint":"a/b","due":1,"kind":"manual","outcome":"failed","us":5,"extract":"","unmet":[]}]}`,
		`{"shard":1,"location":"x","rows":[{"endpoint":"a/b","due":01}]}`,
		`{"shard":1,"location":"x","rows":[{"endpoint":"a/b","due":1,"kind":"scheduled","outcome":"passed","us":5,"unmet":[]}]}`,
		`{"shard":1,"location":"x","rows":[{"endpoint":"a\/b","due":1,"kind":"scheduled","outcome":"passed","us":99999999999999999999}]}`,
		`{"shard":1,"location":"\xff","rows":[0,"",{}]}`,
		"{\"shard\":1,\"location\":\"\xff\x7f\",\"rows\":[]}",
		"{\"shard\":1,\"location\":\"\x00\",\"rows\":[]}",
		`{"Shard":1,"LOCATION":"x","rows":[{"ENDPOINT":"a/b","due":1}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var got events.ProbeResults
		err := events.DecodeResults(data, &got)
		want, wantErr := slowly(data)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("got error %v, encoding/json says %v", err, wantErr)
		}
		if err != nil {
			return
		}
		if diff := cmp.Diff(want.Rows, got.Rows, cmpopts.EquateEmpty()); diff != "" || want.Shard != got.Shard || want.Location != got.Location {
			t.Fatalf("want -, got +:\n%s", diff)
		}
		if len(want.Rejected) != len(got.Rejected) {
			t.Fatalf("got %d rejected rows, want %d", len(got.Rejected), len(want.Rejected))
		}
		again := events.ProbeResults{}
		if err := events.DecodeResults(events.AppendResults(nil, &got), &again); err != nil || len(again.Rejected) > 0 {
			t.Fatalf("what was written does not read back: %v, %v", err, again.Rejected)
		}
		if diff := cmp.Diff(got.Rows, again.Rows, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("written and read back, before -, after +:\n%s", diff)
		}
	})
}

// slowly decodes with encoding/json alone.
func slowly(data []byte) (out events.ProbeResults, err error) {
	var loose struct {
		Shard    int               `json:"shard"`
		Location string            `json:"location"`
		Rows     []json.RawMessage `json:"rows"`
	}
	if err := json.Unmarshal(data, &loose); err != nil {
		return out, err
	}
	if len(loose.Rows) > events.MaxRows {
		return out, monitor.Invalid
	}
	out.Shard, out.Location = loose.Shard, loose.Location
	for _, raw := range loose.Rows {
		var row monitor.Result
		err := json.Unmarshal(raw, &row)
		row.Location = out.Location
		if err != nil || row.Validate() != nil {
			out.Rejected = append(out.Rejected, events.RowRejected{})
			continue
		}
		out.Rows = append(out.Rows, row)
	}
	return out, nil
}
