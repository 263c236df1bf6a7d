package events

import (
	"encoding/json"
	"strconv"

	gojson "github.com/goccy/go-json"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// AppendResults appends the JSON of results to dst: byte for byte what
// encoding/json writes for them once each row's location is emptied.
func AppendResults(dst []byte, results *ProbeResults) []byte {
	dst = append(dst, `{"shard":`...)
	dst = strconv.AppendInt(dst, int64(results.Shard), 10)
	dst = appendText(dst, `,"location":`, results.Location)
	if results.Rows == nil {
		return append(dst, `,"rows":null}`...)
	}
	dst = append(dst, `,"rows":[`...)
	for i := range results.Rows {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendRow(dst, &results.Rows[i])
	}
	return append(dst, "]}"...)
}

func appendRow(dst []byte, r *monitor.Result) []byte {
	dst = appendText(dst, `{"endpoint":`, r.Endpoint)
	dst = appendInt(dst, `,"due":`, int64(r.Due))
	dst = appendOptional(dst, `,"start":`, int64(r.Start))
	dst = appendText(dst, `,"kind":`, string(r.Kind))
	dst = appendText(dst, `,"outcome":`, string(r.Outcome))
	dst = appendInt(dst, `,"us":`, r.Micros)
	dst = appendOptional(dst, `,"status":`, int64(r.Status))
	dst = appendOptional(dst, `,"bytes":`, r.Bytes)
	dst = appendOptional(dst, `,"dns":`, r.DNS)
	dst = appendOptional(dst, `,"connect":`, r.Connect)
	dst = appendOptional(dst, `,"tls":`, r.TLS)
	dst = appendOptional(dst, `,"first_byte":`, r.FirstByte)
	dst = appendOptional(dst, `,"transfer":`, r.Transfer)
	dst = appendOptional(dst, `,"certificate":`, int64(r.Certificate))
	if r.Fault != "" {
		dst = appendText(dst, `,"fault":`, string(r.Fault))
	}
	if r.Reason != "" {
		dst = appendText(dst, `,"reason":`, r.Reason)
	}
	for i := range r.Unmet {
		dst = appendText(dst, unmetOpening(i), r.Unmet[i].Expectation)
		dst = appendText(dst, `,"want":`, r.Unmet[i].Want)
		dst = appendText(dst, `,"got":`, r.Unmet[i].Got)
		dst = append(dst, '}')
	}
	if len(r.Unmet) > 0 {
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

func unmetOpening(i int) string {
	if i == 0 {
		return `,"unmet":[{"expectation":`
	}
	return `,{"expectation":`
}

func appendInt(dst []byte, name string, value int64) []byte {
	return strconv.AppendInt(append(dst, name...), value, 10)
}

func appendOptional(dst []byte, name string, value int64) []byte {
	if value == 0 {
		return dst
	}
	return appendInt(dst, name, value)
}

func appendText(dst []byte, name, value string) []byte {
	dst = append(dst, name...)
	for i := range len(value) {
		if c := value[i]; c < 0x20 || c >= 0x7f || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			escaped, _ := json.Marshal(value) // a string always encodes
			return append(dst, escaped...)
		}
	}
	dst = append(dst, '"')
	dst = append(dst, value...)
	return append(dst, '"')
}

// maxRejectedRow is how much of a rejected row is kept, in bytes.
const maxRejectedRow = 4 << 10

// DecodeResults reads the data of a probe.results event into results and gives
// every row its location. Rows that cannot be results go to results.Rejected,
// the others into results.Rows. Data that is no probe.results at all is an error.
func DecodeResults(data []byte, results *ProbeResults) error {
	if err := gojson.Unmarshal(data, results); err != nil {
		return decodeRowByRow(data, results)
	}
	kept := results.Rows[:0]
	for i := range results.Rows {
		row := &results.Rows[i]
		row.Location = results.Location
		if err := row.Validate(); err != nil {
			raw, _ := json.Marshal(row) // plain values always encode
			results.reject(raw, err)
			continue
		}
		kept = append(kept, *row)
	}
	results.Rows = kept
	return nil
}

func decodeRowByRow(data []byte, results *ProbeResults) error {
	var loose struct {
		Shard    int               `json:"shard"`
		Location string            `json:"location"`
		Rows     []json.RawMessage `json:"rows"`
	}
	if err := json.Unmarshal(data, &loose); err != nil {
		return err
	}
	*results = ProbeResults{Shard: loose.Shard, Location: loose.Location, Rows: make([]monitor.Result, 0, len(loose.Rows))}
	for _, raw := range loose.Rows {
		var row monitor.Result
		err := json.Unmarshal(raw, &row)
		if err == nil {
			err = row.Validate()
		}
		if err != nil {
			results.reject(raw, err)
			continue
		}
		row.Location = results.Location
		results.Rows = append(results.Rows, row)
	}
	return nil
}

func (p *ProbeResults) reject(raw []byte, why error) {
	p.Rejected = append(p.Rejected, RowRejected{
		Shard: p.Shard, Location: p.Location, Reason: why.Error(), Row: raw[:min(len(raw), maxRejectedRow)],
	})
}
