package query

import "github.com/api-endpoint-monitor/monitor/shared/monitor"

// IncidentView is an incident as the API shows it.
type IncidentView struct {
	ID        string           `json:"id"`
	Namespace string           `json:"namespace"`
	Endpoint  string           `json:"endpoint" doc:"namespace/id"`
	Name      string           `json:"name" doc:"The endpoint's name when the incident opened"`
	Started   Moment           `json:"started" doc:"When the first failing check was due"`
	Ended     Moment           `json:"ended,omitempty" doc:"When the first good check after it was due; absent while open"`
	Open      bool             `json:"open"`
	Seconds   float64          `json:"duration_seconds" doc:"Until now while open"`
	Reason    string           `json:"reason"`
	Fault     monitor.Fault    `json:"fault,omitempty"`
	Sequence  int              `json:"sequence" doc:"Of its last change, from 1"`
	Timeline  []TransitionView `json:"timeline" doc:"Changes of health, oldest first"`
}

// TransitionView is one change of health with its reason and its evidence.
type TransitionView struct {
	From     monitor.Health `json:"from" enum:"up,degraded,down,unknown"`
	To       monitor.Health `json:"to" enum:"up,degraded,down,unknown"`
	At       Moment         `json:"at" doc:"When the first check that speaks for it was due"`
	Decided  Moment         `json:"decided" doc:"When the check that settled it was due"`
	Reason   string         `json:"reason"`
	Fault    monitor.Fault  `json:"fault,omitempty"`
	Evidence []string       `json:"evidence,omitempty" doc:"Check IDs, oldest first"`
}

// IncidentList is one page of incidents, newest start first.
type IncidentList struct {
	Items []IncidentView `json:"items"`
	Next  string         `json:"next,omitempty" doc:"Cursor of the next page; absent at the end"`
	Stale Moment         `json:"stale_since,omitempty" doc:"The store does not answer: these are the open ones that were known at this time, and those told of since"`
}

// IncidentDetail is an incident with its ledger and those who are told.
type IncidentDetail struct {
	IncidentView
	Ledger   Ledger   `json:"ledger"`
	Channels []string `json:"channels" doc:"namespace/name of each channel that is told of it, settled when it opened; none: nobody is"`
	Stale    Moment   `json:"stale_since,omitempty" doc:"The store does not answer: this is what was known at this time, or told since, without who was told of it"`
}

// Ledger says how fast an incident's opening was told.
type Ledger struct {
	FirstFailure Moment `json:"first_failure"`
	Decided      Moment `json:"decided,omitempty" doc:"When the incident was decided on"`
	Sent         Moment `json:"sent,omitempty" doc:"When the first attempt to tell it began"`
	Accepted     Moment `json:"accepted,omitempty" doc:"When the first channel took it"`
}

// NoticeView is one thing to be told to one channel, and its receipt.
type NoticeView struct {
	Sequence int            `json:"sequence" doc:"Of the incident's change"`
	Change   monitor.Change `json:"change" enum:"opened,updated,resolved"`
	Channel  string         `json:"channel" doc:"namespace/name"`
	Created  Moment         `json:"created"`
	Attempts int            `json:"attempts"`
	NextTry  Moment         `json:"next_try,omitempty"`
	Sent     Moment         `json:"sent,omitempty" doc:"When the last attempt began"`
	Accepted Moment         `json:"accepted,omitempty" doc:"When the provider took it"`
	Receipt  string         `json:"receipt,omitempty"`
	GivenUp  Moment         `json:"given_up,omitempty"`
	Error    string         `json:"error,omitempty" doc:"Of the last attempt"`
}

// NoticeList is all notices of an incident, by sequence and channel.
type NoticeList struct {
	Items []NoticeView `json:"items"`
}
