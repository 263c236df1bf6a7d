package probe

import (
	"context"

	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
)

// Look makes one request and says what came back. It never fails: what went
// wrong is the answer's fault. It gives up when the request's timeout is over
// or ctx ends; what it returns in the second case is not used.
type Look func(ctx context.Context, request *look.Request) look.Answer

// OnLost takes whom to tell when an endpoint's kept connection was closed by the
// peer while nobody looked. It is called once, before the first look. What it
// was given does not wait.
type OnLost func(told func(endpoint, location string))

// Reveal fills in the secrets that a text of a namespace refers to, and names
// the values it filled in. Its errors hold no values and say what to do.
type Reveal func(namespace, text string) (filled string, values []string, err error)
