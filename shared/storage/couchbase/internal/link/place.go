package link

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/couchbase/gocb/v2"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// place is what a sentence about an operation names.
type place struct {
	link               *Link
	bucket, collection string
}

// explain makes the error for whoever asked for the operation: with its code, a
// sentence that says what to do, and the client's error as the cause.
func (p place) explain(err error) error {
	entry := classify(err)
	if truth, ok := classifyTimeout(err); ok {
		entry = truth
	}
	says := entry.says
	if errors.Is(err, gocb.ErrAuthenticationFailure) && statusOf(err) == accessError {
		says = "the user {user} may not do this in {bucket}.{scope}: give it the roles that the README names"
	}
	if isUntrusted(err) {
		says = "the certificate of {address} is signed by nobody whom we know: check MONITOR_COUCHBASE_CA"
	}
	return monitor.Wrap(entry.code, short{err}, "%s", p.fill(says, err))
}

// unanswered makes the error of a question that ctx left no time for.
func (p place) unanswered(ctx context.Context) error {
	if errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		return p.explain(gocb.ErrUnambiguousTimeout)
	}
	return ended(ctx)
}

// short is an error of the client without the numbers of its request.
type short struct{ error }

// Error returns what comes before them.
func (s short) Error() string {
	text, _, _ := strings.Cut(s.error.Error(), " | {")
	return text
}

// Unwrap returns the whole error.
func (s short) Unwrap() error { return s.error }

func (p place) fill(says string, err error) string {
	address := nodeOf(err)
	if address == "" {
		address = strings.Join(p.link.hosts, ", ")
	}
	user := p.link.settings.User
	if user == "" {
		user = "of the certificate"
	}
	replicas := ""
	if strings.Contains(says, "{replicas}") {
		replicas = p.replicas()
	}
	return strings.NewReplacer(
		"{bucket}", p.bucket, "{scope}", p.link.settings.scope(), "{collection}", p.collection,
		"{user}", user, "{replicas}", replicas, "{address}", address,
	).Replace(says)
}

func (p place) replicas() string {
	router, err := p.link.bucket(p.bucket).client.Internal().IORouter()
	if err != nil {
		return "replicas"
	}
	snapshot, err := router.ConfigSnapshot()
	if err != nil {
		return "replicas"
	}
	number, err := snapshot.NumReplicas()
	if err != nil {
		return "replicas"
	}
	if number == 1 {
		return "1 replica"
	}
	return fmt.Sprintf("%d replicas", number)
}
