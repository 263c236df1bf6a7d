package events

import (
	"bytes"
	"encoding/json"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// maxRejectedRow is how much of a rejected row is kept, in bytes.
const maxRejectedRow = 4 << 10

// DecodeResults reads the data of a probe.results event into results and gives
// every row its location. Rows that cannot be results go to results.Rejected,
// the others into results.Rows. Data that is no probe.results at all, or that
// carries more than MaxRows rows, is Invalid.
func DecodeResults(data []byte, results *ProbeResults) error {
	*results = ProbeResults{}
	if scanResults(data, results) {
		return nil
	}
	*results = ProbeResults{}
	return decodeRowByRow(data, results)
}

func decodeRowByRow(data []byte, results *ProbeResults) error {
	var loose struct {
		Shard    int               `json:"shard"`
		Location string            `json:"location"`
		Rows     []json.RawMessage `json:"rows"`
	}
	if err := json.Unmarshal(data, &loose); err != nil {
		return monitor.Wrap(monitor.Invalid, err, "results must be a JSON object with shard, location and rows")
	}
	if len(loose.Rows) > MaxRows {
		return monitor.FieldErrorf("rows", "must be %d at most, got %d: send more events", MaxRows, len(loose.Rows))
	}
	results.Shard, results.Location = loose.Shard, loose.Location
	results.Rows = make([]monitor.Result, 0, len(loose.Rows))
	for _, raw := range loose.Rows {
		var row monitor.Result
		if err := json.Unmarshal(raw, &row); err != nil {
			results.reject(raw, err)
			continue
		}
		results.take(&row, raw)
	}
	return nil
}

// take keeps the row if it can be a result, and rejects it if not.
func (p *ProbeResults) take(row *monitor.Result, raw []byte) {
	row.Location = p.Location
	if err := row.Validate(); err != nil {
		p.reject(raw, err)
		return
	}
	p.Rows = append(p.Rows, *row)
}

func (p *ProbeResults) reject(raw []byte, why error) {
	p.Rejected = append(p.Rejected, RowRejected{
		Shard: p.Shard, Location: p.Location, Reason: why.Error(), Row: bytes.Clone(raw[:min(len(raw), maxRejectedRow)]),
	})
}
