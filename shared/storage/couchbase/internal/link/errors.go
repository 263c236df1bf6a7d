package link

import (
	"context"
	"crypto/tls"
	"errors"
	"net"

	"github.com/couchbase/gocb/v2"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// verdict says what an error of the client means for the operation.
type verdict int

const (
	done    verdict = iota
	final           // another try would end alike
	absent          // there is no such document
	changed         // there is another document
	later           // surely not done; it may be tried again
	unsure          // a write that may have been done, or may be yet
)

// known is an error of the client, what it means, and what to tell people, in
// which {bucket}, {scope}, {collection}, {user}, {replicas} and {address} stand
// for names.
type known struct {
	is      error
	verdict verdict
	code    monitor.Code
	refuses bool // the store cannot keep what is asked, for room, rights or replicas
	says    string
}

// errorTable is read from the top: the first that fits holds.
var errorTable = []known{
	{gocb.ErrDocumentNotFound, absent, monitor.Conflict, false, "the document is gone: read again, then write again"},
	{gocb.ErrDocumentExists, changed, monitor.Conflict, false, "the document has changed: read again, then write again"},
	{gocb.ErrCasMismatch, changed, monitor.Conflict, false, "the document has changed: read again, then write again"},
	{gocb.ErrValueTooLarge, final, monitor.Invalid, false, "a document is larger than Couchbase takes, which is 20 MiB: keep less in one"},
	{gocb.ErrDurabilityAmbiguous, unsure, monitor.Unavailable, false, "too few replicas of the bucket {bucket} confirmed a write: check the nodes that have them"},
	{gocb.ErrDurabilityImpossible, final, monitor.Unavailable, true, "the bucket {bucket} has {replicas}, of which too few answer: bring nodes back, or lower the number of replicas"},
	{gocb.ErrDurabilityLevelNotAvailable, final, monitor.Unavailable, true, "the bucket {bucket} keeps no durable writes: it must be of the type couchbase, on a version 7.2 or later"},
	{gocb.ErrDurableWriteInProgress, later, monitor.Unavailable, false, "an earlier durable write to the same document of {bucket} has not ended: check the nodes that have the replicas"},
	{gocb.ErrDurableWriteReCommitInProgress, later, monitor.Unavailable, false, "an earlier durable write to the same document of {bucket} has not ended: check the nodes that have the replicas"},
	{gocb.ErrTemporaryFailure, later, monitor.Unavailable, true, "the bucket {bucket} is short of memory or warming up: wait, or give it more memory"},
	{gocb.ErrOverload, later, monitor.Unavailable, false, "too many operations wait for one node of Couchbase: try again"},
	{gocb.ErrCircuitBreakerOpen, later, monitor.Unavailable, false, "no answer from {address}: check that the node runs and can be reached"},
	{gocb.ErrDocumentLocked, later, monitor.Unavailable, false, "another program has locked a document of {bucket}.{scope}.{collection}: end that program"},
	{gocb.ErrRateLimitedFailure, later, monitor.Unavailable, false, "Couchbase limits how much the user {user} may ask: raise that limit"},
	{gocb.ErrQuotaLimitedFailure, final, monitor.Unavailable, true, "the bucket {bucket} is full: give it more room"},
	{gocb.ErrBucketNotFound, final, monitor.Unavailable, true, "there is no bucket {bucket}: check MONITOR_BUCKET and MONITOR_BUCKETS, or run the migration (go run ./scripts/couchbase migrate -buckets)"},
	{gocb.ErrScopeNotFound, final, monitor.Unavailable, true, "the bucket {bucket} has no scope {scope}: run the migration (go run ./scripts/couchbase migrate)"},
	{gocb.ErrCollectionNotFound, final, monitor.Unavailable, true, "the bucket {bucket} has no collection {scope}.{collection}: run the migration (go run ./scripts/couchbase migrate)"},
	{gocb.ErrAuthenticationFailure, final, monitor.Unavailable, true, "Couchbase refuses the user {user}: check MONITOR_COUCHBASE_USER and MONITOR_COUCHBASE_PASSWORD"},
	{gocb.ErrUnsupportedOperation, final, monitor.Unavailable, true, "Couchbase is too old: it must be version 7.2 or later"},
	{gocb.ErrFeatureNotAvailable, final, monitor.Unavailable, true, "Couchbase is too old: it must be version 7.2 or later"},
	{gocb.ErrShutdown, final, monitor.Unavailable, false, "the connection to Couchbase is closed"},
	{gocb.ErrPlanningFailure, final, monitor.Unavailable, false, "an index is missing: run the migration (go run ./scripts/couchbase migrate)"},
	{gocb.ErrIndexNotFound, later, monitor.Unavailable, false, "an index is missing: run the migration (go run ./scripts/couchbase migrate)"},
	{gocb.ErrIndexFailure, later, monitor.Unavailable, false, "the index service does not answer: check the nodes that have the indexes"},
	{gocb.ErrPreparedStatementFailure, later, monitor.Unavailable, false, "the query service has lost a prepared statement: try again"},
	{gocb.ErrServiceNotAvailable, later, monitor.Unavailable, false, "no node of the cluster offers the service that is asked for: check that the query service runs"},
	{gocb.ErrParsingFailure, final, monitor.Internal, false, "Couchbase does not understand a statement of the monitor"},
	{gocb.ErrInvalidArgument, final, monitor.Internal, false, "Couchbase does not understand a request of the monitor"},
	{gocb.ErrUnambiguousTimeout, later, monitor.Unavailable, false, "no answer from {address}: check that the node runs and can be reached"},
	{gocb.ErrAmbiguousTimeout, unsure, monitor.Unavailable, false, "no answer from {address}: check that the node runs and can be reached"},
}

// reasonTable says, by why the client tried again and again, what a time-out was
// in truth.
var reasonTable = []struct {
	reason gocb.RetryReason
	means  error
}{
	{gocb.KVCollectionOutdatedRetryReason, gocb.ErrCollectionNotFound},
	{gocb.KVSyncWriteInProgressRetryReason, gocb.ErrDurableWriteInProgress},
	{gocb.KVSyncWriteRecommitInProgressRetryReason, gocb.ErrDurableWriteReCommitInProgress},
	{gocb.KVLockedRetryReason, gocb.ErrDocumentLocked},
	{gocb.KVTemporaryFailureRetryReason, gocb.ErrTemporaryFailure},
	{gocb.KVErrMapRetryReason, gocb.ErrTemporaryFailure},
	{gocb.QueryIndexNotFoundRetryReason, gocb.ErrIndexNotFound},
	{gocb.QueryPreparedStatementFailureRetryReason, gocb.ErrPreparedStatementFailure},
	{gocb.ServiceNotAvailableRetryReason, gocb.ErrServiceNotAvailable},
	{gocb.CircuitBreakerOpenRetryReason, gocb.ErrCircuitBreakerOpen},
}

// unnamed is what an error means that the table does not have.
var unnamed = []known{
	{nil, unsure, monitor.Unavailable, false, "the connection to {address} broke: check that the node runs and can be reached"},
	{nil, later, monitor.Unavailable, true, "Couchbase refuses a write to the bucket {bucket}: see its log"},
}

// named returns what the table says of the error, if it has it.
func named(err error) (known, bool) {
	for _, entry := range errorTable {
		if errors.Is(err, entry.is) {
			return entry, true
		}
	}
	return known{}, false
}

// classify returns what the error means.
func classify(err error) known {
	if entry, ok := named(err); ok {
		return entry
	}
	if statusOf(err) != 0 {
		return unnamed[1]
	}
	return unnamed[0]
}

// classifyTimeout returns what a time-out was in truth, if the client knows.
func classifyTimeout(err error) (known, bool) {
	timeout, ok := errors.AsType[*gocb.TimeoutError](err)
	if !ok {
		return known{}, false
	}
	for _, entry := range reasonTable {
		for _, reason := range timeout.RetryReasons {
			if reason.Description() == entry.reason.Description() {
				return classify(entry.means), true
			}
		}
	}
	return known{}, false
}

// isSent tells whether a write that timed out may have reached a node.
func isSent(err error) bool {
	timeout, ok := errors.AsType[*gocb.TimeoutError](err)
	return !ok || timeout.LastDispatchedTo != ""
}

func verdictOf(err error) verdict {
	if err == nil {
		return done
	}
	if entry := classify(err); entry.verdict != unsure || isSent(err) {
		return entry.verdict
	}
	return later
}

// accessError is the status of what the user may not do (memcached's binary
// protocol, EACCESS).
const accessError = 0x24

// statusOf returns the status that a node answered with; 0: it did not answer.
func statusOf(err error) int {
	if answer, ok := errors.AsType[*gocb.KeyValueError](err); ok {
		return int(answer.StatusCode)
	}
	return 0
}

// nodeOf returns the address of the node that the error is about, if it has one.
func nodeOf(err error) string {
	if timeout, ok := errors.AsType[*gocb.TimeoutError](err); ok && timeout.LastDispatchedTo != "" {
		return timeout.LastDispatchedTo
	}
	if answer, ok := errors.AsType[*gocb.KeyValueError](err); ok && answer.LastDispatchedTo != "" {
		return answer.LastDispatchedTo
	}
	if broken, ok := errors.AsType[*net.OpError](err); ok && broken.Addr != nil {
		return broken.Addr.String()
	}
	return ""
}

// ended returns the Unavailable error of an operation whose context has ended.
func ended(ctx context.Context) error {
	return monitor.Wrap(monitor.Unavailable, context.Cause(ctx), "nobody waits for the answer of Couchbase any more")
}

func isUntrusted(err error) bool {
	_, ok := errors.AsType[*tls.CertificateVerificationError](err)
	return ok
}
