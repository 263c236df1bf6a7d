package events

// Flow says which event types a function takes and which it emits.
type Flow struct {
	In  []string
	Out []string
}

// Flows returns the flow of every function that handles events, by its name.
// package topology holds the manifests to it.
func Flows() map[string]Flow {
	return map[string]Flow{
		"schedule": {In: []string{TypePing}, Out: []string{TypeProbeDue, TypeShardTick}},
		"probe":    {In: []string{TypeProbeDue}, Out: []string{TypeProbeResults}},
		"store":    {In: []string{TypeProbeResults, TypeShardTick}, Out: []string{TypeRowRejected}},
		"alert":    {In: []string{TypeProbeResults, TypeShardTick}, Out: []string{TypeIncidentChanged}},
		"notify":   {In: []string{TypeIncidentChanged, TypeShardTick}},
	}
}
