package monitor

// Channel is a place where notices go. Exactly one of its kinds is set.
// Tokens and URLs may hold secrets as references (${NAME}) only.
type Channel struct {
	Namespace string   `json:"namespace"`
	Name      string   `json:"name"`
	Slack     *Slack   `json:"slack,omitempty"`
	Webhook   *Webhook `json:"webhook,omitempty"`
}

// Slack is a conversation that a bot token may post to, or an incoming webhook,
// which can post but not edit. Either Token and Channel are set, or Webhook.
type Slack struct {
	Token   string `json:"token,omitempty"`
	Channel string `json:"channel,omitempty"`
	Webhook string `json:"webhook,omitempty"` // its URL is a secret
}

// Webhook is a URL that takes CloudEvents in structured JSON by POST.
type Webhook struct {
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers,omitempty"`
}

// Key is the channel's name in keys: namespace/name.
func (c Channel) Key() string { return c.Namespace + "/" + c.Name }

// Hears tells whether the channel is told of such a change: openings and
// resolutions go everywhere, an update only where the message about the opening
// can be edited.
func (c Channel) Hears(change Change) bool {
	return change != Updated || c.Slack != nil && c.Slack.Webhook == ""
}

// Catalog is everything that people define: what is watched and who is told.
// Endpoints and channels are sorted by key. Revision rises with every change.
type Catalog struct {
	Revision  int64      `json:"revision"`
	Endpoints []Endpoint `json:"endpoints"`
	Channels  []Channel  `json:"channels"`
}

// CatalogChange is a set of writes that come into force together.
type CatalogChange struct {
	PutEndpoints    []Endpoint
	DeleteEndpoints []string // keys
	PutChannels     []Channel
	DeleteChannels  []string // keys
}

// Empty tells whether the change changes nothing.
func (c CatalogChange) Empty() bool {
	return len(c.PutEndpoints)+len(c.DeleteEndpoints)+len(c.PutChannels)+len(c.DeleteChannels) == 0
}
