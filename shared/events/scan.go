package events

import (
	"bytes"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// scanResults reads data that is written exactly as AppendResults writes it,
// several times faster than encoding/json. It returns false for all other
// data, be it good or bad: encoding/json then has the word.
func scanResults(data []byte, results *ProbeResults) bool {
	s := &scanner{data: data}
	s.literal(`{"shard":`)
	results.Shard = int(s.integer())
	s.literal(`,"location":`)
	results.Location = s.text()
	s.literal(`,"rows":[`)
	results.Rows = make([]monitor.Result, 0, min(bytes.Count(data, []byte(`{"endpoint":`)), MaxRows))
	endpoint := ""
	for n := 0; !s.failed && !s.found(`]}`); n++ {
		if n > 0 {
			s.literal(`,`)
		}
		begin := s.at
		row := s.row(endpoint)
		if s.failed || n == MaxRows {
			return false
		}
		endpoint = row.Endpoint
		results.take(&row, data[begin:s.at])
	}
	return !s.failed && s.at == len(data)
}

// row reads what AppendRow writes. The endpoint is the one of the row before.
func (s *scanner) row(endpoint string) (r monitor.Result) {
	s.literal(`{"endpoint":`)
	r.Endpoint = s.known(endpoint)
	s.literal(`,"due":`)
	r.Due = monitor.Instant(s.integer())
	r.Start = monitor.Instant(s.optional(`,"start":`))
	s.literal(`,"kind":`)
	r.Kind = monitor.Kind(s.known(string(monitor.Scheduled)))
	s.literal(`,"outcome":`)
	r.Outcome = monitor.Outcome(s.known(string(monitor.Passed)))
	s.literal(`,"us":`)
	r.Micros = s.integer()
	r.Status = int(s.optional(`,"status":`))
	r.Bytes = s.optional(`,"bytes":`)
	r.DNS = s.optional(`,"dns":`)
	r.Connect = s.optional(`,"connect":`)
	r.TLS = s.optional(`,"tls":`)
	r.FirstByte = s.optional(`,"first_byte":`)
	r.Transfer = s.optional(`,"transfer":`)
	r.Certificate = monitor.Instant(s.optional(`,"certificate":`))
	if s.found(`,"fault":`) {
		r.Fault = monitor.Fault(s.text())
	}
	if s.found(`,"reason":`) {
		r.Reason = s.text()
	}
	if s.found(`,"unmet":[`) {
		r.Unmet = s.unmet()
	}
	r.Spared = int(s.optional(`,"spared":`))
	if s.found(`,"extract":`) {
		r.Extract = s.text()
	}
	s.literal(`}`)
	return r
}

func (s *scanner) unmet() (list []monitor.Unmet) {
	for !s.failed {
		var u monitor.Unmet
		s.literal(`{"expectation":`)
		u.Expectation = s.text()
		s.literal(`,"want":`)
		u.Want = s.text()
		s.literal(`,"got":`)
		u.Got = s.text()
		s.literal(`}`)
		list = append(list, u)
		if s.found(`]`) {
			return list
		}
		s.literal(`,`)
	}
	return nil
}
