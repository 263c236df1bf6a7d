package webhook

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// event is the CloudEvent. Its type is that of the event inside the monitor;
// its data is made for readers outside: RFC 3339 times, and words.
type event struct {
	SpecVersion string `json:"specversion"`
	ID          string `json:"id"`
	Source      string `json:"source"`
	Type        string `json:"type"`
	Subject     string `json:"subject"`
	Time        string `json:"time,omitempty"`
	ContentType string `json:"datacontenttype"`
	Data        data   `json:"data"`
}

type data struct {
	Change    monitor.Change `json:"change"`
	Namespace string         `json:"namespace"`
	Endpoint  string         `json:"endpoint"`
	Name      string         `json:"name"`
	URL       string         `json:"url,omitempty"`
	Health    health         `json:"health"`
	Reason    string         `json:"reason"`
	Fault     monitor.Fault  `json:"fault,omitempty"`
	At        string         `json:"at,omitempty"`
	Decided   string         `json:"decided,omitempty"`
	Incident  incident       `json:"incident"`
}

type health struct {
	Before monitor.Health `json:"before"`
	After  monitor.Health `json:"after"`
}

type incident struct {
	ID       string        `json:"id"`
	Sequence int           `json:"sequence"`
	Started  string        `json:"started,omitempty"`
	Ended    string        `json:"ended,omitempty"`
	Reason   string        `json:"reason"`
	Fault    monitor.Fault `json:"fault,omitempty"`
}

// Body returns the CloudEvent of a change in structured JSON. The same change
// gives the same bytes. "at" is when the health changed, back-dated to the
// first check that spoke for it; "decided" is when that was settled.
func Body(change *monitor.IncidentChange) ([]byte, error) {
	of, transition := &change.Incident, &change.Transition
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(event{
		SpecVersion: "1.0", ID: change.ID(), Source: "/functions/notify", Type: "monitor.incident.changed.v1",
		Subject: of.Endpoint, Time: rfc3339(change.Decided), ContentType: "application/json",
		Data: data{
			Change: change.Change, Namespace: of.Namespace, Endpoint: of.Endpoint, Name: of.Name, URL: change.URL,
			Health: health{transition.From, transition.To}, Reason: transition.Reason, Fault: transition.Fault,
			At: rfc3339(transition.At), Decided: rfc3339(change.Decided),
			Incident: incident{
				ID: of.ID, Sequence: of.Sequence, Started: rfc3339(of.Started), Ended: rfc3339(of.Ended),
				Reason: of.Reason, Fault: of.Fault,
			},
		},
	})
	return body.Bytes(), monitor.Wrap(monitor.Internal, err, "cannot encode the notice")
}

func rfc3339(at monitor.Instant) string {
	if at == 0 {
		return ""
	}
	return at.Time().Format(time.RFC3339Nano)
}
