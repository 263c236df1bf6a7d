package rows

import "github.com/api-endpoint-monitor/monitor/shared/monitor"

// The columns of a row, in the order in which they are written.
const (
	columnDue = iota
	columnMicros
	columnLateness
	columnFirstByte
	columnTransfer
	columnBytes
	columnStatus
	columnCertificate
	columnOutcome
	columnKind
	columnDNS
	columnConnect
	columnTLS
	columnFault
	columnReason
	columnUnmet
	columnSpared
	columnExtract
	columnCount
)

func appendRow(dst []byte, r *monitor.Result, start monitor.Instant, common usual) []byte {
	dst = appendInteger(append(dst, '['), r.Due-start)
	end := columnCount
	for end > 1 && usualAt(r, end-1, common) {
		end--
	}
	for column := 1; column < end; column++ {
		dst = appendColumn(append(dst, ','), r, column)
	}
	return append(dst, ']')
}

// usualAt tells whether the column has the value that is meant where it is left out.
func usualAt(r *monitor.Result, column int, common usual) bool {
	switch column {
	case columnMicros:
		return r.Micros == 0
	case columnLateness:
		return r.Start == r.Due && r.Start != 0
	case columnFirstByte:
		return r.FirstByte == 0
	case columnTransfer:
		return r.Transfer == 0
	case columnBytes:
		return r.Bytes == common.bytes
	case columnStatus:
		return r.Status == common.status
	case columnCertificate:
		return r.Certificate == common.certificate
	case columnOutcome:
		return r.Outcome == outcomes[0]
	case columnKind:
		return r.Kind == kinds[0]
	case columnDNS:
		return r.DNS == 0
	case columnConnect:
		return r.Connect == 0
	case columnTLS:
		return r.TLS == 0
	case columnFault:
		return r.Fault == ""
	case columnReason:
		return r.Reason == ""
	case columnUnmet:
		return len(r.Unmet) == 0
	case columnSpared:
		return r.Spared == 0
	default:
		return r.Extract == ""
	}
}

func appendColumn(dst []byte, r *monitor.Result, column int) []byte {
	switch column {
	case columnMicros:
		return appendInteger(dst, r.Micros)
	case columnLateness:
		if r.Start == 0 {
			return append(dst, "null"...)
		}
		return appendInteger(dst, r.Start-r.Due)
	case columnFirstByte:
		return appendInteger(dst, r.FirstByte)
	case columnTransfer:
		return appendInteger(dst, r.Transfer)
	case columnBytes:
		return appendInteger(dst, r.Bytes)
	case columnStatus:
		return appendInteger(dst, r.Status)
	case columnCertificate:
		return appendInteger(dst, r.Certificate)
	case columnOutcome:
		return appendWord(dst, outcomes, r.Outcome)
	case columnKind:
		return appendWord(dst, kinds, r.Kind)
	case columnDNS:
		return appendInteger(dst, r.DNS)
	case columnConnect:
		return appendInteger(dst, r.Connect)
	case columnTLS:
		return appendInteger(dst, r.TLS)
	case columnFault:
		return appendText(dst, string(r.Fault))
	case columnReason:
		return appendText(dst, r.Reason)
	case columnUnmet:
		return appendUnmet(dst, r.Unmet)
	case columnSpared:
		return appendInteger(dst, r.Spared)
	default:
		return appendText(dst, r.Extract)
	}
}

// appendWord writes the place of the word in the table, or the word if it lacks it.
func appendWord[T ~string](dst []byte, table []T, value T) []byte {
	for place, known := range table {
		if value == known {
			return appendInteger(dst, place)
		}
	}
	return appendText(dst, string(value))
}

func appendUnmet(dst []byte, list []monitor.Unmet) []byte {
	dst = append(dst, '[')
	for i, one := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(append(dst, '['), one.Expectation)
		dst = appendText(append(dst, ','), one.Want)
		dst = appendText(append(dst, ','), one.Got)
		dst = append(dst, ']')
	}
	return append(dst, ']')
}

// row reads a row. The one before it often has the same words.
func (s *scanner) row(r, before *monitor.Result, start monitor.Instant, common usual) {
	s.literal("[")
	r.Due = start + monitor.Instant(s.integer())
	r.Start, r.Outcome, r.Kind = r.Due, outcomes[0], kinds[0]
	r.Bytes, r.Status, r.Certificate = common.bytes, common.status, common.certificate
	for column := 1; s.found(','); column++ {
		s.column(r, before, column)
	}
	s.literal("]")
}

func (s *scanner) column(r, before *monitor.Result, column int) {
	switch column {
	case columnMicros:
		r.Micros = s.integer()
	case columnLateness:
		r.Start = s.started(r.Due)
	case columnFirstByte:
		r.FirstByte = s.integer()
	case columnTransfer:
		r.Transfer = s.integer()
	case columnBytes:
		r.Bytes = s.integer()
	case columnStatus:
		r.Status = int(s.integer())
	case columnCertificate:
		r.Certificate = monitor.Instant(s.integer())
	case columnOutcome:
		r.Outcome = word(s, outcomes, before.Outcome)
	case columnKind:
		r.Kind = word(s, kinds, before.Kind)
	case columnDNS:
		r.DNS = s.integer()
	case columnConnect:
		r.Connect = s.integer()
	case columnTLS:
		r.TLS = s.integer()
	case columnFault:
		r.Fault = monitor.Fault(s.text(string(before.Fault)))
	case columnReason:
		r.Reason = s.text(before.Reason)
	case columnUnmet:
		r.Unmet = s.unmet(before.Unmet)
	case columnSpared:
		r.Spared = int(s.integer())
	case columnExtract:
		r.Extract = s.text(before.Extract)
	default:
		s.fail()
	}
}

func (s *scanner) started(due monitor.Instant) monitor.Instant {
	if s.at < len(s.data) && s.data[s.at] == 'n' {
		s.literal("null")
		return 0
	}
	return due + monitor.Instant(s.integer())
}

func (s *scanner) unmet(before []monitor.Unmet) []monitor.Unmet {
	s.literal("[")
	if s.found(']') {
		return nil
	}
	var list []monitor.Unmet
	for {
		guess := monitor.Unmet{}
		if len(list) < len(before) {
			guess = before[len(list)]
		}
		var one monitor.Unmet
		s.literal("[")
		one.Expectation = s.text(guess.Expectation)
		s.literal(",")
		one.Want = s.text(guess.Want)
		s.literal(",")
		one.Got = s.text(guess.Got)
		s.literal("]")
		list = append(list, one)
		if !s.found(',') {
			s.literal("]")
			return list
		}
	}
}
