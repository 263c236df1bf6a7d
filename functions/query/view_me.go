package query

// Me says who is asking, what they may do, and what they should know.
type Me struct {
	Subject    string              `json:"subject"`
	Auth       string              `json:"auth" enum:"none,token"`
	Role       string              `json:"role" enum:"admin"`
	Namespaces []string            `json:"namespaces" doc:"* stands for all"`
	Refused    *RefusedDefinitions `json:"refused_definitions,omitempty" doc:"The newest definitions, when they are not in force"`
	Stale      Moment              `json:"stale_since,omitempty" doc:"Since when the store has not answered: health comes from memory, and history cannot be read; absent while it does"`
}

// RefusedDefinitions are definitions that were refused, so that the ones before them
// go on. What is wrong with them is for the log alone: it may quote what the
// files hold.
type RefusedDefinitions struct {
	Source string       `json:"source" doc:"The file or folder that they were read from, by its last name"`
	Faults int          `json:"faults" doc:"How many; 0: they could not be read or stored at all"`
	Places []FaultPlace `json:"places" doc:"Where the first of them are"`
}

// FaultPlace is where a definition has a fault.
type FaultPlace struct {
	File   string `json:"file" doc:"By its last name"`
	Line   int    `json:"line" doc:"From 1; 0 stands for the whole file"`
	Column int    `json:"column"`
}
