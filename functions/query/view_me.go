package query

// Me says who is asking, and what they may do.
type Me struct {
	Subject    string   `json:"subject"`
	Auth       string   `json:"auth" enum:"none,token"`
	Role       string   `json:"role" enum:"admin"`
	Namespaces []string `json:"namespaces" doc:"* stands for all"`
}
