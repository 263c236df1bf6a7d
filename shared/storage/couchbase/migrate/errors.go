package migrate

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/couchbase/gocb/v2"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// mayPass reports whether what failed may go well when it is tried again.
func mayPass(err error) bool {
	return !errors.Is(err, monitor.Invalid) && !errors.Is(err, monitor.Forbidden) && !errors.Is(err, monitor.Internal)
}

// late is the error of a run whose time is over, with what it was waiting for.
func late(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		return monitor.Wrap(monitor.Unavailable, err, "the cluster was not ready in time: run the migration again, it goes on from here")
	}
	return errors.Join(monitor.Wrap(monitor.Unavailable, context.Cause(ctx), "the migration was stopped"), err)
}

// managed turns the error of a call to the cluster's management into one with a
// code. Nil: what was to be made is there, or what was to go is gone.
func (r *run) managed(err error, doing string) error {
	var answer *gocb.HTTPError
	switch {
	case err == nil, isDone(err):
		return nil
	case errors.Is(err, gocb.ErrAuthenticationFailure):
		return r.refused(err)
	case !errors.As(err, &answer):
		return monitor.Wrap(monitor.Unavailable, err, "%s: the cluster does not answer", doing)
	}
	switch answer.StatusCode {
	case http.StatusUnauthorized:
		return r.refused(err)
	case http.StatusForbidden:
		return r.forbidden(err, doing)
	case http.StatusBadRequest:
		return monitor.Wrap(monitor.Invalid, err, "%s: the cluster will not: %s", doing, strings.TrimSpace(answer.ErrorText))
	default:
		return monitor.Wrap(monitor.Unavailable, err, "%s: the cluster cannot yet", doing)
	}
}

// asked turns the error of a statement into one with a code, as managed does.
func (r *run) asked(err error, doing string) error {
	var answer *gocb.QueryError
	switch {
	case err == nil, isDone(err):
		return nil
	case errors.Is(err, gocb.ErrAuthenticationFailure):
		return r.forbidden(err, doing)
	case errors.Is(err, gocb.ErrParsingFailure):
		return monitor.Wrap(monitor.Internal, err, "%s: the cluster does not understand the statement", doing)
	case !errors.As(err, &answer):
		return monitor.Wrap(monitor.Unavailable, err, "%s: the query service does not answer", doing)
	}
	said := words(answer)
	if strings.Contains(strings.ToLower(said), "enough indexer nodes") {
		return monitor.Wrap(monitor.Invalid, err, "%s: the cluster has too few nodes with the index service for as many replicas: %s", doing, said)
	}
	return monitor.Wrap(monitor.Unavailable, err, "%s: the cluster cannot yet: %s", doing, said)
}

// isDone reports whether an error says that things are as they were to become.
func isDone(err error) bool {
	return slices.ContainsFunc([]error{
		gocb.ErrBucketExists, gocb.ErrScopeExists, gocb.ErrCollectionExists, gocb.ErrIndexExists, gocb.ErrIndexNotFound,
	}, func(known error) bool { return errors.Is(err, known) })
}

func (r *run) refused(err error) error {
	return monitor.Wrap(monitor.Forbidden, err, "the cluster refuses the user %q: check MONITOR_COUCHBASE_USER and its password", r.user)
}

func (r *run) forbidden(err error, doing string) error {
	return monitor.Wrap(monitor.Forbidden, err, "%s: the user %q may not do that", doing, r.user)
}

func words(answer *gocb.QueryError) string {
	var all []string
	for _, one := range answer.Errors {
		all = append(all, one.Message)
	}
	return strings.Join(all, "; ")
}
