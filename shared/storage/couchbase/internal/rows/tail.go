package rows

import (
	"bytes"
	"encoding/base64"
	"encoding/json"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// AppendTail appends the document of an event of the tail, which names its writer:
// {"by": "…", "arrived": 1777593600120, "data": {…}} with the event as it came, or,
// where that cannot be a JSON object, {…, "base64": "…"}. Nobody looks further into
// the event: that would cost more than all else, and every byte comes back anyway.
func AppendTail(dst []byte, by string, arrived monitor.Instant, data []byte) []byte {
	dst = appendText(append(dst, `{"by":`...), by)
	dst = appendInteger(append(dst, `,"arrived":`...), arrived)
	if len(data) > 1 && data[0] == '{' && data[len(data)-1] == '}' {
		dst = append(append(dst, `,"data":`...), data...)
	} else {
		dst = base64.StdEncoding.AppendEncode(append(dst, `,"base64":"`...), data)
		dst = append(dst, '"')
	}
	return append(dst, '}')
}

// ReadTail returns the event of a document, byte for byte, and when it arrived.
// Internal: AppendTail did not write it. The document is not kept.
func ReadTail(body []byte) (arrived monitor.Instant, data []byte, err error) {
	s := &scanner{data: body}
	s.literal(`{"by":`)
	s.text("")
	s.literal(`,"arrived":`)
	arrived = monitor.Instant(s.integer())
	s.literal(`,"`)
	rest, ended := bytes.CutSuffix(s.data[s.at:], []byte("}"))
	if raw, found := bytes.CutPrefix(rest, []byte(`data":`)); found && ended {
		return arrived, bytes.Clone(raw), nil
	}
	if !ended || s.bad {
		return others(body)
	}
	raw, found := bytes.CutPrefix(rest, []byte(`base64":"`))
	raw, closed := bytes.CutSuffix(raw, []byte(`"`))
	data, err = base64.StdEncoding.AppendDecode([]byte{}, raw)
	if !found || !closed || err != nil {
		return others(body)
	}
	return arrived, data, nil
}

// others reads a document whose fields someone else has put in another order.
func others(body []byte) (monitor.Instant, []byte, error) {
	var document struct {
		Arrived monitor.Instant `json:"arrived"`
		Data    json.RawMessage `json:"data"`
		Base64  []byte          `json:"base64"`
	}
	err := json.Unmarshal(body, &document)
	if err != nil || document.Data == nil && document.Base64 == nil {
		return 0, nil, monitor.Errorf(monitor.Internal, "damaged event: the document is not as it was written")
	}
	if document.Data != nil {
		return document.Arrived, document.Data, nil
	}
	return document.Arrived, document.Base64, nil
}
