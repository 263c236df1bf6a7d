package events

import (
	"encoding/json"
	"slices"
	"strconv"

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
		before := len(dst)
		dst = AppendRow(dst, &results.Rows[i])
		if i == 0 { // most rows are about as long as the first
			dst = slices.Grow(dst, (len(dst)-before+len(dst)/8)*(len(results.Rows)-1))
		}
	}
	return append(dst, "]}"...)
}

// AppendRow appends the JSON of one row, without its location.
func AppendRow(dst []byte, r *monitor.Result) []byte {
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
	dst = appendOptional(dst, `,"spared":`, int64(r.Spared))
	if r.Extract != "" {
		dst = appendText(dst, `,"extract":`, r.Extract)
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
