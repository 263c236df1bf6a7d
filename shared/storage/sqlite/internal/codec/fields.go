package codec

import "github.com/api-endpoint-monitor/monitor/shared/monitor"

// The columns of a window, in the order in which they are written.
const (
	columnDue = iota // less the due time of the row before
	columnStarted
	columnLateness
	columnDNS
	columnConnect
	columnTLS
	columnFirstByte
	columnTransfer
	columnRest // of the latency: what is in no phase
	columnStatus
	columnBytes
	columnCertificate
	columnKind
	columnOutcome
	columnFault
	columnReason
	columnUnmet // how many expectations were missed
	columnCount
)

// The columns of missed expectations.
const (
	columnExpectation = iota
	columnWant
	columnGot
	unmetColumns
)

// columns returns count columns of n values each.
func columns(buffer *[]int64, count, n int) [][]int64 {
	if cap(*buffer) < count*n {
		*buffer = make([]int64, count*n)
	}
	split := make([][]int64, count)
	for i := range split {
		split[i] = (*buffer)[i*n : (i+1)*n]
	}
	return split
}

// split takes the rows apart.
func (e *Encoder) split(rows []monitor.Result, into [][]int64) {
	before := monitor.Instant(0)
	for i := range rows {
		r := &rows[i]
		into[columnDue][i], before = int64(r.Due-before), r.Due
		started, lateness := int64(0), int64(0)
		if r.Start != 0 {
			started, lateness = 1, int64(r.Start-r.Due)
		}
		into[columnStarted][i], into[columnLateness][i] = started, lateness
		into[columnDNS][i] = r.DNS
		into[columnConnect][i] = r.Connect
		into[columnTLS][i] = r.TLS
		into[columnFirstByte][i] = r.FirstByte
		into[columnTransfer][i] = r.Transfer
		into[columnRest][i] = r.Micros - phases(&r.Phases)
		into[columnStatus][i] = int64(r.Status)
		into[columnBytes][i] = r.Bytes
		into[columnCertificate][i] = int64(r.Certificate)
		into[columnUnmet][i] = int64(len(r.Unmet))
	}
}

// splitWords is apart from split so that each column meets like words in a row.
func (e *Encoder) splitWords(rows []monitor.Result, into [][]int64) {
	for i := range rows {
		into[columnKind][i] = e.words.place(string(rows[i].Kind))
	}
	for i := range rows {
		into[columnOutcome][i] = e.words.place(string(rows[i].Outcome))
	}
	for i := range rows {
		into[columnFault][i] = e.words.place(string(rows[i].Fault))
	}
	for i := range rows {
		into[columnReason][i] = e.words.place(rows[i].Reason)
	}
}

// join puts the rows together.
func (r *reader) join(own dictionary, from [][]int64, rows []monitor.Result) {
	due := monitor.Instant(0)
	for i := range rows {
		row := &rows[i]
		due += monitor.Instant(from[columnDue][i])
		row.Due = due
		if from[columnStarted][i] != 0 {
			row.Start = due + monitor.Instant(from[columnLateness][i])
		}
		row.Phases = monitor.Phases{
			DNS: from[columnDNS][i], Connect: from[columnConnect][i], TLS: from[columnTLS][i],
			FirstByte: from[columnFirstByte][i], Transfer: from[columnTransfer][i],
		}
		row.Micros = from[columnRest][i] + phases(&row.Phases)
		row.Status = int(from[columnStatus][i])
		row.Bytes = from[columnBytes][i]
		row.Certificate = monitor.Instant(from[columnCertificate][i])
		row.Kind = monitor.Kind(r.word(own, from[columnKind][i]))
		row.Outcome = monitor.Outcome(r.word(own, from[columnOutcome][i]))
		row.Fault = monitor.Fault(r.word(own, from[columnFault][i]))
		row.Reason = r.word(own, from[columnReason][i])
	}
}

func phases(p *monitor.Phases) int64 { return p.DNS + p.Connect + p.TLS + p.FirstByte + p.Transfer }
