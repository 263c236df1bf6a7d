package monitor

// Health is what is believed of an endpoint.
type Health string

// The healths.
const (
	Up       Health = "up"
	Degraded Health = "degraded"
	Down     Health = "down"
	Unknown  Health = "unknown" // nobody could see it for a while
)

// Transition is a change of health. At is back-dated to the first check that
// speaks for it; Decided is the due time of the check that settled it.
type Transition struct {
	From     Health   `json:"from"`
	To       Health   `json:"to"`
	At       Instant  `json:"at"`
	Decided  Instant  `json:"decided"`
	Reason   string   `json:"reason"`
	Fault    Fault    `json:"fault,omitempty"`
	Saw      Sight    `json:"saw,omitzero"`       // by the first check that speaks for it
	Evidence []string `json:"evidence,omitempty"` // check IDs, oldest first, MaxEvidence at most
}

// MaxEvidence is how many checks a transition names: the first ones.
const MaxEvidence = 10
