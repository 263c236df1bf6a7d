package query

import "github.com/api-endpoint-monitor/monitor/shared/monitor"

// ResultView is one result as the API shows it. Spans are microseconds.
type ResultView struct {
	Location    string          `json:"location" doc:"Where the check was made from"`
	Due         Moment          `json:"due"`
	Start       Moment          `json:"start,omitempty" doc:"When the check started; start minus due is its lateness"`
	Kind        monitor.Kind    `json:"kind" enum:"scheduled,confirm,connection,manual" doc:"Why the check was made; only scheduled ones enter uptime and series"`
	Outcome     monitor.Outcome `json:"outcome" enum:"passed,degraded,failed,unknown"`
	Micros      int64           `json:"duration_us"`
	Status      int             `json:"status,omitempty" doc:"HTTP status of the answer"`
	Bytes       int64           `json:"bytes,omitempty" doc:"Size of the answer's body, as read"`
	DNS         int64           `json:"dns_us,omitempty"`
	Connect     int64           `json:"connect_us,omitempty"`
	TLS         int64           `json:"tls_us,omitempty"`
	FirstByte   int64           `json:"first_byte_us,omitempty"`
	Transfer    int64           `json:"transfer_us,omitempty"`
	Certificate Moment          `json:"certificate,omitempty" doc:"When the first of the peer's certificates ends"`
	Spared      int             `json:"spared,omitempty" doc:"Due times before it at which the endpoint was not checked, since it had been down for long"`
	Fault       monitor.Fault   `json:"fault,omitempty" doc:"Why the check did not pass, for programs"`
	Reason      string          `json:"reason,omitempty" doc:"Why the check did not pass, for people"`
	Unmet       []monitor.Unmet `json:"unmet,omitempty" doc:"The expectations that the answer missed"`
	Extract     string          `json:"extract,omitempty" doc:"The beginning of the answer's body, at most 512 bytes of text without secrets; only lists of results have it, and only for some of the checks that did not pass"`
}

// viewResult leaves the extract out: it is for those who look at single checks.
func viewResult(r *monitor.Result) ResultView {
	return ResultView{
		Location: r.Location, Due: Moment(r.Due), Start: Moment(r.Start), Kind: r.Kind, Outcome: r.Outcome,
		Micros: r.Micros, Status: r.Status, Bytes: r.Bytes,
		DNS: r.DNS, Connect: r.Connect, TLS: r.TLS, FirstByte: r.FirstByte, Transfer: r.Transfer,
		Certificate: Moment(r.Certificate), Spared: r.Spared, Fault: r.Fault, Reason: r.Reason, Unmet: r.Unmet,
	}
}

// ResultList is one page of results, newest first.
type ResultList struct {
	Items []ResultView `json:"items"`
	Next  string       `json:"next,omitempty" doc:"Cursor of the next page; absent at the end"`
}
